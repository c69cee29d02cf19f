"""What the worker is doing, in numbers and in steps."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from consent import workings
from consent.models import OutboxMessage
from tests.factories import (
    AlarmFactory,
    CanaryFactory,
    CheckFactory,
    OutboxMessageFactory,
    PulseFactory,
    WatchFactory,
    seeded_app,
    seeded_tenant,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def at_work():
    """Every part gave a sign a moment ago."""
    return [PulseFactory(name=name, at=NOON - timedelta(seconds=5)) for name in workings.PARTS]


def steps():
    return workings.look_around().steps


def test_mails_that_left_are_found_by_their_own_index():
    left = OutboxMessage.objects.filter(sent_at__gt=NOON - workings.MAIL_TOO_OLD)

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # On so few rows it would read them all.
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "mail_sent" in left.explain()


def test_app_that_may_not_read_itself_wants_to_be_let(at_work):
    CanaryFactory(unread="Authorization_RequestDenied")

    assert steps() == ("let_compare",)


def test_nobody_is_at_work():
    assert workings.look_around().as_dict() == {
        "at": "2026-01-05T12:00:00+00:00",
        "parts": [
            {"name": name, "at": None, "silent": True} for name in ("checks", "mail", "default")
        ],
        "due": 0,
        "lag_s": 0.0,
        "leased": 0,
        "looks_last_hour": {},
        "codes_last_hour": {},
        "clouds_down": [],
        "throttled": 0,
        "throttled_tenants": [],
        "unsent_mails": 0,
        "oldest_unsent_s": 0.0,
        "given_up_mails": 0,
        "alarms": [],
        "broken_credentials": [],
        "steps": ["start_worker"],
    }


def test_all_is_well(at_work):
    assert steps() == ()


def test_one_part_is_silent(at_work):
    at_work[1].at = NOON - timedelta(seconds=90)
    at_work[1].save()

    assert steps() == ("start_part",)


def test_codes_of_the_last_hour_and_clouds_that_do_not_answer(at_work):
    ago = [NOON - timedelta(minutes=minutes) for minutes in (5, 59, 61)]
    for at, code in zip(ago, ["AADSTS700016", "AADSTS700016", "429"], strict=True):
        CheckFactory(outcome="absent", code=code, at=at)
    CheckFactory(outcome="credential", code="AADSTS7000222", at=NOON - timedelta(minutes=5))
    app = seeded_app("acme-calendar")
    for _number in range(workings.OPENS_AFTER):
        WatchFactory(app=app, failing_since=NOON, next_check_at=None)
    for _number in range(workings.UNANSWERED):
        CheckFactory(watch__app=app, outcome="unreachable", at=NOON - timedelta(seconds=9))

    told = workings.look_around()

    assert list(told.codes.items()) == [("AADSTS700016", 2), ("AADSTS7000222", 1)]
    assert told.down == ("sandbox",)
    assert (told.as_dict()["codes_last_hour"], told.as_dict()["clouds_down"]) == (
        {"AADSTS700016": 2, "AADSTS7000222": 1},
        ["sandbox"],
    )
    assert workings.look_around(with_codes=False).codes == {}


def test_looks_that_wait(at_work):
    WatchFactory(next_check_at=NOON - timedelta(minutes=6))
    WatchFactory(next_check_at=NOON)
    WatchFactory(next_check_at=NOON - timedelta(hours=1), lease_until=NOON + timedelta(seconds=1))
    WatchFactory(next_check_at=NOON - timedelta(hours=1), lease_until=NOON - timedelta(seconds=1))
    WatchFactory(next_check_at=NOON + timedelta(seconds=1))
    WatchFactory(next_check_at=None)

    told = workings.look_around()

    assert (told.due, told.lag, told.leased) == (3, timedelta(hours=1), 1)
    assert told.steps == ("more_workers",)


def test_tenant_that_is_throttled(at_work):
    watch = WatchFactory(
        tenant=seeded_tenant("contoso"),
        app=seeded_app("acme-calendar"),
        next_check_at=NOON,
        not_before=NOON + timedelta(seconds=30),
    )

    told = workings.look_around()

    assert (told.due, told.throttled_total, told.steps) == (0, 1, ())
    assert told.as_dict()["throttled_tenants"] == [
        {
            "tenant_id": watch.tenant.tenant_id,
            "app": "acme-calendar",
            "until": "2026-01-05T12:00:30+00:00",
        }
    ]


def test_looks_of_the_last_hour_by_outcome(at_work):
    watch = WatchFactory(next_check_at=None)
    for minutes, outcome in ((1, "absent"), (2, "absent"), (59, "credential"), (61, "present")):
        CheckFactory(watch=watch, outcome=outcome, at=NOON - timedelta(minutes=minutes))

    told = workings.look_around()

    assert (told.looks, told.steps) == ({"absent": 2, "credential": 1}, ())


def test_alarms_and_apps_that_microsoft_refuses(at_work):
    calendar, suite = seeded_app("acme-calendar"), seeded_app("acme-suite")
    AlarmFactory(kind="credential", app=calendar, since=NOON, detail="AADSTS7000222")
    AlarmFactory(kind="drift", app=suite, since=NOON - timedelta(hours=1), detail="extra")
    AlarmFactory(kind="setup", app=suite, since=NOON, detail="address")
    AlarmFactory(kind="expiry", app=suite, since=NOON, detail="7")
    AlarmFactory(kind="mail", app=None, since=NOON, until=NOON)
    CanaryFactory(app=calendar, silent_since=NOON, stopped_at=NOON, code="AADSTS7000222")
    CanaryFactory(app=suite, silent_since=NOON, code="unreadable")
    CanaryFactory(sang_at=NOON)
    for app in (calendar, suite):
        WatchFactory(app=app, next_check_at=NOON)

    told = workings.look_around()

    assert told.steps == (
        "mend_credential",
        "mend_registration",
        "mend_setup",
        "renew_credential",
    )
    assert told.due == 1
    assert told.as_dict()["alarms"] == [
        {
            "kind": "drift",
            "app": "acme-suite",
            "detail": "extra",
            "since": "2026-01-05T11:00:00+00:00",
        },
        {
            "kind": "credential",
            "app": "acme-calendar",
            "detail": "AADSTS7000222",
            "since": NOON.isoformat(),
        },
        {"kind": "setup", "app": "acme-suite", "detail": "address", "since": NOON.isoformat()},
        {"kind": "expiry", "app": "acme-suite", "detail": "7", "since": NOON.isoformat()},
    ]
    assert told.as_dict()["broken_credentials"] == [
        {"app": "acme-calendar", "code": "AADSTS7000222", "looks_stopped": True},
        {"app": "acme-suite", "code": "unreadable", "looks_stopped": False},
    ]


def test_microsoft_that_mostly_does_not_answer(at_work):
    for outcome in ("unreachable", "absent"):
        CheckFactory(outcome=outcome, at=NOON - timedelta(minutes=1), watch__next_check_at=None)
    assert steps() == ("unreachable",)

    CheckFactory(outcome="absent", at=NOON - timedelta(minutes=1), watch__next_check_at=None)
    assert steps() == ()


def test_mails_that_are_stuck_and_given_up(at_work):
    with time_machine.travel(NOON - timedelta(minutes=16), tick=False):
        OutboxMessageFactory()
    OutboxMessageFactory(sending=True)
    OutboxMessageFactory(failed=True)

    told = workings.look_around()

    assert (told.unsent, told.unsent_for, told.given_up) == (2, timedelta(minutes=16), 1)
    assert told.steps == ("mail_stuck", "send_again")
