"""The front page: who lives here, what is granted, and the switches, without a line of script."""

from collections.abc import Iterable
from urllib.parse import urlencode

from aiohttp import web

from .control import Unusable, apply
from .errors import EntraError
from .pages import NOTHING, Rendered, each, error_page, fragment, page
from .seed import Kind, Policy
from .sessions import addresses
from .state import Registration, State, TenantState
from .web import here, state_of

_TOGGLES = {
    "disabled": "apps switched off",
    "assignment_required": "assignment required",
    "role_claim": "roles shown in tokens",
    "replicas_disagree": "replicas disagree",
}


async def overview(request: web.Request) -> web.Response:
    """The page at `/`."""
    state = state_of(request)
    signed_in = ", ".join(addresses(request))
    return page(
        "overview",
        "Simulated Microsoft",
        portal=state.portal_url,
        signed_in=fragment("_signed_in", addresses=signed_in) if signed_in else NOTHING,
        apps=each("_app", (_app(one) for one in state.registrations.values())),
        tenants=Rendered("".join(_tenant(state, one) for one in state.tenants.values())),
    )


async def switch(request: web.Request) -> web.StreamResponse:
    """One button of the page: turns a switch, grants, revokes or resets, and comes back."""
    if request.headers.get("Origin", here(request)) != here(request):
        return web.Response(status=403, text="Only this page's own forms are taken.\n")
    form = {name: str(value) for name, value in (await request.post()).items()}
    try:
        apply(state_of(request), _patch(form))
    except (Unusable, ValueError) as error:
        return error_page(EntraError(90100, "invalid_request", str(error)))
    anchor = f"#{form['tenant']}" if "tenant" in form else ""
    raise web.HTTPSeeOther(f"/{anchor}")


async def explained(request: web.Request) -> web.Response:
    """Where `error_uri` leads."""
    code = "".join(filter(str.isdigit, request.query.get("code", "")))[:8]
    return page("explained", "An error code of Microsoft's", code=code or "…")


def _patch(form: dict[str, str]) -> dict[str, object]:
    change, tenant = form.get("change", ""), form.get("tenant", "")
    if change == "reset":
        return {"reset": True}
    if change in {"grants", "revoke"}:
        return {change: [{"tenant": tenant, "app": form.get("app", "")}]}
    value: object = form.get("value", "")
    if change in _TOGGLES:
        value = value == "on"
    elif change == "replication_delay_s":
        value = float(form.get("value", ""))
    return {"tenants": {tenant: {change: value}}}


def _app(registration: Registration) -> dict[str, object]:
    return {
        "slug": registration.app.slug,
        "name": registration.app.name,
        "client_id": registration.client_id,
        "permissions": "; ".join(
            f"{kind.value}: {' '.join(one.value for one in registration.of_kind(kind))}"
            for kind in Kind
            if registration.of_kind(kind)
        ),
        "redirect_uris": ", ".join(registration.redirect_uris),
    }


def _tenant(state: State, tenant: TenantState) -> Rendered:
    domain, switches = tenant.tenant.domain, tenant.switches
    vendor = state.registrations.values()
    return fragment(
        "_tenant",
        domain=domain,
        name=tenant.tenant.name,
        tenant_id=tenant.tenant_id,
        region=tenant.tenant.region,
        policy=switches.policy.title,
        accounts=each("_person", _people(tenant)),
        toggles=each("_toggle", _toggles(tenant)),
        policies=each("_option", _policies(tenant)),
        delay=f"{switches.replication_delay_s:g}",
        apps=Rendered("".join(_app_there(tenant, one) for one in vendor)),
    )


def _people(tenant: TenantState) -> Iterable[dict[str, object]]:
    for account in tenant.tenant.accounts:
        roles = ", ".join(role.title for role in account.roles) or "user"
        yield {
            "address": account.address,
            "what": f"{roles}, guest" if account.is_guest else roles,
        }


def _toggles(tenant: TenantState) -> Iterable[dict[str, object]]:
    for name, words in _TOGGLES.items():
        is_on = bool(getattr(tenant.switches, name))
        yield {
            "domain": tenant.tenant.domain,
            "change": name,
            "words": words,
            "now": "yes" if is_on else "no",
            "value": "off" if is_on else "on",
            "button": "Turn off" if is_on else "Turn on",
        }


def _policies(tenant: TenantState) -> Iterable[dict[str, object]]:
    for policy in Policy:
        chosen = policy is tenant.switches.policy
        yield {
            "value": policy.value,
            "words": policy.title,
            "selected": Rendered("selected") if chosen else NOTHING,
        }


def _app_there(tenant: TenantState, registration: Registration) -> Rendered:
    directory = tenant.directory.newest
    service_principal = directory.service_principals.get(registration.client_id)
    people = {account.object_id: account.address for account in tenant.tenant.accounts}
    granted = [
        f"{people.get(one.principal_id, 'somebody') if one.principal_id else 'everyone'}: "
        f"{' '.join(one.scopes)}"
        for one in directory.grants_of(registration.client_id)
    ]
    roles = [role.permission.value for role in directory.roles_of(registration.client_id)]
    if roles:
        granted.append(f"the app itself: {' '.join(roles)}")
    installed = "not there"
    if service_principal:
        installed = "there" if service_principal.is_enabled else "there, switched off"
    consent = urlencode({"client_id": registration.client_id})
    return fragment(
        "_app_there",
        domain=tenant.tenant.domain,
        slug=registration.app.slug,
        name=registration.app.name,
        installed=installed,
        granted="; ".join(granted) or "nothing",
        page_address=f"/{tenant.tenant_id}/adminconsent?{consent}",
    )
