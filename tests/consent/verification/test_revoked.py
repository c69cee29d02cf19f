"""An approval was withdrawn at Microsoft: people are with us again, and a new one reaches them."""

from datetime import timedelta

import pytest

from consent import requests
from consent.actors import WORKER
from consent.models import OutboxMessage
from consent.verification.claiming import give_back, look_without_lease
from tests.consent.verification.look_stage import GRANTED, NOON, finding, look
from tests.factories import ConsentRequestFactory, TicketFactory, WatchFactory

pytestmark = pytest.mark.django_db
ABSENT = finding("absent")


def revoked():
    request = ConsentRequestFactory(granted=True, granted_at=NOON)
    ready = TicketFactory(request=request, ready=True, told_version=1)
    waiting = TicketFactory(request=request, waiting=True)
    for minutes in (0, 8, 16):
        watch = look(request, ABSENT, minutes=minutes)
    for row in (request, ready, waiting):
        row.refresh_from_db()
    return request, ready, waiting, watch


def test_revoked_brings_everybody_back_to_us_and_goes_on_looking():
    request, ready, waiting, watch = revoked()

    assert (request.state, request.rung, request.missing) == (
        "revoked",
        "none",
        ["Mail.Read", "User.Read"],
    )
    assert [(t.state, t.told_version) for t in (ready, waiting)] == [("open", 0), ("open", 0)]
    assert watch.next_check_at - watch.last_look_at < timedelta(hours=27)


def test_revoked_and_granted_anew_tells_everybody_again():
    request, ready, waiting, _watch = revoked()
    before = OutboxMessage.objects.filter(kind="consent_granted").count()

    look(request, GRANTED, minutes=24 * 60)

    successor = request.successors.get()
    for ticket in (ready, waiting):
        ticket.refresh_from_db()
    assert (successor.state, before) == ("granted", 0)
    assert [t.state for t in (ready, waiting)] == ["ready", "ready"]
    told = OutboxMessage.objects.filter(kind="consent_granted").values_list("ticket", flat=True)
    assert sorted(told) == sorted([ready.pk, waiting.pk])


@pytest.mark.parametrize("state", ["declined", "expired", "withdrawn", "revoked"])
def test_successor_takes_along_who_still_waits(state):
    closed = ConsentRequestFactory(**{state: True})
    waits = TicketFactory(request=closed)
    done = TicketFactory(request=closed, closed=True)

    successor = requests.take_up(closed, by=WORKER)

    for ticket in (waits, done):
        ticket.refresh_from_db()
    assert (waits.request, done.request) == (successor, closed)


def test_looks_given_back_hear_who_rang_meanwhile():
    quiet, rung = WatchFactory(next_check_at=NOON), WatchFactory(next_check_at=NOON)
    claimed_looks = [look_without_lease(quiet), look_without_lease(rung)]
    type(rung).objects.filter(pk=rung.pk).update(signals=rung.signals + 1)

    give_back(claimed_looks, timedelta(hours=1))

    for watch in (quiet, rung):
        watch.refresh_from_db()
    assert quiet.next_check_at > NOON
    assert (rung.next_check_at, rung.lease_until) == (NOON, None)
