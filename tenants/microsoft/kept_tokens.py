"""Tokens of the app itself, kept in this process alone and never longer than they live.

A token shows the roles of the moment it was issued in. Whoever recalls one names the roles that
matter, and gets none that lacks one of them: it could hide that they were granted meanwhile.
https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Set
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from tenants.microsoft.clouds import Cloud
from tenants.microsoft.login import AppToken

#: So long before its end a token counts as over: the look must still be through in time.
MARGIN: Final = timedelta(minutes=5)
#: Tenants. About 25 MB of Microsoft's tokens for Graph; what was used longest ago goes first.
MOST_KEPT: Final = 10_000

#: By the client ID of the API that each is for.
Tokens = Mapping[str, AppToken]
_Key = tuple[str, str, str]
_kept: OrderedDict[_Key, Tokens] = OrderedDict()
_lock: Final = Lock()


def _key(cloud: Cloud, tenant_id: str, client_id: str) -> _Key:
    return cloud.name, tenant_id, client_id


def keep(cloud: Cloud, tenant_id: str, client_id: str, tokens: Tokens) -> None:
    """Keep that app's tokens in that tenant, instead of older ones."""
    key = _key(cloud, tenant_id, client_id)
    with _lock:
        _kept[key] = tokens
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)


def recall(
    cloud: Cloud, tenant_id: str, client_id: str, *, roles: Iterable[tuple[str, Set[str]]]
) -> Tokens | None:
    """The kept tokens, if each has more than five minutes to live and carries all roles of its API.

    `roles` has the client ID of each API and the roles that matter there, in lower case. An API for
    which no token was kept is passed over: that directory shows its roles.
    """
    key = _key(cloud, tenant_id, client_id)
    with _lock:
        tokens = _kept.get(key)
        if tokens is None:
            return None
        if datetime.now(UTC) >= min(one.expires_at for one in tokens.values()) - MARGIN:
            del _kept[key]
            return None
        _kept.move_to_end(key)
    carried = ((tokens[api], needed) for api, needed in roles if api in tokens)
    if any(not needed <= {role.lower() for role in token.roles} for token, needed in carried):
        return None
    return tokens


def drop(cloud: Cloud, tenant_id: str, client_id: str) -> None:
    """Forget those."""
    with _lock:
        _kept.pop(_key(cloud, tenant_id, client_id), None)


def forget() -> None:
    """Forget all."""
    with _lock:
        _kept.clear()
