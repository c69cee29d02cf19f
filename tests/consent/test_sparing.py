"""Who has said enough, or was written to a short time ago, is not written to again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import links, placing, requests, sparing, tickets
from consent.actors import WORKER, Actor
from consent.errors import NotAgain
from consent.models import OutboxMessage
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    UserFactory,
    seeded_app,
    seeded_tenant,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BOSS = "boss@contoso.example"
DAY = timedelta(days=1)


@pytest.fixture
def ask():
    """Somebody of Contoso asks for the calendar and names the boss; gives the placed ticket."""
    app = seeded_app("acme-calendar")
    seeded_tenant("contoso")

    def go(email="ana@contoso.example"):
        given = {"name": "", "note": "", "pasted": "", "seen": ""}
        ticket = tickets.ask(app=app, email=email, administrator_email=BOSS, **given)
        tickets.confirm(ticket)
        placing.place(ticket)
        ticket.refresh_from_db()
        return ticket

    return go


def asked(to=BOSS):
    """How many administrators' mails were queued for that address."""
    return OutboxMessage.objects.filter(kind="approval_request", to__email=to).count()


def test_who_said_not_to_be_the_one_hears_nothing_when_a_colleague_names_them(ask):
    links.not_me(ask().request.links.get())

    ticket = ask("ben@contoso.example")

    assert (ticket.state, ticket.request.state, asked()) == ("open", "triage", 1)
    assert sparing.said_not_me(ticket.administrator, ticket.request)


def test_who_said_so_is_asked_by_an_agent_even_so(ask):
    ticket = ask()
    links.not_me(ticket.request.links.get())

    sent = links.send(ticket.request, to=ticket.administrator, by=Actor.agent(UserFactory()))

    assert (sent.is_live, asked()) == (True, 2)


def test_who_said_so_of_one_app_is_asked_about_another(ask):
    ticket = ask()
    links.not_me(ticket.request.links.get())
    other = ConsentRequestFactory(tenant=ticket.request.tenant, app=AppRegistrationFactory())

    links.send(other, to=ticket.administrator, by=WORKER)

    assert asked() == 2


def test_who_said_so_is_not_passed_it_on_by_a_colleague(ask):
    ticket = ask()
    links.not_me(ticket.request.links.get())
    link = links.send(ticket.request, to=ContactFactory(), by=WORKER)

    with pytest.raises(NotAgain):
        links.forward(link, to=ticket.administrator, tenant=ticket.tenant)

    link.refresh_from_db()
    assert (link.forwards, asked()) == (0, 1)


def test_who_declined_is_not_asked_again_for_the_same_request(ask):
    links.decline(ask().request.links.get(), reason="too_broad", note="")

    ticket = ask("ben@contoso.example")

    assert (ticket.state, ticket.request.state, asked()) == ("waiting", "asked", 1)


def test_asks_that_are_withdrawn_and_made_anew_bring_one_mail_in_three_days(ask):
    with time_machine.travel(NOON):
        tickets.withdraw(ask())
        again = ask()
        assert (again.state, again.request.state, asked()) == ("open", "triage", 1)
        tickets.withdraw(again)

    with time_machine.travel(NOON + 3 * DAY - timedelta(minutes=1)):
        tickets.withdraw(ask())
        assert asked() == 1

    with time_machine.travel(NOON + 3 * DAY + timedelta(minutes=1)):
        assert (ask().request.state, asked()) == ("asked", 2)


@pytest.mark.parametrize("state", ["dropped", "failed"])
def test_mail_that_never_left_bothered_nobody(ask, state):
    tickets.withdraw(ask())
    OutboxMessage.objects.filter(kind="approval_request").update(state=state)

    assert (ask().request.state, asked()) == ("asked", 2)


def test_request_that_ended_otherwise_keeps_nobody_from_being_asked(ask):
    requests.expire(ask().request)

    assert (ask().request.state, asked()) == ("asked", 2)


def test_link_that_was_made_for_no_mail_is_no_bother(ask):
    ticket = TicketFactory(request=ConsentRequestFactory())
    links.share(ticket)
    tickets.withdraw(ticket)

    assert (ask().request.state, asked()) == ("asked", 1)
