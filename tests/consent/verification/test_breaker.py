"""Microsoft is down: looks pause, a few probe, the first answer ends it."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from consent.models import Check, Watch
from consent.verification import breaker, checker
from consent.verification.breaker import (
    FIRST_PAUSE,
    OPENS_AFTER,
    PROBES,
    admit,
    answered,
    failed,
    paused,
)
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    WatchFactory,
    guid,
    seeded_app,
    seeded_tenant,
)


class Clock:
    """Monotonic seconds that pass only when told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def pass_by(self, time):
        self.now += time.total_seconds()


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    breaker.forget()
    clock = Clock()
    monkeypatch.setattr(breaker, "monotonic", clock)
    yield clock
    breaker.forget()


def fail(tenants=OPENS_AFTER, cloud="sandbox"):
    for number in range(tenants):
        failed(cloud, guid(f"silent {number}"))


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


def test_failures_of_looks_that_began_before_the_pause_do_not_lengthen_it(clock):
    fail(3 * OPENS_AFTER)

    clock.pass_by(FIRST_PAUSE)

    assert admit("sandbox", 7) == PROBES


def test_few_probe_after_the_pause_and_an_answer_ends_it(clock, caplog):
    fail()
    clock.pass_by(FIRST_PAUSE)

    assert [admit("sandbox", 7), admit("sandbox", 7)] == [PROBES, 0]
    with caplog.at_level(logging.WARNING):
        answered("sandbox")

    assert (admit("sandbox", 7), paused()) == (7, [])
    assert caplog.messages[-1] == "Microsoft's cloud sandbox answers again"


def test_probe_that_fails_doubles_the_pause_up_to_a_limit(clock):
    fail()
    for seconds in (15, 30, 60, 60):
        clock.pass_by(timedelta(seconds=seconds - 1))
        assert admit("sandbox", 1) == 0
        clock.pass_by(timedelta(seconds=1))
        assert admit("sandbox", 1) == 1
        fail(PROBES)


@pytest.mark.django_db
def test_looks_pause_while_microsoft_is_down_and_go_on_afterwards(microsoft, clock):
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
    clock.pass_by(FIRST_PAUSE)
    assert checker.look_at_due() == PROBES
    assert checker.look_at_due() == 1
    outcomes = [check.outcome for check in Check.objects.order_by("pk")]
    assert outcomes == ["unreachable"] * 4 + ["absent"] * 4
    assert Watch.objects.filter(lease_until__isnull=False).count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["429", "503"])
def test_home_that_cannot_be_asked_is_no_outage_of_everybody(microsoft, fault):
    app = seeded_app("acme-calendar")
    WatchFactory(of=ConsentRequestFactory(asked=True, tenant=seeded_tenant("contoso"), app=app))
    microsoft.control({"tenants": {"acme.example": {"faults": {"token": {fault: 1}}}}})
    fail(OPENS_AFTER - 1)

    assert checker.look_at_due() == 1

    assert [check.outcome for check in Check.objects.all()] == ["unreachable"]
    assert paused() == []
