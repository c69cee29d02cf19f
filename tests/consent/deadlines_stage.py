"""What tests of deadlines stand on: a noon, and the sweep so long after it."""

from datetime import UTC, datetime, timedelta

import time_machine

from consent import deadlines

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def sweep(after=timedelta(0)):
    """Everything that is due by then."""
    with time_machine.travel(NOON + after, tick=False):
        deadlines.sweep()
