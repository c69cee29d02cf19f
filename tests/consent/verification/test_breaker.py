"""Microsoft is down: looks pause, a few probe, the first answer ends it."""

import logging
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from consent.models import Check, Watch
from consent.verification import breaker, checker
from consent.verification.breaker import OPENS_AFTER, PROBES, admit, answered, failed, paused
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    WatchFactory,
    guid,
    seeded_app,
    seeded_tenant,
)

PAUSE = timedelta(seconds=0.1)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    breaker.forget()
    monkeypatch.setattr(breaker, "FIRST_PAUSE", PAUSE)
    monkeypatch.setattr(breaker, "LONGEST_PAUSE", 3 * PAUSE)
    yield
    breaker.forget()


def fail(tenants=OPENS_AFTER, cloud="sandbox"):
    for number in range(tenants):
        failed(cloud, guid(f"silent {number}"))


def sleep(pauses):
    time.sleep(pauses * PAUSE.total_seconds() + 0.02)


def test_breaker_opens_after_many_failures_in_a_row(caplog):
    fail(OPENS_AFTER - 1)
    answered("sandbox")
    fail(OPENS_AFTER - 1)
    assert (admit("sandbox", 7), paused()) == (7, [])

    fail(OPENS_AFTER)

    assert (admit("sandbox", 7), paused()) == (0, ["sandbox"])
    assert admit("global", 7) == 7
    assert caplog.messages == ["Microsoft's cloud sandbox does not answer; looks there pause"]


def test_tenant_that_fails_alone_stops_no_other():
    for _ in range(3 * OPENS_AFTER):
        failed("sandbox", guid("silent"))

    assert (admit("sandbox", 7), paused()) == (7, [])


def test_failures_of_looks_that_began_before_the_pause_do_not_lengthen_it():
    fail(3 * OPENS_AFTER)

    sleep(1)

    assert admit("sandbox", 7) == PROBES


def test_few_probe_after_the_pause_and_an_answer_ends_it(caplog):
    fail()
    sleep(1)

    assert [admit("sandbox", 7), admit("sandbox", 7)] == [PROBES, 0]
    with caplog.at_level(logging.WARNING):
        answered("sandbox")

    assert (admit("sandbox", 7), paused()) == (7, [])
    assert caplog.messages[-1] == "Microsoft's cloud sandbox answers again"


def test_probe_that_fails_doubles_the_pause_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(breaker, "FIRST_PAUSE", timedelta(seconds=20))
    monkeypatch.setattr(breaker, "LONGEST_PAUSE", timedelta(seconds=60))
    fail()
    known, pauses = breaker._known.of_cloud["sandbox"], []
    for _ in range(4):
        pauses.append(known.pause.total_seconds())
        assert admit("sandbox", 1) == 0
        known.until = time.monotonic()  # the pause is over
        assert admit("sandbox", 1) == 1
        fail(PROBES)

    assert pauses == [20, 40, 60, 60]


@pytest.mark.django_db
def test_looks_pause_while_microsoft_is_down_and_go_on_afterwards(microsoft, monkeypatch):
    monkeypatch.setattr(breaker, "FIRST_PAUSE", timedelta(seconds=2))
    app = seeded_app("acme-calendar")
    for name in ("contoso", "fabrikam", "northwind", "adatum"):
        request = ConsentRequestFactory(asked=True, tenant=seeded_tenant(name), app=app)
        WatchFactory(of=request)
    elsewhere = AppRegistrationFactory(credential="", cloud="global")
    WatchFactory(of=ConsentRequestFactory(asked=True, app=elsewhere))
    microsoft.control({"faults": {"token": {"503": 1}}})
    fail(OPENS_AFTER - 1)
    assert checker.look_at_due() == 5
    Watch.objects.filter(app=app).update(next_check_at=timezone.now())

    assert checker.look_at_due() == 0

    microsoft.control({"faults": {"token": {}}})
    time.sleep(2)
    assert checker.look_at_due() == PROBES
    assert checker.look_at_due() == 1
    outcomes = [check.outcome for check in Check.objects.order_by("pk")]
    assert outcomes == ["unreachable"] * 4 + ["absent"] * 4
    assert Watch.objects.filter(lease_until__isnull=False).count() == 0
