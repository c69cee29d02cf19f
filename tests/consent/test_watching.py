from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import watching
from consent.models import Watch
from tests.factories import (
    ApprovalLinkFactory,
    ConsentAttemptFactory,
    EvidenceFactory,
    WatchFactory,
)

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


@pytest.mark.parametrize("what", [watching.opened, watching.left, watching.wanted])
def test_signal_after_a_look_leaves_the_tenant_alone_for_half_a_minute(link, what):
    WatchFactory(of=link.request, last_look_at=NOON, next_check_at=NOON + timedelta(hours=1))

    assert signal(link.request, what, 10)[1] == 30
    assert signal(link.request, what, 40)[1] == 30


def test_signal_during_a_look_counts_that_one_as_the_last(link):
    begun = {"lease_until": NOON + timedelta(seconds=45), "last_look_at": NOON - timedelta(days=1)}
    WatchFactory(of=link.request, next_check_at=NOON, **begun)

    assert signal(link.request, watching.wanted, 1)[1] == 31
    assert signal(link.request, watching.demanded, 2)[1] == 2


@pytest.mark.parametrize(
    "what", [watching.begin, watching.returned, watching.learnt, watching.demanded]
)
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


def try_out(request, seconds, **fields):
    """Somebody tests the connection at that second after noon, and a look follows where one is due
    at once; how long the test waited for it, in seconds.
    """
    at = NOON + timedelta(seconds=seconds)
    EvidenceFactory(request=request, **{"coverage": True, "at": at, **fields})
    watch, due = signal(request, watching.learnt, seconds)
    if due == seconds:
        Watch.objects.filter(pk=watch.pk).update(last_look_at=at, next_check_at=None)
    return due - seconds


def test_evidence_brings_five_looks_at_once_in_an_hour_and_then_waits_for_the_quiet_time(link):
    WatchFactory(of=link.request, last_look_at=NOON, next_check_at=None)

    assert [try_out(link.request, second) for second in range(10, 17)] == [0, 0, 0, 0, 0, 29, 28]
    Watch.objects.update(last_look_at=NOON + timedelta(seconds=44), next_check_at=None)
    assert try_out(link.request, 10 + 3600) == 0


@pytest.mark.parametrize(
    "other", [{"kind": "claim", "coverage": False}, {"kind": "look", "coverage": False}]
)
def test_evidence_that_is_nobodys_sign_in_uses_up_no_quick_look(link, other):
    WatchFactory(of=link.request, last_look_at=NOON, next_check_at=None)
    for _ in range(9):
        EvidenceFactory(request=link.request, at=NOON, **other)
        EvidenceFactory(request=link.request, at=NOON, identity=True)

    assert try_out(link.request, 1) == 0


def test_evidence_within_the_burst_uses_up_no_quick_look(link):
    WatchFactory(of=link.request, returned_at=NOON, last_look_at=NOON, next_check_at=None)

    assert [try_out(link.request, second) for second in range(1, 8)] == [0] * 7
    assert [try_out(link.request, second) for second in range(154, 160)] == [0, 0, 0, 0, 0, 29]


def test_signal_is_of_one_tenant_and_app(link):
    other = WatchFactory(next_check_at=None)

    signal(link.request, watching.returned)

    other.refresh_from_db()
    assert (other.signals, other.next_check_at) == (0, None)


def test_hint_where_nobody_watches_is_nothing(link):
    watching.hinted(link.request)

    assert Watch.objects.count() == 0
