"""The pages at which people sign in, read what is asked, and decide."""

from collections.abc import Iterable

from aiohttp import web

from .catalogue import APIS, Permission
from .errors import EntraError
from .pages import NOTHING, each, fragment, page
from .policy import Wall
from .seed import Account, Kind
from .state import Registration, TenantState

_WALL_TEXTS = {
    90094: "needs permission that only an administrator can grant",
    90095: "needs approval that only an administrator can give",
    900941: "may be risky, and only an administrator can grant it permission",
}


def sign_in_page(
    tenant: TenantState | None,
    signed_in: Iterable[str],
    *,
    hint: str = "",
    problem: EntraError | None = None,
) -> web.Response:
    """The form `#signin`; everybody of the tenant is offered, and any address may be typed."""
    there = list(tenant.tenant.accounts) if tenant else []
    present = {account.address for account in there}
    rows: list[dict[str, object]] = [
        {
            "address": account.address,
            "name": account.name,
            "what": ", ".join(role.title for role in account.roles) or "User",
        }
        for account in there
    ]
    rows += [
        {"address": address, "name": address, "what": "Signed in, from elsewhere"}
        for address in signed_in
        if address not in present
    ]
    return page(
        "signin",
        "Pick an account",
        tenant=tenant.tenant.name if tenant else "any organisation",
        hint=hint,
        problem=fragment("_problem", text=problem.text) if problem else NOTHING,
        accounts=each("_account", rows),
    )


def _permissions(wanted: Iterable[Permission]) -> list[dict[str, object]]:
    return [
        {
            "value": one.value,
            "kind": "as the signed-in user"
            if one.kind is Kind.DELEGATED
            else "as itself, without a user",
            "resource": APIS[one.resource].name,
        }
        for one in wanted
    ]


def _about(registration: Registration) -> dict[str, object]:
    return {
        "app": registration.app.name,
        "publisher": registration.app.publisher,
        "verified": "verified" if registration.is_publisher_verified else "unverified",
        "client_id": registration.client_id,
    }


def decision_page(
    tenant: TenantState,
    registration: Registration,
    account: Account,
    wanted: list[Permission],
    *,
    for_everyone: bool,
    offer_organisation: bool = False,
) -> web.Response:
    """The form `#consent`: accept or cancel, for the whole organisation or for oneself.

    `offer_organisation` adds the box that turns a personal approval into everybody's; it is off.
    """
    title = "Permissions requested"
    return page(
        "consent",
        f"{title}: review for your organisation" if for_everyone else title,
        **_about(registration),
        tenant=tenant.tenant.name,
        account=account.address,
        scope_note=fragment("_everyone" if for_everyone else "_oneself"),
        permissions=each("_permission", _permissions(wanted)),
        organisation=fragment("_organisation") if offer_organisation else NOTHING,
    )


def wall_page(
    registration: Registration,
    account: Account,
    wall: Wall,
    *,
    other_account: str,
    way_back: str | None = None,
) -> web.Response:
    """The dead end. `other_account` and `way_back` are addresses; the latter may be missing."""
    error = EntraError(
        wall.code,
        "access_denied",
        f"{registration.app.name} {_WALL_TEXTS[wall.code]}.",
    )
    titles = {90095: "Approval required", 900941: "This app may be risky"}
    return page(
        "wall",
        titles.get(wall.code, "Need admin approval"),
        **_about(registration),
        account=account.address,
        text=error.text,
        request_form=fragment("_request_form", account=account.address)
        if wall.has_request_form
        else NOTHING,
        other_account=other_account,
        way_back=fragment("_way_back", address=way_back) if way_back else NOTHING,
        code=error.code,
        trace_id=error.trace_id,
        correlation_id=error.correlation_id,
        timestamp=error.timestamp,
    )
