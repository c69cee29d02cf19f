"""What is written on a ticket, and whose turn it is then."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import replies, talks
from consent.errors import NotOpen
from consent.models import Event, OutboxMessage
from tests.consent.rows_stage import mails, state_of
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ReplyFactory,
    TicketFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def kinds_of(ticket):
    return [event.kind for event in Event.objects.filter(ticket_id=ticket.pk)]


@pytest.mark.parametrize("state", ["open", "waiting", "ready", "solved", "closed"])
def test_reply_of_the_requester_opens_the_ticket_whatever_its_state(state):
    ticket = TicketFactory(**({} if state == "open" else {state: True}))

    written = replies.reply(ticket, body="And now?")

    assert state_of(ticket) == "open"
    assert (written.author, written.contact, written.agent, written.body, written.is_public) == (
        "requester",
        ticket.contact,
        None,
        "And now?",
        True,
    )
    assert (kinds_of(ticket), mails()) == (["ticket_replied"], [])


def test_reply_from_an_address_that_nobody_confirmed_is_refused():
    ticket = TicketFactory(unconfirmed=True)

    with pytest.raises(NotOpen):
        replies.reply(ticket, body="And now?")

    assert (ticket.replies.count(), kinds_of(ticket)) == (0, [])


@pytest.mark.parametrize(
    ("state", "then"),
    [("open", "waiting"), ("waiting", "waiting"), ("ready", "ready"), ("closed", "closed")],
)
def test_answer_of_an_agent_is_mailed_and_an_open_ticket_waits(state, then):
    ticket, agent = TicketFactory(state=state), UserFactory()

    written = replies.answer(ticket, body="x" * 6000, by=agent)

    assert state_of(ticket) == then
    assert (written.author, written.agent, len(written.body)) == ("agent", agent, 5000)
    mail = OutboxMessage.objects.get()
    assert (mail.kind, mail.reply, mail.to) == ("ticket_reply", written, ticket.contact)
    assert mail.key == f"reply:{written.pk}:{ticket.contact.pk}"


def test_ticket_comes_and_goes_with_what_is_written():
    ticket, agent = TicketFactory(), UserFactory()

    replies.answer(ticket, body="With which address?", by=agent)
    assert (state_of(ticket), replies.unanswered(ticket)) == ("waiting", None)

    asked_back = replies.reply(ticket, body="What do you mean?")
    assert (state_of(ticket), replies.unanswered(ticket)) == ("open", asked_back)

    replies.note(ticket, body="Call them.", by=agent)
    assert (state_of(ticket), replies.unanswered(ticket)) == ("open", asked_back)


def test_answer_to_one_leaves_the_ticket_with_us_while_another_waits_for_an_answer():
    request, agent = ConsentRequestFactory(asked=True), UserFactory()
    ticket = TicketFactory(request=request, waiting=True)
    link = ApprovalLinkFactory(request=request, from_ticket=ticket)
    talks.question(link, message="Which data?")
    ticket.refresh_from_db()
    replies.reply(ticket, body="Any news?")

    replies.answer(ticket, body="Soon.", by=agent)
    waits = replies.unanswered(ticket)
    assert (state_of(ticket), waits.body, waits.link) == ("open", "Which data?", link)

    talks.answer(link, body="Calendars alone.", by=agent)
    assert (state_of(ticket), replies.unanswered(ticket)) == ("waiting", None)


def test_answer_to_the_monitor_is_refused():
    ticket = TicketFactory(contact=None, opened_by="monitor")

    with pytest.raises(NotOpen):
        replies.answer(ticket, body="Seen.", by=UserFactory())

    assert (ticket.replies.count(), mails()) == (0, [])


@pytest.mark.parametrize(
    "write",
    [
        lambda ticket: replies.reply(ticket, body="And now?"),
        lambda ticket: replies.answer(ticket, body="Soon.", by=UserFactory()),
    ],
)
def test_what_is_written_moves_the_ticket_up_in_the_queue(write):
    with time_machine.travel(NOON, tick=False):
        ticket = TicketFactory()
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        write(ticket)

    ticket.refresh_from_db()
    assert ticket.touched_at == NOON + timedelta(hours=1)


def test_note_stays_among_agents():
    ticket, agent = TicketFactory(waiting=True), UserFactory()

    written = replies.note(ticket, body="Calls back on Monday.", by=agent)

    assert (written.is_public, written.author, written.agent) == (False, "agent", agent)
    assert (kinds_of(ticket), mails()) == (["ticket_noted"], [])


def test_question_from_a_ticket_that_is_closed_stands_where_somebody_waits():
    request = ConsentRequestFactory(asked=True)
    left, waits = TicketFactory(request=request, closed=True), TicketFactory(request=request)
    link = ApprovalLinkFactory(request=request, from_ticket=left)
    ReplyFactory(ticket=left)

    talks.question(link, message="Which data?")

    assert [one.body for one in waits.replies.all()] == ["Which data?"]
