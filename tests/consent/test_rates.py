from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import rates
from consent.errors import TooOften
from consent.models import RateCount

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def use(value="192.0.2.7", kind="network", times=1):
    for _ in range(times):
        rates.count(kind, value, limit=3, span=HOUR)


@time_machine.travel(NOON)
def test_three_uses_of_three_are_fine_and_the_fourth_is_too_often():
    use(times=3)

    with pytest.raises(TooOften) as refused:
        use()

    assert (refused.value.code, str(refused.value)) == ("too_often", "network")


@time_machine.travel(NOON)
def test_others_and_other_kinds_are_counted_apart():
    use(times=3)
    use("192.0.2.8", times=3)
    use(kind="tenant", times=3)

    assert list(RateCount.objects.order_by("pk").values_list("count", flat=True)) == [3, 3, 3]


def test_next_span_begins_anew():
    with time_machine.travel(NOON + timedelta(minutes=59)):
        use(times=3)
    with time_machine.travel(NOON + HOUR):
        use(times=3)

    assert list(RateCount.objects.order_by("pk").values_list("span_start", flat=True)) == [
        NOON,
        NOON + HOUR,
    ]


@time_machine.travel(NOON)
def test_counter_keeps_no_address():
    use("192.0.2.7")

    row = RateCount.objects.get()
    assert "192" not in row.subject
    assert len(row.subject) == 64


def test_counters_of_old_spans_are_forgotten():
    for hours in (0, 1, 2):
        with time_machine.travel(NOON + hours * HOUR):
            use()

    assert rates.forget_old(NOON + 2 * HOUR) == 2
    assert [row.span_start for row in RateCount.objects.order_by("pk")] == [NOON + 2 * HOUR]
