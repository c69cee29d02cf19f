"""Our own registration at Entra against our rows, before customers come. Only the home tenant is
asked.
"""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from django.utils import timezone

from consent.advising import Wall, advise
from consent.checking.drift import differences, redirect_addresses, signs_in
from consent.checking.items import Grade, Item
from consent.checking.refusals import no_registration, no_token
from consent.models import AppRegistration
from consent.registrations import brings_wall_back
from tenants.microsoft import graph, login
from tenants.microsoft.credentials import Credential, CredentialUnreadable, credential
from tenants.microsoft.errors import MicrosoftError
from tenants.microsoft.permissions import GRAPH, Kind, Permission, is_known
from tenants.microsoft.registration import RegisteredApplication, registered_application

#: A credential that ends sooner than this is worth a word.
ENDS_SOON: Final = timedelta(days=30)
_SIGN_IN: Final = frozenset(Permission(GRAPH, Kind.DELEGATED, one) for one in ("openid", "profile"))


def examine(app: AppRegistration) -> list[Item]:
    """Everything that can be known before going live, each with its fix.

    Asks Microsoft about the home tenant alone; never call it inside a transaction.
    """
    items = [*_own_rows(app)]
    if not app.credential:
        return [*items, _without_credential()]
    if not app.home_tenant_id:
        fix = "Set home_tenant_id in the file and run register_app again."
        return [*items, Item(Grade.FAILED, "The home tenant is not known.", fix)]
    try:
        token = _token(app)
    except (MicrosoftError, CredentialUnreadable) as error:
        return [*items, no_token(app, error)]
    items.append(Item(Grade.OK, "The credential works in the home tenant."))
    items += _witness_at_home(app)
    try:
        found = asyncio.run(_read(app, token))
    except MicrosoftError as error:
        return [*items, no_registration(error)]
    return [*items, *compare(app, found)]


def held(app: AppRegistration) -> Credential:
    """The credential of that app as the environment holds it now. Raises CredentialUnreadable."""
    return credential(app.credential, app.client_id)


def read(app: AppRegistration) -> RegisteredApplication:
    """The registration as it stands at Entra; never call it inside a transaction.

    Raises CredentialUnreadable, NotAllowed where the app may not read itself, and what a token or
    a call to Graph raises.
    """
    return asyncio.run(_read(app, _token(app)))


def _witness_at_home(app: AppRegistration) -> Iterator[Item]:
    witness = app.witness()
    if witness is None:
        return
    resource = app.microsoft.resource_address(witness.resource_client_id)
    try:
        token = login.app_token(app.microsoft, app.home_tenant_id, held(app), resource=resource)
        roles = {role.lower() for role in token.roles}
    except MicrosoftError:
        roles = set()
    if witness.name.lower() not in roles:
        yield Item(
            Grade.FAILED,
            f"Your own tenant does not hold the witness {witness}, so nobody would notice where an "
            "approval is missing or withdrawn.",
            "Approve the app in your own tenant, with the witness among its API permissions.",
        )


def _token(app: AppRegistration) -> login.AppToken:
    return login.app_token(app.microsoft, app.home_tenant_id, held(app))


async def _read(app: AppRegistration, token: login.AppToken) -> RegisteredApplication:
    async with graph.new_session() as session:
        return await registered_application(session, app.microsoft, token, app.client_id)


def _own_rows(app: AppRegistration) -> Iterator[Item]:
    of_graph = [one for one in app.permissions() if one.resource_client_id == GRAPH]
    unknown = [one for one in of_graph if not is_known(one)]
    fix = "Correct the names in the file and run register_app again."
    if not app.permissions():
        yield Item(Grade.FAILED, "No permission is registered.", fix)
    elif unknown:
        yield Item(Grade.FAILED, f"Microsoft Graph does not know {_names(unknown)}.", fix)
    else:
        yield Item(Grade.OK, "Every permission of Microsoft Graph exists there.")
    yield from _whom_it_stops(app)
    if witness := app.witness():
        yield Item(
            Grade.WARNING,
            f"{witness} is a witness, which nobody has tried against the real Microsoft yet.",
            "Approve the app in a tenant for tests, and compare what check_tenant says with what "
            "that tenant's admin centre shows.",
        )
    if brings_wall_back(app.connect_url):
        yield Item(
            Grade.FAILED,
            "connect_url asks for prompt=consent, which stops users even after an approval.",
            "Leave prompt=consent out of it.",
        )


def _whom_it_stops(app: AppRegistration) -> Iterator[Item]:
    """Nothing to mend, and worth knowing before customers come."""
    advice = advise(app)
    if advice.wall == Wall.NOWHERE:
        yield Item(Grade.OK, "Users may approve every permission themselves.")
    elif advice.wall != Wall.UNKNOWN:
        where = "in every organisation"
        if advice.wall == Wall.MANAGED:
            where = f"under Microsoft's own rule, since {advice.since}"
        stopping = [cause.permission for cause in advice.causes if cause.wall == advice.wall]
        found = f"An administrator has to approve {where}, because of {_names(stopping)}."
        yield Item(Grade.OK, found)


def _without_credential() -> Item:
    return Item(
        Grade.WARNING,
        "No credential is named: the app counts as somebody else's. Links have no way back and "
        "only reported connections prove an approval.",
        "If the app is yours, set credential and home_tenant_id and run register_app again.",
    )


def compare(app: AppRegistration, found: RegisteredApplication) -> Iterator[Item]:
    """What stands at Entra against our rows. Asks nobody."""
    yield from _redirects(found)
    yield _audience(found)
    yield from _claims(app, found)
    yield from _drift(app, found)
    yield _publisher(app, found)
    yield from _ending(found)


def _redirects(found: RegisteredApplication) -> Iterator[Item]:
    for address in redirect_addresses():
        if address in found.redirect_uris:
            yield Item(Grade.OK, f"{address} is registered, type Web.")
        else:
            yield Item(
                Grade.FAILED,
                f"{address} is not registered as type Web.",
                "Add exactly this address under Authentication, platform Web.",
            )


def _audience(found: RegisteredApplication) -> Item:
    if found.is_multi_tenant:
        return Item(Grade.OK, "Accounts of any organisation may use the app.")
    return Item(
        Grade.FAILED,
        "Only accounts of your own organisation may use the app.",
        "Under Authentication, supported account types, choose any organisational directory.",
    )


def _claims(app: AppRegistration, found: RegisteredApplication) -> Iterator[Item]:
    if not signs_in(app.permissions()):
        return  # no sign-in proves anything here
    if not found.shows_roles:
        yield Item(
            Grade.FAILED,
            "ID tokens do not show an administrator's roles, so no sign-in proves an approval.",
            'Set "groupMembershipClaims": "DirectoryRole" in the manifest.',
        )
    elif not app.shows_roles:
        yield Item(
            Grade.FAILED,
            "ID tokens show roles, though our row says that they do not.",
            "Set shows_roles = true in the file and run register_app again.",
        )
    else:
        yield Item(Grade.OK, "ID tokens show an administrator's roles.")


def _drift(app: AppRegistration, found: RegisteredApplication) -> Iterator[Item]:
    missing, extra = differences(app, found)
    if found.nameless:
        yield Item(
            Grade.WARNING,
            "Your own tenant does not have the APIs "
            f"{', '.join(sorted(found.nameless))}, so their permissions cannot be compared.",
            "Compare them by hand under API permissions.",
        )
    if missing:
        yield Item(
            Grade.FAILED,
            f"Needed, but not in the registration at Entra: {_names(missing)}.",
            "Add them under API permissions.",
        )
    if extra:
        yield Item(
            Grade.FAILED,
            f"In the registration at Entra, but not in our rows: {_names(extra)}.",
            "Remove them under API permissions, or give each its reason in the file and run "
            "register_app again.",
        )
    if not missing and not extra:
        yield Item(Grade.OK, "Both sides name the same permissions.")
    signing_in = _SIGN_IN - found.permissions
    kinds = {one.kind for one in app.permissions() if not one.is_for_sign_in}
    if signing_in and kinds == {Kind.DELEGATED, Kind.APPLICATION}:
        yield Item(
            Grade.FAILED,
            f"The consent page would not cover {_names(signing_in)}, which the proof needs.",
            "Add openid and profile under API permissions, delegated.",
        )


def _publisher(app: AppRegistration, found: RegisteredApplication) -> Item:
    if found.verified_publisher:
        return Item(Grade.OK, f"The publisher is verified as {found.verified_publisher}.")
    fix = "Verify the publisher under Branding & properties; administrators look for it."
    if app.publisher_verified:
        found_words = "Our pages say that the publisher is verified, Microsoft says that it is not."
        return Item(Grade.FAILED, found_words, f"{fix} Until then set publisher_verified = false.")
    return Item(Grade.WARNING, "The publisher is not verified.", fix)


def _ending(found: RegisteredApplication) -> Iterator[Item]:
    now = timezone.now()
    lasting = [one for one in found.credentials if one.ends_at > now + ENDS_SOON]
    if found.credentials and not lasting:
        last = max(one.ends_at for one in found.credentials)
        yield Item(
            Grade.WARNING,
            f"The last credential of the app ends on {last:%Y-%m-%d}.",
            "Make a new one at Entra and change it here before that day.",
        )


def _names(permissions: Iterable[Permission]) -> str:
    """For people, in one order; nothing where there are none."""
    return ", ".join(sorted(f"{one.name} ({one.kind.value})" for one in permissions))
