"""Makes the tokens that apps get, and knows each of them again."""

import hashlib
import random
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from json import dumps
from uuid import uuid4

from .catalogue import SIGN_IN_SCOPES
from .keys import now
from .metadata import issuer
from .seed import Account, Role
from .state import Registration, State, TenantState

_MOST_KEPT = 200_000


@dataclass(frozen=True)
class AccessToken:
    """An access token as Graph sees it. `held` are permission names in lower case.

    A token keeps what it was issued with until it expires, whatever is granted or revoked later.
    """

    tenant_id: str
    client_id: str
    account_id: str | None  # None: the app acts as itself
    resource: str
    held: frozenset[str]
    expires_at: float


def lifetime_s(tenant: TenantState) -> int:
    """Seconds an access token lives: 60 to 90 minutes unless the tenant's switch says else.

    https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes
    """
    return tenant.switches.token_lifetime_s or random.randint(3600, 5399)


def issue_access_token(
    state: State,
    tenant: TenantState,
    registration: Registration,
    *,
    resource: str,
    audience: str,
    permissions: list[str],
    service_principal_id: str,
    account: Account | None = None,
) -> tuple[str, int]:
    """A signed token and its life in seconds; `roles` is absent where the app holds none."""
    life, issued = lifetime_s(tenant), now()
    object_id = account.object_id if account else service_principal_id
    claims: dict[str, object] = {
        "aud": audience,
        "iss": f"https://sts.windows.net/{tenant.tenant_id}/",
        "iat": issued,
        "nbf": issued,
        "exp": issued + life,
        "appid": registration.client_id,
        "app_displayname": registration.app.name,
        "oid": object_id,
        "sub": object_id,
        "tid": tenant.tenant_id,
        "uti": uuid4().hex[:22],
        "idtyp": "user" if account else "app",
        "ver": "1.0",
    }
    if account:
        claims["scp"] = " ".join(one for one in permissions if one not in SIGN_IN_SCOPES[3:])
        claims["upn"] = account.address
    elif permissions:
        claims["roles"] = permissions
    token = AccessToken(
        tenant.tenant_id,
        registration.client_id,
        account.object_id if account else None,
        resource,
        frozenset(one.lower() for one in permissions),
        time.time() + life,
    )
    return _kept(state, state.key.sign(claims), token), life


def _kept(state: State, text: str, token: AccessToken) -> str:
    """Looking a token up is cheap where checking its signature each time is not."""
    if len(state.access_tokens) >= _MOST_KEPT:
        del state.access_tokens[next(iter(state.access_tokens))]
    state.access_tokens[text] = token
    return text


def subject(client_id: str, object_id: str) -> str:
    """The pairwise `sub`: another one for each app."""
    digest = hashlib.sha256(f"{client_id}{object_id}".encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def issue_id_token(
    state: State,
    tenant: TenantState,
    registration: Registration,
    account: Account,
    *,
    base: str,
    nonce: str | None,
    wants_email: bool,
) -> str:
    """A signed ID token of this person; `wids` only where registration and tenant show roles."""
    issued = now()
    claims: dict[str, object] = {
        "ver": "2.0",
        "iss": issuer(base, tenant.tenant_id),
        "aud": registration.client_id,
        "iat": issued,
        "nbf": issued,
        "exp": issued + 3600,
        "sub": subject(registration.client_id, account.object_id),
        "oid": account.object_id,
        "tid": tenant.tenant_id,
        "name": account.name,
        "preferred_username": account.address,
        "uti": uuid4().hex[:22],
    }
    if nonce:
        claims["nonce"] = nonce
    if wants_email:
        claims["email"] = account.address
    roles = [role.value for role in account.roles if role is not Role.CUSTOM]
    if roles and registration.role_claim and tenant.switches.role_claim:
        claims["wids"] = roles
    return state.key.sign(claims)


def client_info(tenant: TenantState, account: Account) -> str:
    """Who signed in, unsigned, as MSAL asks for it."""
    raw = dumps({"uid": account.object_id, "utid": tenant.tenant_id}).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
