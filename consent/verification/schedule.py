"""When to look next: the signals of a watch in, an instant out. Pure, so that it can be run in
virtual time.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final


def _cumulated(*gaps: int) -> tuple[timedelta, ...]:
    total, instants = 0, []
    for gap in gaps:
        total += gap
        instants.append(timedelta(seconds=total))
    return tuple(instants)


MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
#: After a browser came back from Microsoft, counted from the return. Its seconds are seconds at any
#: pace.
BURST: Final = _cumulated(3, 5, 5, 5, 5, 10, 10, 20, 30, 60)
#: While somebody waits: looks at these times after the signal of that name.
AFTER: Final = {
    "returned_at": BURST,
    "news_at": (MINUTE, 2 * MINUTE, 5 * MINUTE),
    "left_at": (MINUTE, 3 * MINUTE),
}
#: While somebody waits: (until, gap) a signal; while it is younger than `until`, look every `gap`.
EVERY: Final = {
    "opened_at": ((HOUR, 5 * MINUTE), (12 * HOUR, 12 * MINUTE)),
    "asked_at": ((3 * DAY, 45 * MINUTE), (14 * DAY, HOUR)),
}
SELDOM: Final = 90 * MINUTE
#: While that holds, look every so often.
WHILE: Final = {
    # What a look said must be confirmed.
    "uncertain": 6 * MINUTE,
    # Somebody waits although it is granted: switched off, say.
    "waited_for": 20 * MINUTE,
}
#: While looks fail, by how long they have: Microsoft is back after minutes, or it takes long.
FAILING: Final = ((2 * HOUR, MINUTE), (DAY, 6 * MINUTE), (400 * DAY, HOUR))
#: While Microsoft answers, but with nothing that tells: as long again as that has lasted, at
#: most so long, and after two hours no sooner than where all is well.
UNCLEAR: Final = ((2 * HOUR, 6 * MINUTE),)
#: While no look has told anything yet: what comes next could else not be news.
BASELINE: Final = ((15 * MINUTE, MINUTE),)
#: After a request ended unanswered.
AFTERWARDS: Final = DAY
#: After the burst that follows a return, one tenant costs at most one token request in this time.
QUIET: Final = timedelta(seconds=30)
#: Nothing is divided below this.
FLOOR: Final = timedelta(seconds=2)


@dataclass(frozen=True)
class Signals:
    """What happened at a watch, as instants (UTC) or None."""

    waiting: bool
    granted: bool = False
    uncertain: bool = False
    #: No look has told anything yet.
    baseline_missing: bool = False
    waited_for: bool = False
    second_look_due_at: datetime | None = None
    #: Since the first of the looks in a row that could not find out.
    failing_for: timedelta | None = None
    #: They were answered, but with nothing that tells.
    unclear: bool = False
    asked_at: datetime | None = None
    opened_at: datetime | None = None
    left_at: datetime | None = None
    returned_at: datetime | None = None
    news_at: datetime | None = None


def next_look(
    signals: Signals, now: datetime, *, pace: int, monitor: timedelta, dice: random.Random
) -> datetime:
    """The earliest instant after `now` at which a look is worthwhile. Gaps carry jitter; looks at
    set times after a signal do not.

    `pace` divides waits of a minute and more (the demo's hours pass in minutes), never below 2 s.
    """
    # One that was never asked about is looked after as if it began now.
    signals = replace(signals, asked_at=signals.asked_at or now)
    return min(
        candidate for candidate in _candidates(signals, now, pace, monitor, dice) if candidate > now
    )


def _candidates(
    signals: Signals, now: datetime, pace: int, monitor: timedelta, dice: random.Random
) -> Iterator[datetime]:
    def after(gap: timedelta) -> datetime:
        return now + max(shortened(gap, pace) * dice.uniform(0.9, 1.1), FLOOR)

    if signals.second_look_due_at:
        yield max(signals.second_look_due_at, now + timedelta(seconds=1))
    yield from (after(gap) for name, gap in WHILE.items() if getattr(signals, name))
    if signals.failing_for is not None:
        yield from map(after, _while_failing(signals, signals.failing_for))
    if signals.granted:
        yield after(monitor)
    elif not signals.waiting:
        yield after(AFTERWARDS)
    # An open request may stand beside a granted one of an older set.
    if signals.waiting:
        for name, waits in AFTER.items():
            yield from _of_instant(getattr(signals, name), waits, pace)
        for name, phases in EVERY.items():
            since = getattr(signals, name)
            if since and (gap := _phase(phases, now - since)):
                yield after(gap)
        yield after(SELDOM)


def _while_failing(signals: Signals, failing_for: timedelta) -> Iterator[timedelta]:
    """How long to wait at most, by each rule that holds."""
    if signals.baseline_missing and (gap := _phase(BASELINE, failing_for)):
        yield gap
    if gap := _phase(UNCLEAR if signals.unclear else FAILING, failing_for):
        yield min(gap, max(MINUTE, failing_for)) if signals.unclear else gap


def _of_instant(
    since: datetime | None, waits: Iterable[timedelta], pace: int
) -> Iterator[datetime]:
    if since:
        for wait in waits:
            yield since + (wait if waits is BURST else shortened(wait, pace))


def _phase(phases: tuple[tuple[timedelta, timedelta], ...], age: timedelta) -> timedelta | None:
    return next((gap for until, gap in phases if age < until), None)


def shortened(wait: timedelta, pace: int) -> timedelta:
    """A wait at that pace: those of a minute and more are divided, never below two seconds."""
    return max(wait / pace, FLOOR) if wait >= MINUTE else wait
