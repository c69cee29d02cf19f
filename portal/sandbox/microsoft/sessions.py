"""Who is signed in at the simulated Microsoft in one browser: one cookie, several accounts."""

from secrets import token_urlsafe

from aiohttp import web
from multidict import MultiMapping

from .errors import EntraError
from .seed import Account
from .state import State, TenantState
from .web import MANY_TENANTS, state_of, tenant_here

# Cookies ignore ports, and on localhost the portal shares the jar: a name nobody else uses.
COOKIE = "fakems_session"


def addresses(request: web.Request) -> list[str]:
    """The addresses signed in, the latest last."""
    return state_of(request).sessions.get(request.cookies.get(COOKIE, ""), [])


def sign_in(request: web.Request, address: str) -> str:
    """Add that account to the browser's session; returns the cookie's value."""
    sessions = state_of(request).sessions
    key = request.cookies.get(COOKIE, "")
    if key not in sessions:
        key = token_urlsafe(24)
        sessions[key] = []
    others = [one for one in sessions[key] if one != address]
    sessions[key] = [*others, address]
    return key


def remember(answer: web.StreamResponse, key: str) -> None:
    """Give the browser its cookie: host-only, Lax, out of reach of scripts."""
    answer.set_cookie(COOKIE, key, path="/", httponly=True, samesite="Lax")


async def sign_out(request: web.Request) -> web.StreamResponse:
    """Forget every account of this browser."""
    state_of(request).sessions.pop(request.cookies.get(COOKIE, ""), None)
    answer = web.HTTPSeeOther("/")
    answer.del_cookie(COOKIE, path="/")
    raise answer


def tenant_for(state: State, name: str, address: str) -> TenantState:
    """The tenant a sign-in at `/{name}/` ends up in: the named one, or the person's own.

    Raises EntraError: 90002, 90038, 50034 nobody has that address.
    """
    if name.lower() not in MANY_TENANTS:
        return tenant_here(state, name)
    home = state.home_of(address)
    if home is None:
        raise unknown_account(address)
    return home


def typed(form: MultiMapping[str | bytes | web.FileField]) -> str:
    """The address chosen on the sign-in form: what was typed, or the button pressed."""
    given = [str(one).strip().lower() for one in form.getall("account", []) if one]
    return given[-1] if given else ""


def arrive(state: State, name: str, address: str) -> tuple[TenantState, Account]:
    """The tenant a person enters at `/{name}/`, and who they are there.

    Raises EntraError: 90002, 90038, 50034 unknown, 50020 at home in another tenant only.
    """
    tenant = tenant_for(state, name, address)
    account = tenant.account(address)
    if account is None:
        raise foreign_account(address, tenant)
    return tenant, account


def unknown_account(address: str) -> EntraError:
    """Nobody has that address."""
    return EntraError(
        50034, "invalid_grant", f"The account {address[:100]} does not exist in any directory."
    )


def foreign_account(address: str, tenant: TenantState) -> EntraError:
    """The person exists, but not in this tenant."""
    return EntraError(
        50020,
        "access_denied",
        f"User account '{address}' comes from another organisation and does not exist in tenant "
        f"'{tenant.tenant.name}'. It has to be added there as a guest first, or the person signs "
        "in with another account.",
    )


def usable(state: State, name: str, signed_in: list[str]) -> list[str]:
    """Those of the signed-in addresses that can be used at `/{name}/`."""
    if name.lower() in MANY_TENANTS:
        return signed_in
    tenant = tenant_here(state, name)
    return [address for address in signed_in if tenant.account(address)]


def silent_account(
    state: State, name: str, signed_in: list[str], login_hint: str
) -> tuple[TenantState, Account]:
    """The one account that `prompt=none` may use.

    Raises EntraError: 50058 nobody (or not the one hinted at) is signed in, 16000 there are
    several, or the one does not belong to the tenant.
    """
    hinted = [one for one in signed_in if one == login_hint.lower()] if login_hint else signed_in
    if not hinted:
        raise EntraError(
            50058,
            "login_required",
            "A silent sign-in was asked for, but no fitting user is signed in.",
        )
    several = EntraError(
        16000,
        "interaction_required",
        "Several accounts are available for this request, or the chosen one cannot be used for it.",
    )
    if len(hinted) > 1:
        raise several
    tenant = tenant_for(state, name, hinted[0])
    account = tenant.account(hinted[0])
    if account is None:
        raise several
    return tenant, account
