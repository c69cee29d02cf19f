"""One browser's trip to a front-channel endpoint: what is checked before it may be sent back."""

from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from .errors import EntraError
from .state import Registration, State
from .web import state_of


@dataclass(frozen=True)
class Trip:
    """One request to sign in, as far as it can be trusted to be answered by a redirect."""

    request: web.Request
    state: State
    registration: Registration
    redirect_uri: str
    query: MultiMapping[str]

    @property
    def name(self) -> str:
        """The tenant's name in the path."""
        return self.request.match_info["tenant"]

    @property
    def prompts(self) -> list[str]:
        """What `prompt` asks for."""
        return self.query.get("prompt", "").lower().split()

    @property
    def is_silent(self) -> bool:
        """Whether no page may be shown, whatever happens."""
        return "none" in self.prompts

    def back(self, values: dict[str, str]) -> web.Response:
        """The redirect to the app, with its `state`."""
        if "state" in self.query:
            values = {**values, "state": self.query["state"]}
        mark = "#" if self.query.get("response_mode") == "fragment" else "?"
        if mark == "?" and "?" in self.redirect_uri:
            mark = "&"
        return web.Response(
            status=303, headers={"Location": f"{self.redirect_uri}{mark}{urlencode(values)}"}
        )


def read_trip(request: web.Request) -> Trip:
    """Read what must be right before the browser may be sent back anywhere.

    Raises EntraError: 900144 no client id, 700016 no such app, 50011 no such return
    address, 500113 none at all.
    """
    state, query = state_of(request), request.query
    registration = known_app(state, query.get("client_id", ""), request.match_info["tenant"])
    redirect_uri = query.get("redirect_uri") or next(iter(registration.redirect_uris), "")
    if not redirect_uri:
        raise no_address(registration)
    if redirect_uri not in registration.redirect_uris:
        raise unregistered_address(redirect_uri, registration)
    return Trip(request, state, registration, redirect_uri, query)


def known_app(state: State, client_id: str, tenant_name: str) -> Registration:
    """The app of that client id. Raises EntraError 900144 or 700016."""
    if not client_id:
        raise EntraError(900144, "invalid_request", "The request lacks the parameter 'client_id'.")
    registration = state.registration(client_id)
    if registration is None:
        raise EntraError(
            700016,
            "unauthorized_client",
            f"No application with identifier '{client_id[:60]}' was found in the directory "
            f"'{tenant_name[:60]}'. Nobody installed or approved it there, or this is the wrong "
            "tenant.",
        )
    return registration


def no_address(registration: Registration) -> EntraError:
    """The app has no return address at all."""
    return EntraError(
        500113,
        "invalid_request",
        f"No reply address is registered for the application '{registration.client_id}'.",
    )


def unregistered_address(redirect_uri: str, registration: Registration) -> EntraError:
    """The return address is none of those that are registered."""
    return EntraError(
        50011,
        "invalid_request",
        f"The redirect URI '{redirect_uri[:200]}' of this request is none of those registered "
        f"for the application '{registration.client_id}'.",
    )


def counted(request: web.Request) -> str:
    """The name under which calls for this tenant are counted."""
    name = request.match_info["tenant"].lower()
    tenant = state_of(request).find_tenant(name)
    return tenant.tenant.domain if tenant else name[:100]


def disabled(registration: Registration) -> EntraError:
    """The tenant switched the app off."""
    return EntraError(
        7000112,
        "unauthorized_client",
        f"Application '{registration.client_id}' ({registration.app.name}) is disabled.",
    )


def user_declined() -> EntraError:
    """The person pressed Cancel, or went back after sending a request: nobody can tell apart."""
    return EntraError(
        65004,
        "access_denied",
        "The user did not consent to give the app access.",
        subcode="cancel",
    )
