import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.verification.schedule import FLOOR, Signals, next_look, shortened

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Middle(random.Random):
    """Dice without jitter."""

    def uniform(self, low, high):
        return (low + high) / 2


def look_after(seconds=0.0, *, pace=1, dice=None, monitor=DAY, **signals):
    """How many seconds after that instant the next look comes."""
    now = START + timedelta(seconds=seconds)
    facts = Signals(**{"waiting": True, "asked_at": START, **signals})
    due = next_look(facts, now, pace=pace, monitor=monitor, dice=dice or Middle())
    return (due - now).total_seconds()


def looks(until, **signals):
    """The seconds at which looks come, from the start on."""
    times, now = [], 0.0
    while (now := now + look_after(now, **signals)) <= until:
        times.append(round(now))
    return times


@pytest.mark.parametrize(
    ("age", "minutes"),
    [
        (timedelta(0), 45),
        (timedelta(days=3, seconds=-1), 45),
        (timedelta(days=3), 60),
        (timedelta(days=14, seconds=-1), 60),
        (timedelta(days=14), 90),
        (timedelta(days=500), 90),
    ],
)
def test_link_in_a_mailbox_is_looked_after_ever_more_slowly(age, minutes):
    assert look_after(age.total_seconds()) == minutes * 60


def test_request_never_asked_about_is_looked_after_as_if_it_began_now():
    assert look_after(asked_at=None) == 45 * 60


@pytest.mark.parametrize(
    ("minutes_ago", "gap"), [(0, 5), (59, 5), (60, 12), (12 * 60 - 1, 12), (12 * 60, 45)]
)
def test_opened_link_brings_looks_more_often_for_half_a_day(minutes_ago, gap):
    opened_at = START - timedelta(minutes=minutes_ago)

    assert look_after(opened_at=opened_at) == gap * 60


def test_return_starts_the_burst():
    times = looks(160, returned_at=START)

    assert [later - sooner for sooner, later in pairwise([0, *times])] == [
        *[3, 5, 5, 5, 5, 10, 10, 20, 30, 60]
    ]


def test_burst_is_no_faster_at_a_faster_pace():
    assert looks(60, returned_at=START, pace=60)[:7] == looks(60, returned_at=START)[:7]


def test_after_the_burst_a_tenant_is_left_alone():
    assert look_after(153, returned_at=START) == 45 * 60


def test_news_bring_looks_after_one_two_and_five_minutes():
    assert looks(600, news_at=START) == [60, 120, 300]


def test_continue_brings_looks_after_one_and_three_minutes():
    assert looks(600, left_at=START) == [60, 180]


def test_granted_tenant_is_monitored_slowly_whatever_happened():
    signals = {"returned_at": START, "news_at": START, "opened_at": START, "left_at": START}

    assert look_after(waiting=False, granted=True, **signals) == 24 * 60 * 60


def test_new_request_beside_a_granted_one_is_looked_after_like_any_other():
    assert look_after(waiting=True, granted=True, returned_at=START) == 3
    assert look_after(waiting=True, granted=True, opened_at=START) == 5 * 60
    assert look_after(waiting=True, granted=True) == 45 * 60


def test_granted_tenant_that_seems_to_have_lost_it_is_looked_at_soon():
    assert look_after(waiting=False, granted=True, uncertain=True) == 6 * 60


@pytest.mark.parametrize(
    ("failing_for", "minutes"), [(0, 1), (1, 1), (119, 1), (120, 6), (1439, 6), (1440, 45)]
)
def test_look_that_failed_comes_again_within_a_minute_until_it_takes_long(failing_for, minutes):
    since = timedelta(minutes=failing_for)

    assert look_after(failing_for=since) == minutes * 60


@pytest.mark.parametrize(
    ("failing_for", "minutes"), [(0, 1), (1, 1), (2, 2), (4, 4), (119, 6), (120, 45), (5000, 45)]
)
def test_answer_that_tells_nothing_is_asked_for_ever_later(failing_for, minutes):
    since = timedelta(minutes=failing_for)

    assert look_after(failing_for=since, unclear=True) == minutes * 60


def test_granted_tenant_that_cannot_be_asked_any_more_is_asked_hourly():
    facts = {"waiting": False, "granted": True, "failing_for": timedelta(days=3)}

    assert look_after(**facts) == 60 * 60
    assert look_after(unclear=True, **facts) == 24 * 60 * 60


@pytest.mark.parametrize(("failing_for", "minutes"), [(0, 1), (14, 1), (15, 6)])
def test_first_look_that_could_not_find_out_is_made_up_for(failing_for, minutes):
    since = timedelta(minutes=failing_for)

    assert look_after(failing_for=since, unclear=True, baseline_missing=True) == minutes * 60


def test_second_look_before_the_many_are_told_comes_when_it_is_due():
    due = START + timedelta(seconds=60)

    assert look_after(granted=True, second_look_due_at=due) == 60
    assert look_after(61, granted=True, second_look_due_at=due) == 1


def test_closed_request_is_looked_after_daily():
    assert look_after(waiting=False, returned_at=START) == 24 * 60 * 60


def test_pace_divides_waits_of_a_minute_and_more():
    assert look_after(pace=60, opened_at=START) == 5
    assert look_after(pace=60) == 45
    assert look_after(pace=60, waiting=False, granted=True) == 24 * 60


@pytest.mark.parametrize(
    ("wait", "pace", "short"),
    [
        ({"seconds": 30}, 60, 30.0),
        ({"seconds": 59.9}, 60, 59.9),
        ({"minutes": 1}, 1, 60.0),
        ({"minutes": 1}, 60, 2.0),
        ({"minutes": 5}, 60, 5.0),
        ({"minutes": 5}, 1000, 2.0),
    ],
)
def test_wait_is_divided_from_a_minute_on_and_never_below_two_seconds(wait, pace, short):
    assert shortened(timedelta(**wait), pace).total_seconds() == short


INSTANTS = st.none() | st.floats(-400, 400).map(lambda days: START + timedelta(days=days))
SIGNALS = st.builds(
    Signals,
    waiting=st.booleans(),
    granted=st.booleans(),
    uncertain=st.booleans(),
    unclear=st.booleans(),
    baseline_missing=st.booleans(),
    failing_for=st.none() | st.floats(0, 400).map(lambda days: timedelta(days=days)),
    second_look_due_at=INSTANTS,
    asked_at=INSTANTS,
    opened_at=INSTANTS,
    left_at=INSTANTS,
    returned_at=INSTANTS,
    news_at=INSTANTS,
)


@given(SIGNALS, INSTANTS.filter(bool), st.integers(1, 5000), st.integers())
def test_next_look_is_never_in_the_past_and_never_later_than_the_monitor(signals, now, pace, seed):
    due = next_look(signals, now, pace=pace, monitor=DAY, dice=random.Random(seed))

    assert now < due <= now + 1.1 * DAY


@given(st.integers(1, 5000), st.integers(), st.booleans(), st.booleans())
def test_jitter_never_takes_a_wait_below_the_floor(pace, seed, granted, uncertain):
    signals = Signals(waiting=True, granted=granted, uncertain=uncertain, opened_at=START)

    due = next_look(signals, START, pace=pace, monitor=DAY, dice=random.Random(seed))

    assert due - START >= FLOOR


@given(st.integers())
def test_jitter_is_a_tenth(seed):
    assert 0.9 * 2700 <= look_after(dice=random.Random(seed)) <= 1.1 * 2700
