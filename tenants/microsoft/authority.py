"""Endpoints and signing keys of a cloud, asked once and remembered for a day.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, Final, Generic, TypeVar

import jwt

from tenants.microsoft.clouds import Cloud
from tenants.microsoft.errors import InvalidIdToken, Throttled, Transient, UnknownAnswer, WrongCloud
from tenants.microsoft.transport import ask, refusal

_KEPT_S: Final = 24 * 3600.0
_PAUSE_S: Final = 1.0
_TIMEOUT_S: Final = 5.0
_ENDPOINTS: Final = ("token_endpoint", "authorization_endpoint", "jwks_uri")
_TENANT: Final = "{tenantid}"
Value = TypeVar("Value")


@dataclass(frozen=True)
class SigningKey:
    """A public key, and the issuer that may sign with it (`{tenantid}` stands for any tenant)."""

    key: jwt.PyJWK
    issuer: str


@dataclass
class _Memory(Generic[Value]):
    """Answers by name, kept for a day. One thread asks; the others wait and share the answer."""

    lock: Lock = field(default_factory=Lock)
    values: dict[str, Value] = field(default_factory=dict)
    until: float = 0.0
    closed_until: float = 0.0

    def recall(self, name: str, ask_anew: Callable[[], dict[str, Value]]) -> dict[str, Value]:
        """All answers; asks anew after a day, and where `name` is not among them.

        Raises what `ask_anew` raises.
        """
        with self.lock:
            now = time.monotonic()
            if name in self.values and now < self.until:
                return self.values
            if now < self.closed_until:
                # Whoever waited here would else wait for the same silence again, one by one.
                raise Transient
            try:
                self.values = ask_anew()
            except (Throttled, Transient):
                self.closed_until = time.monotonic() + _PAUSE_S
                raise
            self.until = time.monotonic() + _KEPT_S
            return self.values


@dataclass(frozen=True)
class _Kept:
    """What is remembered of one cloud."""

    endpoints: _Memory[str] = field(default_factory=_Memory)
    keys: _Memory[SigningKey] = field(default_factory=_Memory)


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
    read = partial(_read_endpoints, cloud, tenant_id)
    found = _of(cloud).endpoints.recall(_ENDPOINTS[0], read)
    return {name: url.replace(_TENANT, tenant_id) for name, url in found.items()}


def _read_endpoints(cloud: Cloud, tenant_id: str) -> dict[str, str]:
    base = f"{cloud.login_origin}/{tenant_id}"
    answer = ask("GET", f"{base}/v2.0/.well-known/openid-configuration", timeout_s=_TIMEOUT_S)
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
    read = partial(_read_keys, endpoints(cloud, tenant_id)["jwks_uri"])
    found = _of(cloud).keys.recall(key_id, read).get(key_id)
    expected = cloud.issuer(tenant_id)
    if found is None or found.issuer.replace(_TENANT, tenant_id) != expected:
        raise InvalidIdToken
    return found.key


def _read_keys(address: str) -> dict[str, SigningKey]:
    answer = ask("GET", address, timeout_s=_TIMEOUT_S)
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
