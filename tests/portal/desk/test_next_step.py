"""The one step that the desk proposes, by what is known and what people said last."""

from datetime import date

import pytest
from django.utils import timezone

from portal.desk.next_step import next_step
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    EventFactory,
    ReplyFactory,
    TicketFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    """Open, in a request that an administrator was asked about."""
    return TicketFactory(request=ConsentRequestFactory(asked=True))


def code(ticket):
    ticket.refresh_from_db()
    return next_step(ticket).code


def test_message_of_the_requester_comes_first(ticket):
    ReplyFactory(ticket=ticket)
    assert code(ticket) == "answer"

    ReplyFactory(ticket=ticket, author="agent", agent=UserFactory(), is_public=False)
    assert code(ticket) == "answer"

    ReplyFactory(ticket=ticket, author="agent", agent=UserFactory())
    assert code(ticket) != "answer"


@pytest.mark.parametrize(
    ("body", "expected"),
    [("Which data?", "answer_administrator"), ("it@partner.example", "outsider")],
)
def test_words_of_an_administrator_come_first(ticket, body, expected):
    link = ApprovalLinkFactory(request=ticket.request)
    ReplyFactory(ticket=ticket, author="administrator", link=link, to_administrator=True, body=body)

    step = next_step(ticket)

    assert (step.code, step.link, step.reply.body) == (expected, link, body)


def test_app_that_is_switched_off_comes_before_a_reminder(ticket):
    ApprovalLinkFactory(request=ticket.request)
    type(ticket.request).objects.update(disabled_at=timezone.now())

    assert code(ticket) == "switched_off"


def test_administrator_who_decides_later_is_not_reminded(ticket):
    ApprovalLinkFactory(request=ticket.request, later_until=date(2030, 1, 1))

    assert code(ticket) == "wait_later"


def test_requester_who_is_the_administrator_is_not_reminded(ticket):
    ApprovalLinkFactory(request=ticket.request, way="self", recipient=ticket.contact)

    assert code(ticket) == "self"


def test_requester_who_is_still_blocked_is_not_asked_whether_it_works():
    ticket = TicketFactory(request=ConsentRequestFactory(granted=True))
    EventFactory(kind="ticket_ready", ticket_id=ticket.pk)
    assert code(ticket) == "ask_whether_it_works"

    EventFactory(kind="ticket_still_blocked", ticket_id=ticket.pk)
    assert code(ticket) == "still_blocked"
