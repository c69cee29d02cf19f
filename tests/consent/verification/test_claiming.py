"""Who looks at what: leases, the order in which looks are due, and several workers at once."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from consent.models import Watch
from consent.verification import checker, claiming
from tests.consent.rows_stage import fresh
from tests.consent.verification.look_stage import NOON
from tests.factories import AppRegistrationFactory, WatchFactory

pytestmark = pytest.mark.django_db


def claimed(only=None, limit=50):
    return [claimed.watch_id for claimed in claiming.claim(limit, only=only)]


@time_machine.travel(NOON, tick=False)
def test_claim_takes_what_is_due_and_free_in_the_order_in_which_it_became_due():
    ago = NOON - timedelta(minutes=1)
    second = WatchFactory(next_check_at=NOON)
    first = WatchFactory(next_check_at=ago)
    dead = WatchFactory(next_check_at=NOON, lease_until=NOON - timedelta(seconds=1))
    WatchFactory(next_check_at=NOON + timedelta(seconds=1))
    WatchFactory(next_check_at=None)
    WatchFactory(next_check_at=ago, lease_until=NOON + timedelta(seconds=1))
    WatchFactory(next_check_at=ago, not_before=NOON + timedelta(seconds=1))
    spared = WatchFactory(next_check_at=NOON, not_before=NOON)

    assert {*claimed()} == {first.pk, second.pk, dead.pk, spared.pk}
    assert fresh(first).lease_until == NOON + claiming.LEASE


@time_machine.travel(NOON, tick=False)
def test_claim_takes_the_longest_due_where_it_may_not_take_all():
    WatchFactory(next_check_at=NOON)
    first = WatchFactory(next_check_at=NOON - timedelta(minutes=1))

    assert claimed(limit=1) == [first.pk]


@time_machine.travel(NOON, tick=False)
def test_claim_takes_those_first_at_which_somebody_has_just_come_back():
    WatchFactory(next_check_at=NOON - timedelta(hours=1))
    long_ago = NOON - timedelta(minutes=3)
    WatchFactory(next_check_at=NOON - timedelta(minutes=2), returned_at=long_ago)
    back = WatchFactory(next_check_at=NOON, returned_at=NOON - timedelta(seconds=8))

    assert [claimed(limit=1), len(claimed(limit=2))] == [[back.pk], 2]


def test_claim_passes_over_apps_whose_budget_is_spent(settings):
    settings.LOOKS_A_SECOND = 1
    ago = timezone.now() - timedelta(hours=1)
    WatchFactory.create_batch(2, app=AppRegistrationFactory(), next_check_at=ago)
    other = WatchFactory()

    assert [len(claimed(limit=2)), claimed(limit=2)] == [1, [other.pk]]


def test_claim_beyond_the_budget_admits_people_at_their_browsers_first(settings):
    settings.LOOKS_A_SECOND = 1
    app, now = AppRegistrationFactory(), timezone.now()
    for _ in range(3):
        WatchFactory(of__app=app, of__asked=True)
    back = WatchFactory(of__app=app, of__asked=True, returned_at=now)

    assert claimed() == [back.pk]


def test_what_is_given_back_after_another_took_it_stays_his():
    watch = WatchFactory()
    (lost,) = claiming.claim()
    later = timezone.now() + 2 * claiming.LEASE
    Watch.objects.filter(pk=watch.pk).update(lease_until=later)

    claiming.give_back([lost], timedelta(hours=1))

    assert fresh(watch).lease_until == later
    assert watch.next_check_at < timezone.now()


def test_claim_of_one_takes_that_one_alone_and_only_if_it_is_due():
    watch, _other = WatchFactory(), WatchFactory()
    later = WatchFactory(next_check_at=timezone.now() + timedelta(minutes=1))

    assert (claimed(watch.pk), claimed(later.pk), claimed(404)) == ([watch.pk], [], [])


def test_claim_by_a_second_worker_takes_nothing():
    watch = WatchFactory()

    assert [claimed(), claimed(), claimed(watch.pk)] == [[watch.pk], [], []]


def test_claim_is_void_after_the_lease():
    watch = WatchFactory()
    with time_machine.travel(timezone.now() + timedelta(seconds=1), tick=False):
        assert claimed() == [watch.pk]
    with time_machine.travel(timezone.now() + claiming.LEASE - timedelta(seconds=1), tick=False):
        assert claimed() == []
    with time_machine.travel(timezone.now() + claiming.LEASE + timedelta(seconds=2), tick=False):
        assert claimed() == [watch.pk]


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_never_look_at_one_watch():
    if connection.vendor == "sqlite":
        pytest.skip("an SQLite database in memory belongs to one thread")
    watches = WatchFactory.create_batch(20)
    taken, start = [], threading.Barrier(4)

    def work():
        start.wait()
        for _ in range(5):
            taken.extend(claimed(limit=3))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(taken) == len({*taken})
    assert {*taken} <= {watch.pk for watch in watches}


@time_machine.travel(NOON, tick=False)
def test_lease_is_renewed_for_what_is_still_in_hand():
    done, held = WatchFactory(), WatchFactory()
    (lease,) = {claimed.lease for claimed in claiming.claim()}
    Watch.objects.filter(pk=done.pk).update(lease_until=None)

    with time_machine.travel(NOON + claiming.LEASE / 3 - timedelta(seconds=1), tick=False):
        lease.keep()
        assert fresh(held).lease_until == NOON + claiming.LEASE
    with time_machine.travel(NOON + claiming.LEASE / 2, tick=False):
        lease.keep()
        assert fresh(held).lease_until == lease.until == NOON + claiming.LEASE * 1.5
    assert fresh(done).lease_until is None


@time_machine.travel(NOON, tick=False)
def test_lease_that_another_worker_has_by_now_is_not_renewed():
    watch = WatchFactory()
    (claimed,) = claiming.claim()
    later = NOON + timedelta(minutes=2)
    Watch.objects.filter(pk=watch.pk).update(lease_until=later)

    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        claimed.lease.keep()

    assert fresh(watch).lease_until == later


def test_looks_that_take_long_to_write_down_are_looked_at_once(monkeypatch):
    watches = WatchFactory.create_batch(3, app=AppRegistrationFactory(credential=""))
    claimed_looks, taken = claiming.claim(), []

    def slowly(claimed, _finding):
        """Twenty seconds each, and another worker asks for what is due after each."""
        clock.shift(timedelta(seconds=20))
        Watch.objects.filter(pk=claimed.watch_id).update(lease_until=None, next_check_at=None)
        taken.extend(claiming.claim())

    monkeypatch.setattr(checker, "_conclude", slowly)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        answered = [(claimed, checker.Finding(None, timezone.now())) for claimed in claimed_looks]
        checker.write_down(answered, {claimed.lease for claimed in claimed_looks})

    assert (len(answered), taken) == (len(watches), [])
