"""When a whole cloud of Microsoft's is down: asking on would help nobody, so looks pause.

Each process finds it out by itself. It opens when many different tenants failed and none was
answered in between; one that is broken alone cannot open it. After a pause a few looks probe, and
the first answer of any kind closes it.
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import Final

logger = logging.getLogger(__name__)
#: Tenants.
OPENS_AFTER: Final = 20
PROBES: Final = 3
FIRST_PAUSE: Final = timedelta(seconds=15)
#: Work resumes within a minute after Microsoft does.
LONGEST_PAUSE: Final = timedelta(minutes=1)


@dataclass
class _Breaker:
    failing: set[str] = field(default_factory=set)
    pause: timedelta = field(default_factory=lambda: FIRST_PAUSE)
    #: Monotonic seconds; before them nothing is asked. None: closed.
    until: float | None = None
    is_probing: bool = False


@dataclass
class _Breakers:
    lock: Lock = field(default_factory=Lock)
    of_cloud: dict[str, _Breaker] = field(default_factory=dict)


_known: Final = _Breakers()


def paused() -> list[str]:
    """The names of the clouds that are left alone now."""
    now = monotonic()
    with _known.lock:
        return [name for name, one in _known.of_cloud.items() if one.until and now < one.until]


def admit(cloud: str, wanted: int) -> int:
    """How many looks may begin: all, none during a pause, and after it a few that probe.

    The probes have as long as the pause before others may probe.
    """
    now = monotonic()
    with _known.lock:
        one = _known.of_cloud.get(cloud)
        if one is None or one.until is None:
            return wanted
        if now < one.until:
            return 0
        one.until, one.is_probing = now + one.pause.total_seconds(), True
        return min(wanted, PROBES)


def answered(cloud: str) -> None:
    """Microsoft answered there, whatever it said."""
    with _known.lock:
        one = _known.of_cloud.pop(cloud, None)
    if one and one.until:
        logger.warning("Microsoft's cloud %s answers again", cloud)


def failed(cloud: str, tenant_id: str) -> None:
    """Microsoft did not answer about that tenant, or said that it cannot."""
    with _known.lock:
        one = _known.of_cloud.setdefault(cloud, _Breaker())
        one.failing.add(tenant_id)
        if len(one.failing) < OPENS_AFTER:
            return
        if one.until is None:
            logger.error("Microsoft's cloud %s does not answer; looks there pause", cloud)
        elif one.is_probing:
            one.pause = min(2 * one.pause, LONGEST_PAUSE)
        else:
            return  # it was asked before the pause began
        one.is_probing = False
        one.until = monotonic() + one.pause.total_seconds()


def forget() -> None:
    """Every cloud is well."""
    with _known.lock:
        _known.of_cloud.clear()
