"""How our registration at Entra differs from our rows, and from what they rely on. Asks nobody."""

from collections.abc import Iterable

from consent import attempts, proofs
from consent.models import AppRegistration
from tenants.microsoft.permissions import Kind, Permission
from tenants.microsoft.registration import RegisteredApplication


def redirect_addresses() -> tuple[str, str]:
    """Both addresses of ours that Entra must know, as type Web."""
    return attempts.return_address(), proofs.return_address()


def differences(
    app: AppRegistration, found: RegisteredApplication
) -> tuple[frozenset[Permission], frozenset[Permission]]:
    """What we need and Entra does not list, and what Entra lists and our rows do not. An API that
    has no names there cannot be compared.
    """
    ours, theirs = (
        frozenset(
            one
            for one in side
            if not one.is_for_sign_in and one.resource_client_id not in found.nameless
        )
        for side in (app.permissions(), found.permissions)
    )
    return ours - theirs, theirs - ours


def misfits(app: AppRegistration, found: RegisteredApplication) -> list[str]:
    """What else is not as our pages and proofs have it, in fixed words: an `address` of ours is not
    registered, so that Microsoft sends nobody back; the `audience` is our own organisation alone;
    ID tokens show no `roles` though our row says so; the `publisher` is not verified, though our
    pages say so.
    """
    holds = {
        "address": not found.redirect_uris.issuperset(redirect_addresses()),
        "audience": not found.is_multi_tenant,
        "roles": signs_in(app.permissions()) and app.shows_roles and not found.shows_roles,
        "publisher": app.publisher_verified and not found.verified_publisher,
    }
    return [name for name, is_so in holds.items() if is_so]


def signs_in(permissions: Iterable[Permission]) -> bool:
    """Some sign-in could prove an approval of these: one of them is delegated."""
    return any(one.kind == Kind.DELEGATED for one in permissions)
