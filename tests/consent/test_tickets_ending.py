"""How a ticket ends: withdrawn, closed, tried, and never written to again."""

import pytest

from consent import tickets
from consent.actors import Actor
from consent.models import InvalidTransition, OutboxMessage, Watch
from tests.consent.rows_stage import kinds, state_of
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    TicketFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked():
    """A request with a live link and two who wait."""
    request = ConsentRequestFactory(asked=True)
    ApprovalLinkFactory(request=request)
    TicketFactory.create_batch(2, request=request, waiting=True)
    return request


def test_withdraw_by_one_of_two_leaves_the_request(asked):
    mine, yours = asked.tickets.order_by("pk")

    tickets.withdraw(mine)

    assert (state_of(mine), state_of(yours), state_of(asked)) == ("closed", "waiting", "asked")
    assert kinds() == ["ticket_withdrawn"]


def test_withdraw_by_the_last_takes_the_request_and_its_links_along(asked):
    for ticket in asked.tickets.order_by("pk"):
        tickets.withdraw(ticket)

    assert state_of(asked) == "withdrawn"
    assert state_of(asked.links.get()) == "revoked"
    assert kinds() == ["ticket_withdrawn", "ticket_withdrawn", "request_withdrawn"]
    assert OutboxMessage.objects.count() == 0


def test_withdraw_with_a_solved_colleague_takes_the_request_along():
    request = ConsentRequestFactory(asked=True)
    TicketFactory(request=request, solved=True)
    ticket = TicketFactory(request=request, waiting=True)

    tickets.withdraw(ticket)

    assert state_of(request) == "withdrawn"


def test_withdraw_twice_is_once(asked):
    ticket = asked.tickets.first()

    tickets.withdraw(ticket)
    tickets.withdraw(ticket)

    assert kinds() == ["ticket_withdrawn"]


def test_withdraw_from_a_granted_request_leaves_the_grant():
    ticket = TicketFactory(request=ConsentRequestFactory(granted=True), ready=True)

    tickets.withdraw(ticket)

    assert (state_of(ticket), state_of(ticket.request)) == ("closed", "granted")


def test_withdraw_without_a_request_closes_the_ticket():
    ticket = TicketFactory()

    tickets.withdraw(ticket)

    assert state_of(ticket) == "closed"


def test_close_by_an_agent_counts_like_leaving(asked):
    by = Actor.agent(UserFactory())
    for ticket in asked.tickets.order_by("pk"):
        tickets.close(ticket, by=by)

    assert state_of(asked) == "withdrawn"
    assert kinds() == ["ticket_closed", "ticket_closed", "request_withdrawn"]


def test_close_without_a_request_closes_the_ticket():
    ticket = TicketFactory(solved=True)

    tickets.close(ticket, by=Actor.agent(UserFactory()))

    assert state_of(ticket) == "closed"


def test_close_of_an_unconfirmed_ticket_is_refused():
    ticket = TicketFactory(unconfirmed=True)

    with pytest.raises(InvalidTransition):
        tickets.close(ticket, by=Actor.agent(UserFactory()))

    assert (state_of(ticket), kinds()) == ("unconfirmed", [])


def test_it_works_now_solves_that_ticket_and_causes_a_look_and_nothing_else(asked):
    mine, yours = asked.tickets.order_by("pk")

    tickets.tried(mine, worked=True, pasted="")

    assert (state_of(mine), state_of(yours), state_of(asked)) == ("solved", "waiting", "asked")
    assert Watch.objects.get(tenant=asked.tenant, app=asked.app).signals == 1
    assert asked.evidence.count() == 0


def test_still_blocked_opens_the_ticket_with_what_is_seen_now(asked):
    ticket = asked.tickets.first()
    ticket.move("ready", pasted="before")

    tickets.tried(ticket, worked=False, pasted="AADSTS50105")

    assert state_of(ticket) == "open"
    assert (ticket.pasted, ticket.diagnosis["primary_code"]) == ("AADSTS50105", "AADSTS50105")
    assert kinds() == ["ticket_still_blocked"]


def test_still_blocked_without_a_word_keeps_what_was_pasted_before():
    ticket = TicketFactory(ready=True, pasted="before")

    tickets.tried(ticket, worked=False, pasted=" \n")

    assert (state_of(ticket), ticket.pasted, Watch.objects.count()) == ("open", "before", 0)
