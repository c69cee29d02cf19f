"""The one step that the desk proposes, by what is known and what people said last."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from consent import links, replies, talks
from consent.actors import WORKER
from portal.desk.next_step import next_step
from tests.factories import (
    ApprovalLinkFactory,
    ConsentAttemptFactory,
    ConsentRequestFactory,
    ContactFactory,
    EventFactory,
    OutboxMessageFactory,
    ReplyFactory,
    TicketFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def ticket():
    """Open, in a request that an administrator was asked about."""
    return TicketFactory(request=ConsentRequestFactory(asked=True))


def code(ticket):
    ticket.refresh_from_db()
    return next_step(ticket).code


def step(ticket):
    """The code and the action, and whom one would write to or send a link to."""
    ticket.refresh_from_db()
    found = next_step(ticket)
    to = found.email or (found.link.recipient.email if found.action == "answer" else "")
    return found.code, found.action, to


def test_message_of_the_requester_comes_first(ticket):
    ReplyFactory(ticket=ticket)
    assert code(ticket) == "answer"

    ReplyFactory(ticket=ticket, author="agent", agent=UserFactory(), is_public=False)
    assert code(ticket) == "answer"

    ReplyFactory(ticket=ticket, author="agent", agent=UserFactory())
    assert code(ticket) != "answer"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Which data?", ("answer_administrator", "answer", "boss@x.example")),
        ("it@partner.example", ("outsider", "send", "it@partner.example")),
        ("it@partner.example\nor me", ("answer_administrator", "answer", "boss@x.example")),
    ],
)
def test_words_of_an_administrator_come_first(ticket, body, expected):
    link = ApprovalLinkFactory(request=ticket.request, recipient__email="boss@x.example")
    ReplyFactory(ticket=ticket, author="administrator", link=link, to_administrator=True, body=body)

    assert (step(ticket), next_step(ticket).link) == (expected, link)


def test_words_of_somebody_whose_address_we_do_not_know_are_answered_through_the_requester(ticket):
    link = ApprovalLinkFactory(request=ticket.request, shared=True, from_ticket=ticket)
    talks.question(link, message="Which data?")

    assert step(ticket) == ("answer_by_requester", "reply", "")


def test_documents_are_sent_and_then_waited_for(ticket):
    link = ApprovalLinkFactory(
        request=ticket.request, from_ticket=ticket, recipient__email="boss@x.example"
    )
    links.decline(link, reason="need_documents", note="The data processing agreement.")
    assert step(ticket) == ("send_documents", "answer", "boss@x.example")

    talks.answer(link, body="Here it is.", by=UserFactory())
    assert step(ticket) == ("wait_documents", "answer", "boss@x.example")

    links.undo_decline(link)
    assert step(ticket) == ("wait_asked", "", "")


def test_decline_of_whom_we_asked_is_agreed_with_only_while_nobody_else_has_a_link(ticket):
    ApprovalLinkFactory(request=ticket.request, declined=True)
    assert step(ticket) == ("declined", "agree", "")

    ApprovalLinkFactory(request=ticket.request)
    assert step(ticket) == ("wait_asked", "", "")


@pytest.mark.parametrize("way", ["shared", "self"])
def test_decline_of_whom_the_requester_chose_binds_nobody(way):
    boss = ContactFactory(email="boss@contoso.example")
    ticket = TicketFactory(request=ConsentRequestFactory(), administrator=boss)
    link = {"shared": links.share, "self": links.own}[way](ticket)
    links.decline(link, reason="other", note="")
    assert step(ticket) == ("declined_unasked", "send", "boss@contoso.example")

    links.revoke(link, by=WORKER)
    assert step(ticket) == ("send_link", "send", "boss@contoso.example")


def test_who_said_not_to_be_the_one_is_not_proposed():
    ticket = TicketFactory(request=ConsentRequestFactory(), administrator=ContactFactory())
    links.not_me(links.send(ticket.request, to=ticket.administrator, by=WORKER))

    assert step(ticket) == ("named_not_me", "send", "")


def test_administrator_is_reminded_after_three_days(ticket):
    with time_machine.travel(NOON, tick=False):
        ApprovalLinkFactory(request=ticket.request, sent_at=NOON)
    with time_machine.travel(NOON + timedelta(days=3, seconds=-1), tick=False):
        assert step(ticket) == ("wait_asked", "", "")
    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        assert step(ticket) == ("remind", "resend", "")


def test_mail_that_did_not_arrive_is_no_asking(ticket):
    link = ApprovalLinkFactory(request=ticket.request)
    given_up = {"kind": "approval_request", "ticket": None, "error": "550 unknown"}
    mail = OutboxMessageFactory(link=link, to=link.recipient, failed=True, **given_up)
    assert (step(ticket), next_step(ticket).mail) == (("mail_failed", "send", ""), mail)

    ApprovalLinkFactory(request=ticket.request)
    assert step(ticket) == ("wait_asked", "", "")


def test_claim_that_nothing_proved_is_asked_about_once(ticket):
    link = ApprovalLinkFactory(request=ticket.request, recipient__email="boss@x.example")
    ConsentAttemptFactory(link=link, claimed=True, returned_at=NOON)
    EventFactory(kind="request_unproved", actor="worker", request_id=ticket.request.pk)
    assert step(ticket) == ("unproved", "answer", "boss@x.example")
    assert next_step(ticket).at == NOON

    replies.reply(ticket, body="Any news?")
    replies.answer(ticket, body="We ask them.", by=UserFactory())
    assert step(ticket) == ("wait_asked", "", "")


def test_claim_through_a_link_that_was_passed_on_is_asked_about_at_the_requester(ticket):
    link = ApprovalLinkFactory(request=ticket.request, shared=True)
    EventFactory(kind="request_unproved", actor="worker", request_id=ticket.request.pk)
    assert step(ticket) == ("unproved", "reply", "")

    ConsentAttemptFactory(link=link, claimed=True, returned_at=NOON)
    assert step(ticket) == ("unproved", "reply", "")


@pytest.mark.parametrize(
    ("request_", "before", "action"),
    [
        (None, ("no_tenant", "reply", ""), ""),
        ({}, ("find_administrator", "send", ""), "send"),
        ({"declined": True}, ("tell_why", "reply", ""), "send"),
    ],
)
def test_requester_who_was_asked_something_is_waited_for(request_, before, action):
    ticket = TicketFactory(request=None if request_ is None else ConsentRequestFactory(**request_))
    assert step(ticket) == before

    replies.answer(ticket, body="With which address?", by=UserFactory())
    assert step(ticket) == ("wait_requester", action, "")

    replies.reply(ticket, body="With this one.")
    assert step(ticket) == ("answer", "reply", "")


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
