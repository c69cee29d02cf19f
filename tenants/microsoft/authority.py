"""Endpoints and signing keys of a cloud, asked once and remembered for a day.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

import jwt

from tenants.microsoft.clouds import Cloud
from tenants.microsoft.errors import InvalidIdToken, UnknownAnswer, WrongCloud
from tenants.microsoft.transport import ask, refusal

_KEPT_S: Final = 24 * 3600.0
_ENDPOINTS: Final = ("token_endpoint", "authorization_endpoint", "jwks_uri")
_TENANT: Final = "{tenantid}"


@dataclass(frozen=True)
class SigningKey:
    """A public key, and the issuer that may sign with it (`{tenantid}` stands for any tenant)."""

    key: jwt.PyJWK
    issuer: str


@dataclass
class _Kept:
    """What is remembered of one cloud. `lock` keeps many threads from asking the same at once."""

    lock: Lock = field(default_factory=Lock)
    endpoints: dict[str, str] = field(default_factory=dict)
    endpoints_until: float = 0.0
    keys: dict[str, SigningKey] = field(default_factory=dict)
    keys_until: float = 0.0


_kept: dict[Cloud, _Kept] = {}
_kept_lock: Final = Lock()


def _of(cloud: Cloud) -> _Kept:
    with _kept_lock:
        return _kept.setdefault(cloud, _Kept())


def forget() -> None:
    """Forget every endpoint and key."""
    with _kept_lock:
        _kept.clear()


def endpoints(cloud: Cloud, tenant_id: str) -> dict[str, str]:
    """`token_endpoint`, `authorization_endpoint` and `jwks_uri` of a tenant.

    One tenant's answer serves the whole cloud, because they differ by the tenant's GUID alone. A
    tenant that does not exist is therefore mostly noticed by its token endpoint. Raises
    TenantUnknown, WrongCloud, Throttled, Transient or UnknownAnswer.
    """
    kept = _of(cloud)
    with kept.lock:
        if time.monotonic() >= kept.endpoints_until:
            kept.endpoints = _read_endpoints(cloud, tenant_id)
            kept.endpoints_until = time.monotonic() + _KEPT_S
        return {name: url.replace(_TENANT, tenant_id) for name, url in kept.endpoints.items()}


def _read_endpoints(cloud: Cloud, tenant_id: str) -> dict[str, str]:
    base = f"{cloud.login_origin}/{tenant_id}"
    answer = ask("GET", f"{base}/v2.0/.well-known/openid-configuration")
    if answer.status != 200:
        raise refusal(answer)
    if answer.body.get("issuer") != cloud.issuer(tenant_id):
        raise WrongCloud
    found = {name: str(answer.body.get(name)) for name in _ENDPOINTS}
    if not all(url.startswith(f"{base}/") for url in found.values()):
        raise UnknownAnswer
    return {name: url.replace(tenant_id, _TENANT) for name, url in found.items()}


def signing_key(cloud: Cloud, tenant_id: str, key_id: str) -> jwt.PyJWK:
    """The cloud's key of that id, for tokens of that tenant.

    Asks for the keys once more where the id is new, since Microsoft changes them without notice.
    Raises InvalidIdToken where no such key may sign for this tenant, else like `endpoints`.
    """
    address = endpoints(cloud, tenant_id)["jwks_uri"]
    kept = _of(cloud)
    with kept.lock:
        if key_id not in kept.keys or time.monotonic() >= kept.keys_until:
            kept.keys = _read_keys(address)
            kept.keys_until = time.monotonic() + _KEPT_S
        found = kept.keys.get(key_id)
    expected = cloud.issuer(tenant_id)
    if found is None or found.issuer.replace(_TENANT, tenant_id) != expected:
        raise InvalidIdToken
    return found.key


def _read_keys(address: str) -> dict[str, SigningKey]:
    answer = ask("GET", address)
    entries = answer.body.get("keys")
    if answer.status != 200 or not isinstance(entries, list):
        raise UnknownAnswer
    return {
        str(entry.get("kid")): SigningKey(_key(entry), str(entry.get("issuer")))
        for entry in entries
        if isinstance(entry, dict) and entry.get("kty") == "RSA"
    }


def _key(entry: dict[str, Any]) -> jwt.PyJWK:
    try:
        return jwt.PyJWK(entry, algorithm="RS256")
    except jwt.PyJWTError:
        raise UnknownAnswer from None
