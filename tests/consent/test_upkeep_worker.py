"""The parts of the worker mind each other, the mails, and the clouds of Microsoft's."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import upkeep, workings
from consent.models import Alarm
from consent.verification import canary
from tests.factories import (
    AlarmFactory,
    AppRegistrationFactory,
    CheckFactory,
    OutboxMessageFactory,
    PulseFactory,
    WatchFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def standing():
    return [(one.kind, one.detail) for one in Alarm.objects.filter(until=None).order_by("kind")]


@pytest.fixture
def pulses():
    """Signs of the parts, so many seconds before noon."""

    def _pulses(**ages):
        for name, seconds in ages.items():
            PulseFactory(name=name, at=NOON - timedelta(seconds=seconds))

    return _pulses


@pytest.fixture
def mind():
    def _mind():
        with time_machine.travel(NOON, tick=False):
            upkeep.mind_the_worker("default")
        return standing()

    return _mind


def test_part_that_is_silent_alarms(pulses, mind):
    pulses(default=30, checks=91, mail=5)

    assert mind() == [("worker", "checks")]


def test_parts_that_are_both_silent_are_one_alarm(pulses, mind):
    pulses(default=30, checks=91, mail=1000)

    assert mind() == [("worker", "checks_and_mail")]


def test_part_that_never_ran_alarms_nobody(pulses, mind):
    pulses(default=30, mail=5)

    assert mind() == []


def test_worker_that_has_just_been_started_alarms_nobody(pulses, mind):
    assert mind() == []
    pulses(default=1000, checks=1000, mail=1000)

    assert mind() == []


def test_part_that_is_back_ends_the_alarm(pulses, mind):
    AlarmFactory(kind="worker", app=None, since=NOON, detail="checks")
    pulses(default=30, checks=1, mail=1)

    assert mind() == []


@pytest.mark.parametrize("part", ["checks", "mail", "default"])
def test_each_part_minds_the_others(pulses, part):
    pulses(**{name: 1000 for name in workings.PARTS if name != part}, **{part: 30})

    with time_machine.travel(NOON, tick=False):
        upkeep.mind_the_others(part)

    silent = [name for name in workings.PARTS if name != part]
    assert standing() == [("worker", "_and_".join(silent))]


def test_part_among_others_that_are_well_asks_no_more(pulses, django_assert_num_queries):
    pulses(default=30, checks=1, mail=1)

    with time_machine.travel(NOON, tick=False), django_assert_num_queries(1):
        upkeep.mind_the_others("checks")


def failing(number, cloud="sandbox"):
    app = AppRegistrationFactory(cloud=cloud)
    return WatchFactory.create_batch(number, app=app, failing_since=NOON - timedelta(minutes=9))


def checks(watches, outcome, *, seconds=30, code=""):
    at = NOON - timedelta(seconds=seconds)
    for watch in watches:
        CheckFactory(watch=watch, at=at, outcome=outcome, code=code)


def test_cloud_that_answers_about_nobody_alarms_until_it_does(pulses, mind):
    pulses(default=30, checks=1, mail=1)
    watches = failing(20)
    checks(watches[:3], "unreachable")
    told = [mind()]
    checks(watches[:1], "absent", seconds=1)
    told.append(mind())

    assert told == [[("outage", "sandbox")], []]


@pytest.mark.parametrize(("many", "unanswered"), [(19, 3), (20, 2)])
def test_few_tenants_that_fail_are_no_outage(pulses, mind, many, unanswered):
    pulses(default=30, checks=1, mail=1)
    checks(failing(many)[:unanswered], "unreachable")

    assert mind() == []


def test_home_that_cannot_be_asked_is_no_outage_of_everybody(pulses, mind):
    pulses(default=30, checks=1, mail=1)
    checks(failing(20), "unreachable", code=canary.UNHEARD)

    assert mind() == []


def test_outage_of_one_cloud_is_none_of_another(pulses, mind):
    pulses(default=30, checks=1, mail=1)
    checks(failing(20)[:3], "unreachable")
    checks(failing(20, "global")[:3], "absent")

    assert mind() == [("outage", "sandbox")]


def test_mails_that_are_all_given_up_alarm_until_one_leaves(pulses, mind):
    pulses(default=30, checks=1, mail=1)
    OutboxMessageFactory(sent=True, sent_at=NOON)
    OutboxMessageFactory.create_batch(19, failed=True)
    told = [mind()]
    OutboxMessageFactory(failed=True)
    told.append(mind())
    OutboxMessageFactory(sent=True, sent_at=NOON)
    told.append(mind())

    assert told == [[], [("mail", "given_up")], []]


def test_mails_that_are_stuck_alarm_until_one_leaves(pulses, mind):
    pulses(default=30, checks=1, mail=1)
    with time_machine.travel(NOON - timedelta(minutes=16), tick=False):
        OutboxMessageFactory()
    told = [mind()]
    OutboxMessageFactory(sent=True, sent_at=NOON)
    told.append(mind())

    assert told == [[("mail", "")], []]
