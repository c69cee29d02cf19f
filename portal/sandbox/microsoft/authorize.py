"""The sign-in endpoint: silent or with pages, with the consent of one user where it is missing.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

from uuid import uuid4

from aiohttp import web

from . import grants, sessions
from .catalogue import Permission
from .codes import Code, granted_scopes, new_code
from .consent_page import decision_page, sign_in_page, wall_page
from .directory import Directory
from .errors import EntraError
from .pages import error_page
from .policy import Wall, is_covered, is_shut_out, may_approve_for_everyone, wall_for
from .scopes import Asked, read_scopes
from .seed import Account
from .state import TenantState
from .trip import Trip, counted, disabled, read_trip, user_declined
from .web import MANY_TENANTS, here, state_of, tenant_here

# What Microsoft shows on a page of its own when it may show one.
_STAYS = frozenset({50020, 50034, 50105, 7000112, 650053, 500011, 90002, 90038})


async def authorize(request: web.Request) -> web.StreamResponse:
    """Answer one sign-in request, or one form posted on its pages."""
    state_of(request).count(counted(request), "authorize")
    try:
        trip = read_trip(request)
    except EntraError as error:
        return error_page(error)
    try:
        asked = _check(trip)
        if trip.is_silent:
            return _silent(trip, asked)
        return await _with_pages(trip, asked)
    except EntraError as error:
        return _refusal(trip, error)


def _check(trip: Trip) -> Asked:
    if trip.query.get("response_type") != "code":
        raise EntraError(
            700054,
            "unsupported_response_type",
            "Only response_type 'code' is enabled for this app.",
        )
    if trip.query.get("response_mode", "query") not in {"query", "fragment"}:
        raise EntraError(
            900144, "invalid_request", "This response_mode is not supported by the simulation."
        )
    if trip.name.lower() not in MANY_TENANTS:
        tenant_here(trip.state, trip.name)
    return read_scopes(trip.query.get("scope", ""), here=here(trip.request))


def _silent(trip: Trip, asked: Asked) -> web.Response:
    tenant, account = sessions.silent_account(
        trip.state,
        trip.name,
        sessions.addresses(trip.request),
        trip.query.get("login_hint", ""),
    )
    directory = _let_in(trip, tenant, account)
    if not is_covered(directory, trip.registration, account, asked):
        raise EntraError(
            65001,
            "consent_required",
            f"Neither the user nor an administrator has consented to use the application "
            f"'{trip.registration.client_id}' with the permissions it asked for.",
        )
    return _with_code(trip, tenant, account, asked, directory)


def _let_in(trip: Trip, tenant: TenantState, account: Account) -> Directory:
    """The directory as seen now. Raises EntraError 7000112 or 50105."""
    directory = tenant.read()
    service_principal = directory.service_principals.get(trip.registration.client_id)
    if service_principal and not service_principal.is_enabled:
        raise disabled(trip.registration)
    if is_shut_out(directory, trip.registration, account):
        raise EntraError(
            50105,
            "interaction_required",
            f"The signed-in user is not assigned to the application "
            f"'{trip.registration.client_id}' ({trip.registration.app.name}), which lets in "
            "assigned people only.",
        )
    return directory


def _with_code(
    trip: Trip, tenant: TenantState, account: Account, asked: Asked, directory: Directory
) -> web.Response:
    code = Code(
        trip.registration,
        tenant,
        account,
        trip.redirect_uri,
        asked,
        granted_scopes(directory, trip.registration, account, asked),
        trip.query.get("nonce"),
        trip.query.get("code_challenge"),
        trip.query.get("code_challenge_method", "plain"),
        expires_at=0.0,
    )
    return trip.back({"code": new_code(trip.state, code), "session_state": str(uuid4())})


async def _with_pages(trip: Trip, asked: Asked) -> web.StreamResponse:
    form = await trip.request.post()
    address = sessions.typed(form) or _already_signed_in(trip)
    if not address:
        return _sign_in_page(trip)
    if trip.state.home_of(address) is None:
        return _sign_in_page(trip, sessions.unknown_account(address))
    # Whoever signs in stays signed in, whatever becomes of the request.
    key = sessions.sign_in(trip.request, address)
    try:
        tenant, account = sessions.arrive(trip.state, trip.name, address)
        fields = {name: str(form[name]) for name in form}
        answer = _decide(trip, asked, tenant, account, fields)
    except EntraError as error:
        answer = _refusal(trip, error)
    sessions.remember(answer, key)
    return answer


def _refusal(trip: Trip, error: EntraError) -> web.Response:
    if error.code in _STAYS and not trip.is_silent:
        return error_page(error)
    return trip.back(error.query(here(trip.request)))


def _already_signed_in(trip: Trip) -> str:
    if {"select_account", "login"} & set(trip.prompts):
        return ""
    found = sessions.usable(trip.state, trip.name, sessions.addresses(trip.request))
    hint = trip.query.get("login_hint", "").lower()
    if hint:
        found = [one for one in found if one == hint]
    return found[0] if len(found) == 1 else ""


def _sign_in_page(trip: Trip, problem: EntraError | None = None) -> web.Response:
    return sign_in_page(
        trip.state.find_tenant(trip.name),
        sessions.addresses(trip.request),
        hint=trip.query.get("login_hint", ""),
        problem=problem,
    )


def _decide(
    trip: Trip, asked: Asked, tenant: TenantState, account: Account, form: dict[str, str]
) -> web.Response:
    directory = _let_in(trip, tenant, account)
    wanted = asked.delegated_for(trip.registration)
    decision = form.get("decision")
    covered = is_covered(directory, trip.registration, account, asked)
    if covered and "consent" not in trip.prompts:
        return _with_code(trip, tenant, account, asked, directory)
    wall = wall_for(tenant, trip.registration, account, wanted)
    if wall:
        return _walled(trip, tenant, account, wall, form)
    may_for_all = may_approve_for_everyone(account, wanted)
    if decision == "cancel":
        raise user_declined()
    if decision == "accept":
        _approve(trip, tenant, account, wanted, for_all=may_for_all and _ticked(form))
        return _with_code(trip, tenant, account, asked, tenant.directory.newest)
    return decision_page(
        tenant,
        trip.registration,
        account,
        wanted,
        for_everyone=False,
        offer_organisation=may_for_all,
    )


def _ticked(form: dict[str, str]) -> bool:
    return form.get("for_organisation", "") not in {"", "off", "0", "false"}


def _approve(
    trip: Trip,
    tenant: TenantState,
    account: Account,
    wanted: list[Permission],
    *,
    for_all: bool,
) -> None:
    grants.add(tenant, trip.registration, wanted, account=None if for_all else account)


def _walled(
    trip: Trip, tenant: TenantState, account: Account, wall: Wall, form: dict[str, str]
) -> web.Response:
    if form.get("decision") == "request" and wall.has_request_form:
        tenant.approval_requests.append(
            {
                "app": trip.registration.app.slug,
                "by": account.address,
                "justification": form.get("justification", "")[:1000],
            }
        )
        raise user_declined()
    address = trip.request.rel_url.update_query(prompt="select_account")
    return wall_page(
        trip.registration,
        account,
        wall,
        other_account=str(address),
        way_back=trip.back(user_declined().query(here(trip.request))).headers["Location"],
    )
