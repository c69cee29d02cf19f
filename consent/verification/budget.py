"""How many looks a second one app makes in one cloud: a token bucket in Redis that all workers of
all machines share.

https://learn.microsoft.com/graph/throttling-limits
"""

import math
import time
from functools import cache
from threading import Lock
from typing import Final

import redis
from django.conf import settings

#: Redis's own clock counts, so the clocks of several machines need not agree.
_TAKE: Final = """
local now = redis.call('TIME')
local at = tonumber(now[1]) + tonumber(now[2]) / 1000000
local rate, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = tonumber(kept[1] or rate) + (at - tonumber(kept[2] or at)) * rate
local taken = math.min(wanted, math.floor(math.min(left, rate)))
left = math.min(left, rate) - taken
redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', string.format('%.6f', at))
redis.call('EXPIRE', KEYS[1], 60)
return taken
"""
_LEFT: Final = """
local now = redis.call('TIME')
local at = tonumber(now[1]) + tonumber(now[2]) / 1000000
local rate = tonumber(ARGV[1])
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = tonumber(kept[1] or rate) + (at - tonumber(kept[2] or at)) * rate
return tostring(math.min(left, rate))
"""
_TIMEOUT_S: Final = 0.5
#: So long nothing is asked of a Redis that did not answer.
_AWAY_S: Final = 5.0
_away_until: dict[str, float] = {}
#: So long an app waits whose bucket was empty, until it is worth asking again.
_REFILL_S: Final = 0.5
_spent_until: Final[dict[tuple[str, str], float]] = {}
#: Without Redis: what is left in this process's own buckets, and since when (monotonic seconds).
_own: dict[str, tuple[float, float]] = {}
_lock: Final = Lock()


@cache
def _client(url: str) -> "redis.Redis":
    # Celery writes a socket's address, and the number of a database there, in ways of its own.
    address = url.replace("redis+socket://", "unix://", 1).replace("virtual_host=", "db=", 1)
    return redis.Redis.from_url(
        address, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S
    )


def take(cloud: str, client_id: str, wanted: int) -> int:
    """Take so many looks out of that app's bucket; returns how many there were. The bucket holds
    one second's worth.

    Without Redis each process has a bucket of its own: no look waits for Redis to come back.
    """
    key = f"looks:{cloud}:{client_id}"
    told = _ask(_TAKE, key, str(wanted))
    taken = _take_of_own(key, wanted) if told is None else int(told)
    if taken < wanted:
        _spent_until[cloud, client_id] = time.monotonic() + _REFILL_S
    return taken


def spent() -> list[tuple[str, str]]:
    """The apps, as cloud and client ID, of whose buckets this process has just seen the bottom:
    what is due for them would only stand in the way of others.
    """
    now = time.monotonic()
    return [app for app, until in _spent_until.copy().items() if now < until]


def left(cloud: str, client_id: str) -> float | None:
    """How many looks that app's bucket holds now; None where Redis does not tell."""
    found = _ask(_LEFT, f"looks:{cloud}:{client_id}")
    return None if found is None else float(found)


def _ask(script: str, key: str, *more: str) -> str | None:
    """What the script says of that bucket; None while Redis is away."""
    url = settings.REDIS_URL
    if time.monotonic() < _away_until.get(url, 0.0):
        return None
    try:
        found = _client(url).eval(script, 1, key, str(settings.LOOKS_A_SECOND), *more)
    except (redis.RedisError, ValueError):  # ValueError: an address only Celery understands
        _away_until[url] = time.monotonic() + _AWAY_S
        return None
    return found.decode() if isinstance(found, bytes) else str(found)


def _take_of_own(key: str, wanted: int) -> int:
    rate, now = float(settings.LOOKS_A_SECOND), time.monotonic()
    with _lock:
        left, at = _own.get(key, (rate, now))
        left = min(rate, left + (now - at) * rate)
        taken = min(wanted, math.floor(left))
        _own[key] = left - taken, now
    return taken


def forget() -> None:
    """All buckets of this process are full, and Redis is asked again."""
    with _lock:
        _own.clear()
        _spent_until.clear()
        _away_until.clear()
