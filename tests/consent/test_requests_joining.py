"""Which request a new ask joins."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import requests
from consent.actors import Actor
from consent.models import OutboxMessage, Watch
from tests.consent.rows_stage import kinds, state_of
from tests.factories import ConsentRequestFactory, TicketFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def beside(request, **fields):
    """A request of the same tenant and app."""
    return ConsentRequestFactory(tenant=request.tenant, app=request.app, **fields)


def ticket_beside(request, **fields):
    return TicketFactory(tenant=request.tenant, app=request.app, **fields)


def join(ticket):
    return requests.join(ticket, by=Actor.requester(ticket.contact))


def mails():
    return [(mail.kind, mail.ticket) for mail in OutboxMessage.objects.order_by("pk")]


@time_machine.travel(NOON, tick=False)
def test_join_opens_a_request_where_there_is_none():
    ticket = TicketFactory(tenant=ConsentRequestFactory().tenant)

    request = join(ticket)

    assert (request.state, request.previous, request.permission_version) == ("triage", None, 1)
    assert request.expires_at == NOON + timedelta(days=30)
    assert (ticket.request, ticket.state) == (request, "open")
    assert Watch.objects.get(app=ticket.app).asked_at == NOON
    assert kinds() == ["request_opened"]


@pytest.mark.parametrize(
    ("state", "becomes"), [("triage", "open"), ("asked", "waiting"), ("claimed", "waiting")]
)
def test_join_takes_the_open_request_before_any_other(state, becomes):
    open_one = ConsentRequestFactory(**({} if state == "triage" else {state: True}))
    beside(open_one, granted=True)
    beside(open_one, declined=True)
    ticket = ticket_beside(open_one)

    assert join(ticket) == open_one
    assert (ticket.state, kinds()) == (becomes, ["request_joined"])


def test_join_takes_the_granted_request_and_causes_a_look():
    granted = ConsentRequestFactory(granted=True)
    beside(granted, declined=True)
    ticket = ticket_beside(granted)

    assert join(ticket) == granted
    assert ticket.state == "waiting"
    assert Watch.objects.get(app=granted.app).signals == 1


def test_join_takes_a_request_declined_lately_and_mails_nobody():
    declined = ConsentRequestFactory(declined=True)
    beside(declined, expired=True)
    ticket = ticket_beside(declined)

    assert join(ticket) == declined
    assert (ticket.state, mails()) == ("open", [])


@pytest.mark.parametrize("state", ["expired", "withdrawn", "superseded", "revoked"])
def test_join_opens_a_successor_of_what_was_closed_otherwise(state):
    closed = ConsentRequestFactory(**{state: True})

    request = join(ticket_beside(closed))

    assert (request.previous, request.state) == (closed, "triage")


def test_join_opens_a_successor_thirty_days_after_a_decline_and_takes_who_waits_along():
    with time_machine.travel(NOON):
        declined = ConsentRequestFactory(declined=True)
        waits = TicketFactory(request=declined, told_version=0)
        closed = TicketFactory(request=declined, closed=True)
    with time_machine.travel(NOON + timedelta(days=29)):
        assert join(ticket_beside(declined)) == declined
    with time_machine.travel(NOON + timedelta(days=31)):
        successor = join(ticket_beside(declined))

    waits.refresh_from_db()
    closed.refresh_from_db()
    assert (successor.previous, waits.request, closed.request) == (declined, successor, declined)


def test_join_opens_a_successor_of_a_grant_of_an_older_version():
    granted = ConsentRequestFactory(granted=True, app__permission_version=2, permission_version=1)

    request = join(ticket_beside(granted))

    assert (request.previous, request.permission_version) == (granted, 2)
    assert state_of(granted) == "granted"


def test_join_needs_a_tenant():
    with pytest.raises(AssertionError):
        join(TicketFactory())
