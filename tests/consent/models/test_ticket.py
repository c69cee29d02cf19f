import pytest
from django.db import IntegrityError
from django.utils import timezone

from consent.models import InvalidTransition, Ticket
from tests.factories import ConsentRequestFactory, ReplyFactory, TicketFactory

pytestmark = pytest.mark.django_db

STATES = ["unconfirmed", "open", "waiting", "ready", "solved", "closed"]
DOORS = {
    "open": STATES,
    "waiting": ["open", "waiting", "ready"],
    "ready": ["open", "waiting", "ready"],
    "solved": ["open", "waiting", "ready"],
    "closed": ["open", "waiting", "ready", "solved"],
}


def ticket_in(state, **fields):
    return TicketFactory(**({} if state == "open" else {state: True}), **fields)


@pytest.mark.parametrize("state", STATES)
def test_ticket_can_stand_in_every_state(state):
    ticket = ticket_in(state)

    assert (ticket.state, ticket.is_confirmed) == (state, state != "unconfirmed")


@pytest.mark.parametrize("to", DOORS)
@pytest.mark.parametrize("was", STATES)
def test_ticket_moves_through_its_doors_alone(was, to):
    ticket = ticket_in(was)
    fields = {"confirmed_at": timezone.now()} if was == "unconfirmed" else {}

    if was in DOORS[to]:
        ticket.move(to, **fields)
        assert ticket.state == to
    else:
        with pytest.raises(InvalidTransition, match=f"Ticket {ticket.pk}: {was} -> {to}"):
            ticket.move(to, **fields)
        ticket.refresh_from_db()
        assert (ticket.state, ticket.is_confirmed) == (was, was != "unconfirmed")


@pytest.mark.parametrize("state", STATES)
def test_ticket_never_becomes_unconfirmed(state):
    with pytest.raises(KeyError):
        ticket_in(state).move("unconfirmed")


def test_ticket_held_by_two_is_closed_once():
    ticket = ticket_in("waiting")
    mine, yours = (Ticket.objects.get(pk=ticket.pk) for _ in range(2))

    mine.move("closed")
    with pytest.raises(InvalidTransition):
        yours.move("ready", told_version=1)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.told_version) == ("closed", 0)


def test_ticket_of_a_person_without_contact_is_refused():
    with pytest.raises(IntegrityError, match="ticket_without_contact_is_the_monitors"):
        TicketFactory(contact=None, opened_by="requester")


def test_ticket_of_the_monitor_has_nobody():
    ticket = TicketFactory(contact=None, opened_by="monitor")

    assert (ticket.contact, ticket.who) == (None, "")


def test_ticket_confirmed_without_date_is_refused():
    with pytest.raises(IntegrityError, match="ticket_confirmed_exactly_when_it_left_unconfirmed"):
        TicketFactory(state="open", confirmed_at=None)


def test_ticket_unconfirmed_with_date_is_refused():
    with pytest.raises(IntegrityError, match="ticket_confirmed_exactly_when_it_left_unconfirmed"):
        TicketFactory(state="unconfirmed", confirmed_at=timezone.now())


def test_ticket_in_a_request_without_tenant_is_refused():
    with pytest.raises(IntegrityError, match="ticket_in_a_request_has_a_tenant"):
        TicketFactory(request=ConsentRequestFactory(), tenant=None)


def test_ticket_in_an_unknown_state_is_refused():
    with pytest.raises(IntegrityError, match="ticket_state_is_known"):
        TicketFactory(state="limbo")


def test_ticket_with_a_sixth_try_is_refused():
    with pytest.raises(IntegrityError, match="ticket_code_at_most_five_tries"):
        TicketFactory(code_tries=6)


def test_ticket_with_a_public_id_taken_is_refused():
    TicketFactory(public_id="abcdefghjkmn")

    with pytest.raises(IntegrityError):
        TicketFactory(public_id="abcdefghjkmn")


def test_ticket_number_leads_back_to_the_ticket():
    ticket = TicketFactory()

    assert str(ticket) == ticket.number == f"C-{1000 + ticket.pk}"
    assert Ticket.key_of(f" {ticket.number.lower()} ") == ticket.pk


@pytest.mark.parametrize("number", ["", "C", "C-", "D-1042", "1042", "C-10x2", "C-²", "C--1"])
def test_ticket_number_that_is_none_is_refused(number):
    with pytest.raises(ValueError, match=f"^{number}$"):
        Ticket.key_of(number)


def test_ticket_is_of_the_name_that_was_typed():
    assert TicketFactory(name="Ana Almeida").who == "Ana Almeida"


def test_ticket_without_a_name_is_of_what_stands_before_the_at():
    assert TicketFactory(contact__email="ana@contoso.example").who == "ana"


def test_reply_for_agents_alone_by_somebody_else_is_refused():
    with pytest.raises(IntegrityError, match="reply_internal_only_from_agents"):
        ReplyFactory(author="administrator", is_public=False)


def test_reply_without_a_word_is_refused():
    with pytest.raises(IntegrityError, match="reply_is_not_empty"):
        ReplyFactory(body="")


def test_reply_by_an_agent_may_be_for_agents_alone():
    reply = ReplyFactory(author="agent", is_public=False)

    assert str(reply) == f"agent on {reply.ticket.pk}"
