"""The token endpoint: codes, refresh tokens, and apps that act as themselves.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from aiohttp import web

from .catalogue import RESOURCES, SIGN_IN_SCOPES, Resource, no_such_api, resource_by_address
from .client_auth import check_client, client_id_and_secret
from .codes import Code, RefreshToken, granted_scopes, new_refresh_token
from .directory import Directory, ServicePrincipal
from .errors import EntraError
from .faults import fault
from .policy import is_closed, is_covered, is_shut_out
from .scopes import DEFAULT, Asked, read_scopes
from .seed import EXCHANGE, GRAPH
from .state import Registration, State, TenantState
from .tokens import client_info, issue_access_token, issue_id_token
from .trip import counted, disabled, known_app
from .web import MANY_TENANTS, here, json_answer, state_of, tenant_here


async def token(request: web.Request) -> web.StreamResponse:
    """Answer one token request."""
    state = state_of(request)
    state.count(counted(request), "token")
    if broken := await fault(state, "token", request.match_info["tenant"]):
        return broken
    posted = await request.post()
    form = {name: str(value) for name, value in posted.items()}
    try:
        return json_answer(_granted(request, state, form))
    except EntraError as error:
        return json_answer(error.body(here(request)), status=error.status)


def _granted(request: web.Request, state: State, form: Mapping[str, str]) -> dict[str, object]:
    name = request.match_info["tenant"]
    kind = form.get("grant_type", "")
    if name.lower() not in MANY_TENANTS:
        tenant_here(state, name)
    client_id, secret = client_id_and_secret(form, request.headers.get("Authorization", ""))
    registration = known_app(state, client_id, name)
    base = here(request)
    if kind == "client_credentials":
        return _for_the_app(state, name, registration, form, secret, base)
    check_client(registration, form, secret)
    if kind == "authorization_code":
        return _for_a_code(state, registration, form, base)
    if kind == "refresh_token":
        return _for_a_refresh_token(state, registration, form, base)
    raise EntraError(
        70003, "unsupported_grant_type", f"The app asked for grant type '{kind[:60]}'."
    )


def _for_the_app(
    state: State,
    name: str,
    registration: Registration,
    form: Mapping[str, str],
    secret: str,
    base: str,
) -> dict[str, object]:
    tenant = _single_tenant(state, name)
    directory = tenant.read()
    service_principal = _present(tenant, directory, registration)
    check_client(registration, form, secret)
    if not service_principal.is_enabled:
        raise disabled(registration)
    resource, audience = _one_default(form.get("scope", ""), base)
    if not tenant.has_api(directory, resource.client_id):
        raise no_such_api(audience)
    roles = [
        role.permission.value
        for role in directory.roles_of(registration.client_id, resource.client_id)
    ]
    if resource.client_id == EXCHANGE and tenant.switches.exchange_lapsed:
        raise EntraError(
            500014,
            "invalid_resource",
            f"The service principal for resource '{audience}' is disabled. A subscription within "
            "the tenant may have lapsed, or an administrator has disabled the application.",
        )
    # Of Microsoft's own APIs a token without roles is had; of others only where all may come in.
    if not roles and is_closed(directory, resource.client_id):
        raise EntraError(
            501051,
            "invalid_grant",
            f"Application '{registration.client_id}' is not assigned to a role for the application "
            f"'{resource.client_id}'.",
        )
    return _bearer(
        *issue_access_token(
            state,
            tenant,
            registration,
            resource=resource.client_id,
            audience=audience,
            permissions=roles,
            service_principal_id=service_principal.object_id,
        )
    )


def _single_tenant(state: State, name: str) -> TenantState:
    if name.lower() in MANY_TENANTS:
        raise EntraError(
            9001023,
            "invalid_request",
            f"The grant type is not supported over /{name}; use the endpoint of a tenant.",
        )
    return state.tenant(name)


def _bearer(text: str, life_s: int) -> dict[str, object]:
    return {
        "token_type": "Bearer",
        "expires_in": life_s,
        "ext_expires_in": life_s,
        "access_token": text,
    }


def _present(
    tenant: TenantState, directory: Directory, registration: Registration
) -> ServicePrincipal:
    found = directory.service_principals.get(registration.client_id)
    if found:
        return found
    if tenant.switches.missing_principal_code == 700016:
        known_app_text = (
            f"No application with identifier '{registration.client_id}' was found in the "
            f"directory '{tenant.tenant.name}'."
        )
        raise EntraError(700016, "unauthorized_client", known_app_text)
    raise EntraError(
        7000229,
        "invalid_client",
        f"The client application {registration.client_id} has no service principal in the tenant "
        f"{tenant.tenant_id}.",
        status=401,
    )


def _one_default(scope: str, base: str) -> tuple[Resource, str]:
    """The one API an app-only token is for, and its audience."""
    entries = scope.split()
    if len(entries) != 1 or not entries[0].lower().endswith(f"/{DEFAULT}"):
        raise EntraError(
            1002012 if entries else 900144,
            "invalid_scope" if entries else "invalid_request",
            f"The scope '{scope[:200]}' is not valid here: it has to be one API's address with "
            f"{DEFAULT} behind it.",
        )
    address = entries[0][: -len(DEFAULT) - 1]
    return resource_by_address(address, here=base), address


def _for_a_code(
    state: State, registration: Registration, form: Mapping[str, str], base: str
) -> dict[str, object]:
    code = state.codes.get(form.get("code", ""))
    if not isinstance(code, Code) or code.registration is not registration:
        raise EntraError(9002313, "invalid_grant", "The authorization code is not valid.")
    if code.is_used:
        raise EntraError(54005, "invalid_grant", "The authorization code was already redeemed.")
    if code.expires_at < time.time():
        raise EntraError(70008, "invalid_grant", "The authorization code has expired.")
    if form.get("redirect_uri") != code.redirect_uri:
        raise EntraError(
            500112,
            "invalid_grant",
            "The redirect address is not the one with which the code was asked for.",
        )
    _check_verifier(code, form.get("code_verifier", ""))
    asked = read_scopes(form["scope"], here=base) if form.get("scope") else code.asked
    _one_resource(asked)
    held = {(at, scope.lower()) for at, scopes in code.granted.items() for scope in scopes}
    if any((one.resource, one.value.lower()) not in held for one in asked.delegated):
        raise _not_consented(registration)
    code.is_used = True
    return _answer(state, code, asked, base)


def _check_verifier(code: Code, verifier: str) -> None:
    """PKCE: https://datatracker.ietf.org/doc/html/rfc7636"""
    if code.challenge is None:
        return
    if not verifier:
        raise EntraError(50148, "invalid_grant", "The request lacks the code_verifier.")
    made = verifier
    if code.challenge_method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        made = urlsafe_b64encode(digest).rstrip(b"=").decode()
    if made != code.challenge:
        raise EntraError(
            501481, "invalid_grant", "The code_verifier does not fit the code_challenge."
        )


def _one_resource(asked: Asked) -> str:
    resources = asked.resources or [GRAPH]
    if len(resources) > 1:
        raise EntraError(
            28000,
            "invalid_request",
            "The parameter 'scope' is not valid because it names more than one resource: "
            f"{asked.text[:500]}",
        )
    return resources[0]


def _for_a_refresh_token(
    state: State, registration: Registration, form: Mapping[str, str], base: str
) -> dict[str, object]:
    kept = state.refresh_tokens.get(form.get("refresh_token", ""))
    if not isinstance(kept, RefreshToken) or kept.registration is not registration:
        raise EntraError(9002313, "invalid_grant", "The refresh token is not valid.")
    directory, account = kept.tenant.read(), kept.account
    service_principal = directory.service_principals.get(registration.client_id)
    if service_principal and not service_principal.is_enabled:
        raise disabled(registration)
    if is_shut_out(directory, registration, account):
        raise EntraError(
            50105, "invalid_grant", "The signed-in user is not assigned to the application."
        )
    asked = read_scopes(form.get("scope") or "openid", here=base)
    _one_resource(asked)
    if not is_covered(directory, registration, account, asked):
        raise _not_consented(registration)
    granted = granted_scopes(directory, registration, account, asked)
    code = Code(registration, kept.tenant, account, "", asked, granted, None, None, "plain", 0.0)
    return _answer(state, code, asked, base)


def _not_consented(registration: Registration) -> EntraError:
    return EntraError(
        65001,
        "invalid_grant",
        "Neither the user nor an administrator has consented to use the application "
        f"'{registration.client_id}' with the permissions it asked for.",
        suberror="consent_required",
    )


def _answer(state: State, code: Code, asked: Asked, base: str) -> dict[str, object]:
    resource = _one_resource(asked)
    granted = code.granted.get(resource, ())
    service_principal = code.tenant.directory.newest.service_principals[code.registration.client_id]
    issued = issue_access_token(
        state,
        code.tenant,
        code.registration,
        resource=resource,
        audience=asked.addresses.get(resource, RESOURCES[resource].address),
        permissions=list(granted),
        service_principal_id=service_principal.object_id,
        account=code.account,
    )
    answer = {
        **_bearer(*issued),
        "scope": _told(granted, code.asked, asked, resource),
        "client_info": client_info(code.tenant, code.account),
    }
    if code.asked.has("offline_access") or asked.has("offline_access"):
        kept = RefreshToken(code.registration, code.tenant, code.account)
        answer["refresh_token"] = new_refresh_token(state, kept)
    if code.asked.has("openid") or asked.has("openid"):
        answer["id_token"] = issue_id_token(
            state,
            code.tenant,
            code.registration,
            code.account,
            base=base,
            nonce=code.nonce,
            wants_email=code.asked.has("email"),
        )
    return answer


def _told(granted: tuple[str, ...], at_sign_in: Asked, asked: Asked, resource: str) -> str:
    """The `scope` of the answer: all that is granted there, never offline_access.

    An API named by its address in the request is named so in the answer.
    """
    signing_in = [one for one in SIGN_IN_SCOPES[:3] if at_sign_in.has(one) or asked.has(one)]
    address = asked.addresses.get(resource) or at_sign_in.addresses.get(resource)
    if address is None and resource != GRAPH:
        address = RESOURCES[resource].address
    named = [one for one in granted if one not in SIGN_IN_SCOPES]
    return " ".join([*signing_in, *(f"{address}/{one}" if address else one for one in named)])
