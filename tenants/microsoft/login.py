"""Microsoft's login: the consent address, tokens of the app itself, and people's sign-ins by MSAL.

https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, Final, Literal
from urllib.parse import urlencode

import jwt
import msal

from tenants.microsoft.authority import endpoints
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.credentials import Credential
from tenants.microsoft.errors import (
    InvalidIdToken,
    MicrosoftError,
    UnknownAnswer,
    classify_redemption,
    refused_in_browser,
)
from tenants.microsoft.guids import is_guid
from tenants.microsoft.id_tokens import verified_claims
from tenants.microsoft.permissions import (
    GRAPH,
    OIDC_SCOPES,
    Permission,
    asked_scopes,
    by_resource,
    parse_scopes,
)
from tenants.microsoft.transport import Wire, beside_the_loop, refusal, refusal_facts

#: What MSAL lets escape when an answer is not what it expects; none of it is documented.
_MSAL_STUMBLES: Final = (ValueError, RuntimeError, LookupError, TypeError, AttributeError)
# `catch_warnings` changes the state of the whole process; two threads must not interleave in it.
_warnings_lock: Final = Lock()


class ForeignReturn(MicrosoftError):
    """Somebody came back with a `state` that is not this sign-in's."""


@dataclass(frozen=True)
class AppToken:
    """A token of the app itself in one tenant; `roles` are the application permissions in it."""

    value: str = field(repr=False)
    roles: frozenset[str]
    service_principal_object_id: str
    expires_at: datetime


@dataclass(frozen=True)
class SignInTrip:
    """Send the browser to `address`; `flow` (small, JSON-able, secret) is needed on its return."""

    address: str
    flow: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class SignedIn:
    """Who came back and what their token covers.

    `roles` are role templates (`wids`), None where the token does not show them. `login_hint` is
    the account's name at Microsoft, good for the next hop and never identity.
    """

    tenant_id: str
    object_id: str
    roles: frozenset[str] | None
    scopes: frozenset[Permission]
    login_hint: str = field(repr=False)


def consent_address(
    cloud: Cloud,
    tenant_id: str,
    client_id: str,
    permissions: Iterable[Permission],
    *,
    redirect_uri: str | None,
    state: str | None,
) -> str:
    """Where an administrator of exactly that tenant approves the app's whole set.

    Without `redirect_uri` the short form, which asks for what is registered and never comes back.
    """
    base = f"{cloud.login_origin}/{_checked(tenant_id)}"
    if redirect_uri is None:
        return f"{base}/adminconsent?{urlencode({'client_id': client_id})}"
    query = {
        "client_id": client_id,
        "scope": " ".join(asked_scopes(permissions, cloud)),
        "redirect_uri": redirect_uri,
        **({"state": state} if state else {}),
    }
    return f"{base}/v2.0/adminconsent?{urlencode(query)}"


def _checked(tenant_id: str) -> str:
    # `common` in a consent address would grant in whatever tenant the administrator calls home.
    if not is_guid(tenant_id):
        raise ValueError("a tenant is named by its GUID in lower case")
    return tenant_id


def app_token(
    cloud: Cloud, tenant_id: str, credential: Credential, *, resource: str | None = None
) -> AppToken:
    """A token fresh from Microsoft, never from a memory: a remembered one hides new roles.

    One HTTP request, after the cloud's first. `resource` is an API's address, by default Graph's.
    Raises NotYetGranted, BlockedByTenant, OwnCredentialBroken, TenantUnknown, WrongCloud,
    Throttled, Transient, UnknownAnswer or CredentialUnreadable.
    """
    app, wire = _msal_app(cloud, tenant_id, credential)
    try:
        result = app.acquire_token_for_client([f"{resource or cloud.graph_resource}/.default"])
    except _MSAL_STUMBLES:
        raise UnknownAnswer from None
    if "access_token" not in result:
        raise refusal(wire.last)
    return _read_app_token(result, tenant_id, credential.client_id)


async def app_token_async(
    cloud: Cloud, tenant_id: str, credential: Credential, *, resource: str | None = None
) -> AppToken:
    """The same for many tenants at once from an event loop."""
    return await beside_the_loop(
        partial(app_token, cloud, tenant_id, credential, resource=resource)
    )


def _read_app_token(result: dict[str, Any], tenant_id: str, client_id: str) -> AppToken:
    value = str(result["access_token"])
    try:
        # Straight from Microsoft over TLS, so who signed it is no question; what it says is.
        claims = jwt.decode(value, options={"verify_signature": False})
        lifetime = timedelta(seconds=int(result["expires_in"]))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise UnknownAnswer from None
    ours = claims.get("tid") == tenant_id and client_id in (claims.get("appid"), claims.get("azp"))
    roles, object_id = claims.get("roles", []), claims.get("oid")
    if not ours or not isinstance(roles, list) or not isinstance(object_id, str):
        raise UnknownAnswer
    expires_at = datetime.now(UTC) + lifetime
    return AppToken(value, frozenset(map(str, roles)), object_id, expires_at)


def begin_sign_in(
    cloud: Cloud,
    tenant_id: str,
    credential: Credential,
    *,
    scopes: Iterable[str],
    redirect_uri: str,
    prompt: Literal["none", "select_account"],
    login_hint: str | None = None,
) -> SignInTrip:
    """Start a sign-in at that tenant for these fully qualified scopes, and `openid profile`.

    The scopes are of one API, since a token serves one; none means identity alone. `offline_access`
    is never asked. Raises TenantUnknown, WrongCloud, Throttled, Transient, UnknownAnswer or
    CredentialUnreadable.
    """
    app, _wire = _msal_app(cloud, tenant_id, credential)
    with _warnings_lock, warnings.catch_warnings():
        # MSAL recommends form_post, a cross-site POST: our Lax cookie would not come along.
        warnings.filterwarnings("ignore", message=r"response_mode='form_post' is recommended")
        flow = app.initiate_auth_code_flow(
            [scope for scope in scopes if scope not in OIDC_SCOPES],
            redirect_uri=redirect_uri,
            prompt=prompt,
            login_hint=login_hint,
            response_mode="query",
        )
    address = flow.pop("auth_uri")
    return SignInTrip(address, {name: value for name, value in flow.items() if value is not None})


def finish_sign_in(
    cloud: Cloud,
    tenant_id: str,
    credential: Credential,
    flow: Mapping[str, Any],
    query: Mapping[str, str],
) -> SignedIn:
    """Redeem what the browser brought back for exactly this `flow`. The tokens are dropped.

    Raises ForeignReturn, SignInRefused, InvalidIdToken, or what `app_token` raises.
    """
    if not flow.get("state") or flow["state"] != query.get("state"):
        raise ForeignReturn
    if not query.get("code"):
        told = (query.get(name, "") for name in ("error", "error_description", "error_subcode"))
        raise refused_in_browser(*told)
    # An object of its own with an empty cache: MSAL keeps tokens even of answers it then refuses.
    app, wire = _msal_app(cloud, tenant_id, credential)
    returned = {"state": query["state"], "code": query["code"]}
    try:
        result = app.acquire_token_by_auth_code_flow(dict(flow), returned)
    except _MSAL_STUMBLES:
        raise InvalidIdToken from None
    if "access_token" not in result:
        raise classify_redemption(*refusal_facts(wire.last))
    claims = verified_claims(
        str(result.get("id_token")), cloud, tenant_id, credential.client_id, str(flow["nonce"])
    )
    return _signed_in(cloud, claims, str(result.get("scope", "")), flow["scope"])


def _signed_in(cloud: Cloud, claims: dict[str, Any], scope: str, asked: Iterable[str]) -> SignedIn:
    # Microsoft names the scopes of the API that was asked without its address, or with it.
    asked_of = by_resource(parse_scopes(" ".join(asked), GRAPH, cloud))
    roles = claims.get("wids")
    return SignedIn(
        tenant_id=claims["tid"],
        object_id=claims["oid"],
        roles=frozenset(map(str, roles)) if isinstance(roles, list) else None,
        scopes=parse_scopes(scope, next(iter(asked_of), GRAPH), cloud),
        login_hint=str(claims.get("preferred_username", "")),
    )


def _msal_app(
    cloud: Cloud, tenant_id: str, credential: Credential
) -> tuple[msal.ConfidentialClientApplication, Wire]:
    """MSAL for one tenant and one errand; a new object, so that it remembers nothing.

    Its own token cache hides new roles for up to 85 minutes, its HTTP cache repeats a refusal for a
    minute. What costs anything, connections and metadata, is shared beneath it.
    """
    at = endpoints(cloud, _checked(tenant_id))
    path = at["token_endpoint"].removeprefix(cloud.login_origin)
    metadata = {
        "issuer": cloud.issuer(tenant_id),
        "authorization_endpoint": at["authorization_endpoint"],
        "token_endpoint": cloud.authority_origin + path,
    }
    wire = Wire(cloud, metadata)
    app = msal.ConfidentialClientApplication(
        credential.client_id,
        client_credential=_for_msal(credential),
        authority=f"{cloud.authority_origin}/{tenant_id}",
        instance_discovery=False,
        http_client=wire,
        exclude_scopes=["offline_access"],
    )
    return app, wire


def _for_msal(credential: Credential) -> str | dict[str, Any]:
    if credential.certificate_pem:
        pem = credential.certificate_pem
        return {"private_key": pem, "public_certificate": pem}
    if credential.assertion_file:
        return {"client_assertion": credential.assertion}
    return credential.secret or ""
