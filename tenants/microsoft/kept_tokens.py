"""Tokens of the app itself, kept in this process alone and never longer than they live.

A token shows the roles of the moment it was issued in. Whoever recalls one names the roles that
matter, and gets none that lacks one of them: it could hide that they were granted meanwhile.
https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes
"""

from collections import OrderedDict
from collections.abc import Set
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from tenants.microsoft.clouds import Cloud
from tenants.microsoft.login import AppToken

#: So long before its end a token counts as over: the look must still be through in time.
MARGIN: Final = timedelta(minutes=5)
#: About 25 MB of Microsoft's tokens; the one used longest ago goes first.
MOST_KEPT: Final = 10_000

_Key = tuple[str, str, str]
_kept: OrderedDict[_Key, AppToken] = OrderedDict()
_lock: Final = Lock()


def _key(cloud: Cloud, tenant_id: str, client_id: str) -> _Key:
    return cloud.name, tenant_id, client_id


def keep(cloud: Cloud, tenant_id: str, client_id: str, token: AppToken) -> None:
    """Keep that app's token for Graph in that tenant, instead of an older one."""
    key = _key(cloud, tenant_id, client_id)
    with _lock:
        _kept[key] = token
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)


def recall(cloud: Cloud, tenant_id: str, client_id: str, *, roles: Set[str]) -> AppToken | None:
    """The kept token, if it has more than five minutes to live and carries all these roles, which
    are given in lower case.
    """
    key = _key(cloud, tenant_id, client_id)
    with _lock:
        token = _kept.get(key)
        if token is None:
            return None
        if datetime.now(UTC) >= token.expires_at - MARGIN:
            del _kept[key]
            return None
        _kept.move_to_end(key)
    return token if roles <= {role.lower() for role in token.roles} else None


def drop(cloud: Cloud, tenant_id: str, client_id: str) -> None:
    """Forget that one."""
    with _lock:
        _kept.pop(_key(cloud, tenant_id, client_id), None)


def forget() -> None:
    """Forget all."""
    with _lock:
        _kept.clear()
