"""Many looks at once: who is slow or silent holds up nobody else, and nothing old is believed."""

import threading
from datetime import timedelta

import pytest
import time_machine
from celery.signals import worker_shutting_down
from django.db import OperationalError
from django.utils import timezone

from consent.models import Check, Watch
from consent.verification import checker
from consent.verification.claiming import LEASE, claim
from consent.verification.findings import Finding
from tests.consent.verification.test_checker_settled import outcomes, watch_of
from tests.factories import seeded_app
from tests.races import meanwhile

pytestmark = pytest.mark.django_db


def silent(microsoft, domain, *, seconds):
    """Microsoft says nothing about that tenant for so long."""
    faults = {"faults": {"token": {"timeout": 1, "timeout_s": seconds}}}
    microsoft.control({"tenants": {domain: faults}})


def test_slow_tenant_delays_nobody(microsoft):
    silent(microsoft, "contoso.example", seconds=1.5)
    app = seeded_app("acme-calendar")
    slow, *others = (
        watch_of(name, registration=app) for name in ("contoso", "fabrikam", "northwind")
    )

    assert checker.look_at_due() == 3

    at = {check.watch_id: check.outcome for check in Check.objects.order_by("pk")}
    assert list(at)[-1] == slow.pk
    assert [at[watch.pk] for watch in (*others, slow)] == ["absent", "absent", "unreachable"]
    for watch in others:
        watch.refresh_from_db()
        assert watch.last_look_at is not None


def test_what_becomes_due_while_one_is_silent_is_looked_at_meanwhile(microsoft, monkeypatch):
    monkeypatch.setattr(checker, "CLAIM_AGAIN", timedelta(seconds=0.3))
    silent(microsoft, "contoso.example", seconds=2)
    app = seeded_app("acme-calendar")
    slow = watch_of("contoso", registration=app)
    soon = timezone.now() + timedelta(seconds=0.8)
    later = watch_of("fabrikam", registration=app, next_check_at=soon)

    assert checker.look_at_due() == 2

    told = [(check.watch_id, check.outcome) for check in Check.objects.order_by("pk")]
    assert told == [(later.pk, "absent"), (slow.pk, "unreachable")]


def test_round_that_is_not_the_newest_claims_no_more(microsoft, monkeypatch):
    monkeypatch.setattr(checker, "CLAIM_AGAIN", timedelta(seconds=0.1))
    silent(microsoft, "contoso.example", seconds=1.2)
    app = seeded_app("acme-calendar")
    watch_of("contoso", registration=app)
    soon = timezone.now() + timedelta(seconds=0.5)
    later = watch_of("fabrikam", registration=app, next_check_at=soon)
    newer = threading.Timer(0.2, lambda: checker._Round([]))
    newer.start()

    assert checker.look_at_due() == 1

    newer.join()
    later.refresh_from_db()
    assert (later.last_look_at, later.lease_until) == (None, None)


def test_worker_that_is_about_to_end_claims_no_more(microsoft, monkeypatch):
    monkeypatch.setattr(checker, "AT_ONCE", 1)
    monkeypatch.setattr(checker._Round, "is_over", False)
    app = seeded_app("acme-calendar")
    for name in ("contoso", "fabrikam"):
        watch_of(name, registration=app)

    worker_shutting_down.send(sender="a worker")

    assert [checker.look_at_due(), Watch.objects.filter(last_look_at=None).count()] == [1, 1]


def test_claim_that_the_database_refuses_ends_no_round(microsoft, monkeypatch, caplog):
    monkeypatch.setattr(checker, "AT_ONCE", 1)
    app = seeded_app("acme-calendar")
    for name in ("contoso", "fabrikam"):
        watch_of(name, registration=app)
    claims = iter([checker.claim])

    def claim_once(*given, **more):
        for first in claims:
            return first(*given, **more)
        raise OperationalError

    monkeypatch.setattr(checker, "claim", claim_once)

    assert (checker.look_at_due(), outcomes()) == (1, ["absent"])
    assert caplog.messages == ["nothing is claimed: OperationalError"]


@pytest.mark.django_db(transaction=True)
def test_lease_that_cannot_be_kept_loses_no_finding(microsoft, caplog):
    watch = watch_of()
    [claimed] = claim()
    finding = Finding(Check.Outcome.ABSENT, timezone.now())
    held_until = claimed.lease.until

    def refuse():
        raise OperationalError

    with (
        time_machine.travel(timezone.now() + LEASE / 2, tick=False),
        meanwhile(refuse, before='UPDATE "consent_watch"'),
    ):
        checker.write_down([(claimed, finding)], [claimed.lease])

    watch.refresh_from_db()
    assert (outcomes(), watch.lease_until, claimed.lease.until) == (["absent"], None, held_until)
    assert caplog.messages == ["leases are not kept: OperationalError"]


def test_round_goes_on_claiming_while_there_is_more(microsoft, monkeypatch):
    monkeypatch.setattr(checker, "AT_ONCE", 2)
    app = seeded_app("acme-calendar")
    for name in ("contoso", "fabrikam", "northwind", "adatum", "relecloud"):
        watch_of(name, registration=app)

    assert checker.look_at_due() == 5
    assert outcomes() == ["absent"] * 5


def test_silent_tenant_is_given_up_before_its_lease_ends(microsoft, monkeypatch, caplog):
    microsoft.control({"latency_s": 1})
    monkeypatch.setattr(checker, "LONGEST", timedelta(seconds=0.2))
    watch = watch_of()

    assert checker.look_at_due() == 1

    watch.refresh_from_db()
    assert outcomes() == ["unreachable"]
    assert (watch.lease_until, watch.failing_since) == (None, watch.last_look_at)
    assert timedelta(seconds=50) < watch.next_check_at - timezone.now() < timedelta(seconds=70)
    assert caplog.messages == [f"no answer about watch {watch.pk} before its lease ends"]


def test_finding_of_a_worker_that_lost_its_lease_is_dropped(microsoft, caplog):
    watch = watch_of()
    [slow] = claim()
    finding = Finding(Check.Outcome.PRESENT, timezone.now())
    later = timezone.now() + 2 * LEASE
    Watch.objects.filter(pk=watch.pk).update(lease_until=later)

    checker.write_down([(slow, finding)], [slow.lease])

    watch.refresh_from_db()
    assert (outcomes(), watch.lease_until, watch.last_look_at) == ([], later, None)
    assert caplog.messages == [f"the lease on watch {watch.pk} has ended: finding dropped"]


def test_finding_older_than_its_lease_is_dropped(microsoft):
    watch = watch_of()
    with time_machine.travel(timezone.now() - LEASE, tick=False):
        Watch.objects.update(next_check_at=timezone.now())
        [slow] = claim()
        finding = Finding(Check.Outcome.PRESENT, timezone.now())

    checker.write_down([(slow, finding)], [slow.lease])

    watch.refresh_from_db()
    assert (outcomes(), watch.lease_until) == ([], slow.lease_until)


def test_finding_of_a_worker_whom_another_has_overtaken_is_dropped(microsoft):
    watch = watch_of()
    [slow] = claim()
    finding = Finding(Check.Outcome.PRESENT, timezone.now())
    Watch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert checker.look_at_due() == 1

    checker.write_down([(slow, finding)], [slow.lease])

    watch.refresh_from_db()
    assert (outcomes(), watch.tenant.requests.get().news_at) == (["absent"], None)
