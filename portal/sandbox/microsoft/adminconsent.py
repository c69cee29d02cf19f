"""The page at which an administrator approves an app for the whole organisation, both versions.

https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from . import grants, sessions
from .catalogue import Permission
from .consent_page import decision_page, sign_in_page, wall_page
from .errors import EntraError
from .pages import error_page
from .policy import Wall, may_approve_for_everyone
from .scopes import Asked, read_scopes
from .seed import Account
from .state import Registration, State, TenantState
from .trip import (
    counted,
    disabled,
    known_app,
    no_address,
    unregistered_address,
    user_declined,
)
from .web import MANY_TENANTS, here, state_of, tenant_here

# These come back to the app; everything else ends on a page of Microsoft's.
_COMES_BACK = frozenset({50020, 65004, 1003031, 650051})


@dataclass(frozen=True)
class Approval:
    """One request for admin consent. Without `asked` it is version 1: all that is registered."""

    request: web.Request
    state: State
    registration: Registration
    redirect_uri: str
    asked: Asked | None

    @property
    def name(self) -> str:
        """The tenant's name in the path."""
        return self.request.match_info["tenant"]

    def wanted(self) -> list[Permission]:
        """The permissions to approve. Raises EntraError 1003031 for an empty registration."""
        if self.asked and not self.asked.everything_of:
            return list(self.asked.delegated)
        if not self.registration.permissions:
            raise EntraError(
                1003031,
                "access_denied",
                "The registration of the app lists no permission that could be approved.",
            )
        return list(self.registration.permissions)

    def back(self, values: dict[str, str]) -> web.Response:
        """The redirect to the app. `admin_consent=True` stands in it whatever happened.

        Raises EntraError 500113 where nothing is registered; what was approved stays approved.
        """
        if not self.redirect_uri:
            raise no_address(self.registration)
        values = {"admin_consent": "True", **values}
        if "state" in self.request.query:
            values["state"] = self.request.query["state"]
        mark = "&" if "?" in self.redirect_uri else "?"
        return web.Response(
            status=303, headers={"Location": f"{self.redirect_uri}{mark}{urlencode(values)}"}
        )


async def adminconsent_v2(request: web.Request) -> web.StreamResponse:
    """Version 2: names its scopes, and the return address must be exactly a registered one."""
    return await _adminconsent(request, is_v2=True)


async def adminconsent_v1(request: web.Request) -> web.StreamResponse:
    """Version 1: no scopes, and the return address may be left out."""
    return await _adminconsent(request, is_v2=False)


async def _adminconsent(request: web.Request, *, is_v2: bool) -> web.StreamResponse:
    state_of(request).count(counted(request), "adminconsent")
    try:
        approval = _read(request, is_v2=is_v2)
        return await _at_the_page(approval)
    except EntraError as error:
        return error_page(error)


def _read(request: web.Request, *, is_v2: bool) -> Approval:
    state, query = state_of(request), request.query
    if request.match_info["tenant"].lower() not in MANY_TENANTS:
        tenant_here(state, request.match_info["tenant"])
    registration = known_app(state, query.get("client_id", ""), request.match_info["tenant"])
    redirect_uri = query.get("redirect_uri", "")
    if is_v2:
        for name in ("redirect_uri", "scope"):
            if not query.get(name):
                raise EntraError(
                    900144, "invalid_request", f"The request lacks the parameter '{name}'."
                )
        fits = redirect_uri in registration.redirect_uris
        asked = read_scopes(query["scope"], here=here(request)) if fits else None
    else:
        registered = registration.redirect_uris
        redirect_uri = redirect_uri or next(iter(registered), "")
        # The older page tolerates more path behind a registered address.
        fits = not redirect_uri or any(redirect_uri.startswith(one) for one in registered)
        asked = None
    if not fits:
        raise unregistered_address(redirect_uri, registration)
    return Approval(request, state, registration, redirect_uri, asked)


async def _at_the_page(approval: Approval) -> web.StreamResponse:
    form = await approval.request.post()
    address = sessions.typed(form) or _already_signed_in(approval)
    if not address:
        return _sign_in_page(approval)
    if approval.state.home_of(address) is None:
        return _sign_in_page(approval, sessions.unknown_account(address))
    # Whoever signs in stays signed in, whatever becomes of the request.
    key = sessions.sign_in(approval.request, address)
    try:
        tenant, account = sessions.arrive(approval.state, approval.name, address)
        answer = _decide(approval, tenant, account, str(form.get("decision", "")))
    except EntraError as error:
        answer = _refusal(approval, error)
    sessions.remember(answer, key)
    return answer


def _refusal(approval: Approval, error: EntraError) -> web.Response:
    if error.code in _COMES_BACK and approval.redirect_uri:
        return approval.back(error.query(here(approval.request)))
    return error_page(error)


def _already_signed_in(approval: Approval) -> str:
    if approval.request.query.get("prompt") == "select_account":
        return ""
    signed_in = sessions.addresses(approval.request)
    found = sessions.usable(approval.state, approval.name, signed_in)
    return found[0] if len(found) == 1 else ""


def _sign_in_page(approval: Approval, problem: EntraError | None = None) -> web.Response:
    return sign_in_page(
        approval.state.find_tenant(approval.name),
        sessions.addresses(approval.request),
        problem=problem,
    )


def _decide(
    approval: Approval, tenant: TenantState, account: Account, decision: str
) -> web.Response:
    service_principal = tenant.directory.newest.service_principals.get(
        approval.registration.client_id
    )
    if service_principal and not service_principal.is_enabled:
        raise disabled(approval.registration)
    wanted = approval.wanted()
    # The app is installed by the approval itself, so its own API is there in time.
    foreign = {one.resource for one in wanted} - {approval.registration.client_id}
    if not all(tenant.has_api(tenant.directory.newest, api) for api in foreign):
        raise _not_subscribed(approval.registration)
    if not may_approve_for_everyone(account, wanted):
        return wall_page(
            approval.registration,
            account,
            Wall(90094),
            other_account=str(approval.request.rel_url.update_query(prompt="select_account")),
        )
    if decision == "cancel":
        raise _cancelled()
    if decision == "accept":
        return _approved(approval, tenant, wanted)
    return decision_page(tenant, approval.registration, account, wanted, for_everyone=True)


def _not_subscribed(registration: Registration) -> EntraError:
    return EntraError(
        650052,
        "invalid_client",
        f"The app '{registration.client_id}' needs access to a service that your organization "
        "has not subscribed to or enabled. Contact your IT administrator.",
    )


def _cancelled() -> EntraError:
    error = user_declined()
    error.subcode = None
    return error


def _approved(approval: Approval, tenant: TenantState, wanted: list[Permission]) -> web.Response:
    if tenant.switches.consent_conflict:
        raise EntraError(
            650051,
            "invalid_client",
            "The consent could not be recorded, because the app's service principal is just "
            "being written or removed. Try again later.",
        )
    grants.approve_for_everyone(tenant, approval.registration, wanted)
    values = {"tenant": tenant.tenant_id}
    if approval.asked:
        values["scope"] = approval.asked.text
    return approval.back(values)
