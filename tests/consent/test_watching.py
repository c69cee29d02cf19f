from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import watching
from consent.models import Watch
from tests.factories import ApprovalLinkFactory, ConsentAttemptFactory, WatchFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def link(db):
    return ApprovalLinkFactory()


def signal(request, what, seconds=0):
    """Ring at that second after noon; the watch afterwards, and when it looks (seconds)."""
    at = NOON + timedelta(seconds=seconds)
    with time_machine.travel(at, tick=False):
        what(request)
    watch = Watch.objects.get(tenant=request.tenant, app=request.app)
    return watch, (watch.next_check_at - NOON).total_seconds()


@pytest.mark.parametrize(
    ("what", "field"),
    [
        (watching.begin, "asked_at"),
        (watching.opened, "opened_at"),
        (watching.left, "left_at"),
        (watching.returned, "returned_at"),
    ],
)
def test_signal_brings_a_first_look_at_once_and_is_remembered(link, what, field):
    watch, due = signal(link.request, what)

    assert (watch.signals, getattr(watch, field), due) == (1, NOON, 0)


@pytest.mark.parametrize("what", [watching.opened, watching.left])
def test_signal_after_a_look_leaves_the_tenant_alone_for_half_a_minute(link, what):
    WatchFactory(of=link.request, last_look_at=NOON, next_check_at=NOON + timedelta(hours=1))

    assert signal(link.request, what, 10)[1] == 30
    assert signal(link.request, what, 40)[1] == 30


@pytest.mark.parametrize("what", [watching.begin, watching.returned, watching.learnt])
def test_return_and_new_evidence_bring_a_look_at_once_nevertheless(link, what):
    WatchFactory(of=link.request, last_look_at=NOON, next_check_at=NOON + timedelta(hours=1))

    assert signal(link.request, what, 10)[1] == 10


@pytest.mark.parametrize(("seconds", "due"), [(150, 150), (160, 170)])
def test_signal_within_the_burst_brings_a_look_at_once(link, seconds, due):
    last = NOON + timedelta(seconds=140)
    WatchFactory(of=link.request, returned_at=NOON, last_look_at=last, next_check_at=None)

    assert signal(link.request, watching.opened, seconds)[1] == due


def test_signal_never_puts_a_look_off(link):
    sooner = NOON + timedelta(seconds=12)
    WatchFactory(of=link.request, last_look_at=NOON, next_check_at=sooner)

    assert signal(link.request, watching.opened, 10)[1] == 12


def test_continue_brings_five_quick_looks_and_no_more(link):
    times = []
    for number in range(7):
        ConsentAttemptFactory(link=link, left_at=NOON + timedelta(minutes=number))
        watch, _due = signal(link.request, watching.left, number * 60)
        times.append(watch.signals)

    assert times == [1, 2, 3, 4, 5, 5, 5]


def test_signal_is_of_one_tenant_and_app(link):
    other = WatchFactory(next_check_at=None)

    signal(link.request, watching.returned)

    other.refresh_from_db()
    assert (other.signals, other.next_check_at) == (0, None)


def test_hint_where_nobody_watches_is_nothing(link):
    watching.hinted(link.request)

    assert Watch.objects.count() == 0
