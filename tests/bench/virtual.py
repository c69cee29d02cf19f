"""Weeks of looks in virtual time: the schedule itself decides when, dice decide what happens.

Each tenant is asked at the start. Four of five approve after a log-normal time (median 24 h, sigma
1.5) without telling us; the horizon is 30 days. Half of the links are opened: before an approval by
a log-normal time (median 10 min, sigma 1.5), where none comes at a uniform time.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from math import log

from consent.verification.schedule import QUIET, Signals, next_look

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
HORIZON = timedelta(days=30)
MONITOR = timedelta(days=1)
SIGMA = 1.5
HOW = "30 days of virtual time, seed 1, the real schedule"
#: Beat wakes the worker once a second.
TICK_S = 1.0
#: Token and directory: what a look takes once it has begun.
LOOK_S = 0.3


@dataclass
class Weeks:
    """What came of it. Delays from an approval to the look that saw it, in minutes."""

    opened: list[float] = field(default_factory=list)
    other: list[float] = field(default_factory=list)
    calls: int = 0
    waited_days: float = 0.0

    @property
    def calls_per_request_day(self) -> float:
        """HTTP calls for each day that a request waited."""
        return self.calls / self.waited_days


def p95(values: list[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


@cache
def weeks(n: int, seed: int = 1) -> Weeks:
    """A month of so many tenants."""
    dice, found = random.Random(seed), Weeks()
    for _ in range(n):
        _month(dice, found)
    return found


def _month(dice: random.Random, found: Weeks) -> None:
    approves = dice.random() >= 0.2
    approved_at = START + timedelta(hours=dice.lognormvariate(log(24), SIGMA))
    approved_at = approved_at if approves else datetime.max.replace(tzinfo=UTC)
    comes = approved_at < START + HORIZON
    opened_at = None
    if dice.random() < 0.5:
        before = timedelta(minutes=dice.lognormvariate(log(10), SIGMA))
        uniform = START + HORIZON * dice.random()
        opened_at = max(START, approved_at - before) if comes else uniform
    now, opened = START, None
    while now < START + HORIZON:
        # A tenant that has not approved costs one call; the canary's are spread over all.
        found.calls += 1
        if now >= approved_at:
            found.calls += 1
            delays = found.opened if opened else found.other
            delays.append((now - approved_at).total_seconds() / 60)
            break
        now, opened = _next(now, opened, opened_at, dice)
    found.waited_days += (min(now, START + HORIZON) - START) / timedelta(days=1)


def _next(
    now: datetime, opened: datetime | None, opened_at: datetime | None, dice: random.Random
) -> tuple[datetime, datetime | None]:
    """When the next look is, and since when the link was known to be opened then."""
    signals = Signals(waiting=True, asked_at=START, opened_at=opened)
    due = next_look(signals, now, pace=1, monitor=MONITOR, dice=dice)
    if opened_at and opened is None and opened_at <= due:
        opened, due = opened_at, max(opened_at, now + QUIET)
    return due + timedelta(seconds=dice.uniform(0, TICK_S) + LOOK_S), opened


@cache
def announced(n: int, seed: int = 1) -> list[float]:
    """Seconds from a grant's becoming visible, 0 to 15 s after the return, to the proving look."""
    dice, found = random.Random(seed), []
    for _ in range(n):
        visible_at = START + timedelta(seconds=dice.uniform(0, 15))
        signals = Signals(waiting=True, asked_at=START, returned_at=START)
        began = now = START
        while began < visible_at:
            due = next_look(signals, now, pace=1, monitor=MONITOR, dice=dice)
            began = due + timedelta(seconds=dice.uniform(0, TICK_S))
            now = began + timedelta(seconds=LOOK_S)
        found.append((now - visible_at).total_seconds())
    return found
