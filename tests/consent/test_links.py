from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import links, tokens
from consent.actors import Actor
from consent.errors import AlreadyAsked, BadToken, NotOpen, TooManyLinks
from consent.models import ApprovalLink, Event, InvalidTransition, Ticket
from tests.consent.rows_stage import kinds, mailed, state_of
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def agent(db):
    return Actor.agent(UserFactory())


@pytest.fixture
def ticket(db):
    """Confirmed, its request with our support."""
    return TicketFactory(request=ConsentRequestFactory())


@time_machine.travel(NOON, tick=False)
def test_first_link_asks_and_everybody_waits(ticket, agent):
    colleague = TicketFactory(request=ticket.request)
    administrator = ContactFactory()

    link = links.send(ticket.request, to=administrator, by=agent, from_ticket=ticket)

    assert (link.way, link.recipient, link.from_ticket) == ("mailed", administrator, ticket)
    assert (link.sent_at, link.expires_at, link.slot) == (NOON, NOON + MONTH, 1)
    assert [state_of(one) for one in (ticket, colleague)] == ["waiting", "waiting"]
    assert (state_of(ticket.request), ticket.request.expires_at) == ("asked", NOON + MONTH)
    assert mailed() == [("approval_request", administrator)]
    assert [(event.kind, event.actor, event.actor_id) for event in Event.objects.all()] == [
        ("request_asked", "agent", agent.key),
        ("link_sent", "agent", agent.key),
    ]


def test_later_link_leaves_who_talks_with_us_in_the_queue(ticket, agent):
    request = ConsentRequestFactory(asked=True)
    talks, sends = TicketFactory(request=request), TicketFactory(request=request)

    links.send(request, to=ContactFactory(), by=agent, from_ticket=sends)

    assert (state_of(talks), state_of(sends)) == ("open", "waiting")


def test_administrator_with_a_live_link_gets_no_second_and_an_agent_is_told(ticket, agent):
    administrator, colleague = ContactFactory(), Actor.requester(ContactFactory())
    first = links.send(ticket.request, to=administrator, by=agent)

    assert links.send(ticket.request, to=administrator, by=colleague) == first
    with pytest.raises(AlreadyAsked):
        links.send(ticket.request, to=administrator, by=agent)

    assert mailed() == [("approval_request", administrator)]


def test_administrator_whose_link_was_closed_gets_a_new_one(ticket, agent):
    administrator = ContactFactory()
    first = links.send(ticket.request, to=administrator, by=agent)
    links.revoke(first, by=agent)

    second = links.send(ticket.request, to=administrator, by=agent)

    assert (first != second, second.slot, len(mailed())) == (True, 1, 2)


def test_fourth_live_link_is_refused(ticket, agent):
    slots = [links.send(ticket.request, to=ContactFactory(), by=agent).slot for _ in range(3)]

    with pytest.raises(TooManyLinks):
        links.send(ticket.request, to=ContactFactory(), by=agent)

    assert (slots, len(mailed())) == ([1, 2, 3], 3)


@pytest.mark.parametrize("state", ["granted", "declined", "expired", "withdrawn", "superseded"])
def test_link_of_a_decided_request_is_refused(state, agent):
    request = ConsentRequestFactory(**{state: True})

    with pytest.raises(NotOpen):
        links.send(request, to=ContactFactory(), by=agent)


def test_link_to_pass_on_is_for_nobody_by_name_and_mailed_to_nobody(ticket):
    link = links.share(ticket)

    assert (link.way, link.recipient, link.from_ticket) == ("shared", None, ticket)
    assert (mailed(), kinds()) == ([], ["request_asked", "link_shared"])


def test_link_to_pass_on_is_the_same_when_asked_again_and_each_ticket_has_its_own(ticket):
    colleague = TicketFactory(request=ticket.request)

    links_made = [links.share(one) for one in (ticket, ticket, colleague)]

    assert links_made[0] == links_made[1] != links_made[2]


@pytest.mark.parametrize("make", [links.share, links.own])
def test_link_of_a_ticket_without_a_request_is_refused(make):
    with pytest.raises(NotOpen):
        make(TicketFactory())


def test_requester_who_is_the_administrator_has_a_link_without_a_mail(ticket):
    first, second = links.own(ticket), links.own(ticket)

    assert (first.way, first.recipient) == ("self", ticket.contact)
    assert first == second
    assert (mailed(), kinds()) == ([], ["request_asked"])


def test_requester_who_was_named_administrator_has_that_link(ticket, agent):
    sent = links.send(ticket.request, to=ticket.contact, by=agent)

    assert links.own(ticket) == sent


def test_resend_mails_again_and_the_thirty_days_begin_anew(agent):
    with time_machine.travel(NOON, tick=False):
        link = links.send(ConsentRequestFactory(), to=ContactFactory(), by=agent)
    later = NOON + timedelta(days=7)
    with time_machine.travel(later, tick=False):
        links.resend(link, by=agent)

    link.request.refresh_from_db()
    assert (link.sent_at, link.expires_at, link.version) == (later, later + MONTH, 1)
    assert link.request.expires_at == later + MONTH
    assert mailed() == [("approval_request", link.recipient)] * 2


def test_resend_pressed_twice_mails_once(agent):
    with time_machine.travel(NOON, tick=False):
        link = links.send(ConsentRequestFactory(), to=ContactFactory(), by=agent)
    with time_machine.travel(NOON + MONTH / 2, tick=False):
        links.resend(link, by=agent)
        links.resend(link, by=agent)

    assert len(mailed()) == 2


def test_resend_of_a_link_for_nobody_by_name_is_refused(agent):
    with pytest.raises(NotOpen):
        links.resend(ApprovalLinkFactory(shared=True), by=agent)


def test_rotate_makes_the_old_address_worthless_and_mails_the_new_one(agent):
    link = ApprovalLinkFactory()
    old = tokens.approval_token(link)

    links.rotate(link, by=agent)

    with pytest.raises(BadToken):
        tokens.read_approval(old)
    assert tokens.read_approval(tokens.approval_token(link)) == link
    assert mailed() == [("approval_request", link.recipient)]
    assert kinds() == ["link_rotated"]


@pytest.mark.parametrize("fields", [{"shared": True}, {"way": "self"}])
def test_rotate_of_a_link_that_was_never_mailed_mails_nobody(agent, fields):
    link = ApprovalLinkFactory(**fields)

    links.rotate(link, by=agent)

    assert (link.version, mailed()) == (2, [])


@pytest.mark.parametrize("change", [links.resend, links.rotate])
def test_closed_link_is_neither_sent_again_nor_rotated(change, agent):
    stale = ApprovalLinkFactory()
    type(stale).objects.filter(pk=stale.pk).update(request=ConsentRequestFactory(asked=True))
    for link in [
        ApprovalLinkFactory(revoked=True),
        ApprovalLinkFactory(request=ConsentRequestFactory(granted=True)),
        stale,
    ]:
        with pytest.raises(NotOpen):
            change(link, by=agent)

    assert (mailed(), kinds()) == ([], [])


def test_revoke_of_the_last_link_puts_the_request_back(agent):
    link = ApprovalLinkFactory()
    ticket = TicketFactory(request=link.request, waiting=True)

    links.revoke(link, by=agent)

    assert (state_of(link), state_of(link.request), state_of(ticket)) == (
        "revoked",
        "triage",
        "open",
    )
    assert kinds() == ["link_revoked", "request_back"]


def test_revoke_of_one_of_two_leaves_the_request_asked(agent):
    link = ApprovalLinkFactory()
    ApprovalLinkFactory(request=link.request)

    links.revoke(link, by=agent)

    assert state_of(link.request) == "asked"


def test_revoke_of_a_declined_link_ends_what_it_said(agent):
    link = ApprovalLinkFactory(declined=True, decline_note="Why the mails?")
    ticket = TicketFactory(request=link.request, waiting=True)

    links.revoke(link, by=agent)

    assert (state_of(link), link.decline_reason, link.decline_note) == (
        "revoked",
        "",
        "Why the mails?",
    )
    assert (state_of(link.request), state_of(ticket)) == ("triage", "open")


def test_revoke_twice_is_refused(agent):
    link = ApprovalLinkFactory(revoked=True)

    with pytest.raises(InvalidTransition):
        links.revoke(link, by=agent)


def test_links_made_by_two_at_once_never_share_a_slot(ticket, agent):
    stale = Ticket.objects.select_related("request").get(pk=ticket.pk)

    links.share(ticket)
    links.own(stale)

    assert list(ApprovalLink.objects.order_by("pk").values_list("slot", flat=True)) == [1, 2]
