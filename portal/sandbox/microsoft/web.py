"""What every endpoint needs of a request: the state, this server's own address, who it is for."""

from aiohttp import web

from .errors import EntraError
from .state import State, TenantState

STATE = web.AppKey("state", State)

MANY_TENANTS = frozenset({"organizations", "common"})
NATIONAL_CLOUD_REGIONS = frozenset({"USGov"})


def state_of(request: web.Request) -> State:
    """The simulation this request talks to."""
    return request.app[STATE]


def here(request: web.Request) -> str:
    """This server's address as the caller wrote it, without a slash at the end.

    A client that insists on https and maps it to this plain listener says so in
    `X-Forwarded-Proto`, as a proxy would.
    """
    scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
    return f"{'https' if scheme == 'https' else 'http'}://{request.host}"


def tenant_here(state: State, name: str) -> TenantState:
    """The tenant with that domain or GUID in this cloud.

    Raises EntraError: 90002 unknown, 90038 it lives in another cloud.
    """
    tenant = state.tenant(name)
    if tenant.tenant.region in NATIONAL_CLOUD_REGIONS:
        raise EntraError(
            90038,
            "invalid_request",
            f"Tenant '{name}' belongs to the national cloud 'MicrosoftOnline.US'. Apps and users "
            "of this cloud are not known there.",
        )
    return tenant


def json_answer(body: object, *, status: int = 200) -> web.Response:
    """A JSON answer that nobody may keep."""
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store, no-cache"})
