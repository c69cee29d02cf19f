"""After an outage of hours: whoever was given up for a while is looked at soon."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from consent.models import Watch
from consent.verification import recovering
from tests.consent.verification.look_stage import NOON, finding, look
from tests.factories import AppRegistrationFactory, ConsentRequestFactory, WatchFactory

HOURS, MINUTES = timedelta(hours=3), timedelta(minutes=30)
FAILED = finding("unreachable")


def failing(cloud="sandbox", *, since=HOURS, due_in=timedelta(minutes=6)):
    now = timezone.now()
    return WatchFactory(
        app=AppRegistrationFactory(cloud=cloud),
        failing_since=now - since if since else None,
        next_check_at=now + due_in,
    )


def due_in(watch):
    """Seconds from now."""
    watch.refresh_from_db()
    return (watch.next_check_at - timezone.now()).total_seconds()


@pytest.mark.django_db
def test_others_that_failed_for_hours_in_that_cloud_are_looked_at_within_half_a_minute():
    with time_machine.travel(NOON, tick=False):
        ours, later, lately, well, elsewhere, soon = (
            failing(),
            failing(due_in=timedelta(hours=1)),
            failing(since=MINUTES),
            failing(since=None),
            failing("global"),
            failing(due_in=timedelta(seconds=5)),
        )

        recovering.answered_again("sandbox", HOURS)

        found = [due_in(one) for one in (ours, later, lately, well, elsewhere, soon)]
    assert found == [30, 30, 360, 360, 360, 5]


@pytest.mark.django_db
def test_short_trouble_of_one_tenant_concerns_no_other():
    with time_machine.travel(NOON, tick=False):
        other = failing()

        recovering.answered_again("sandbox", MINUTES)

        assert due_in(other) == 360


@pytest.mark.django_db
def test_more_than_one_statement_holds_are_brought_forward(monkeypatch):
    monkeypatch.setattr(recovering, "AT_ONCE", 2)
    with time_machine.travel(NOON, tick=False):
        several = [failing() for _ in range(5)]

        recovering.answered_again("sandbox", HOURS)

        assert [due_in(one) for one in several] == [30] * 5


@pytest.mark.django_db(transaction=True)
def test_look_that_is_answered_after_hours_brings_the_others_forward():
    mended, other = (ConsentRequestFactory(asked=True) for _ in range(2))
    for request in (mended, other):
        look(request, FAILED)
        look(request, FAILED, minutes=180)
    with time_machine.travel(NOON + HOURS, tick=False):
        before = due_in(Watch.objects.get(tenant=other.tenant))

    look(mended, finding("absent"), minutes=181)

    with time_machine.travel(NOON + timedelta(minutes=181), tick=False):
        after = due_in(Watch.objects.get(tenant=other.tenant))
    assert (before > 300, after) == (True, 30)
