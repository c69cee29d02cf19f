"""A request that is asked has a way in for an administrator whom we asked; else an agent has it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from consent import deadlines, links, requests
from consent.actors import WORKER, Actor
from consent.errors import AlreadyAsked, Stopped
from consent.models import OutboxMessage
from tests.consent.rows_stage import state_of
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BY = Actor.requester(None)


def test_new_version_of_a_request_without_a_live_link_is_with_us():
    old = ConsentRequestFactory(asked=True)
    ApprovalLinkFactory(request=old, declined=True)
    ticket = TicketFactory(request=old, waiting=True)

    requests.supersede_open(old.app, by=WORKER)

    assert (old.successors.get().state, state_of(ticket)) == ("triage", "open")


def test_claim_that_is_forgotten_after_its_link_went_is_with_us():
    request = ConsentRequestFactory(
        claimed=True, claimed_at=NOON, expires_at=NOON.replace(year=2027)
    )
    ApprovalLinkFactory(request=request, revoked=True)
    ticket = TicketFactory(request=request, waiting=True)

    with time_machine.travel(NOON + timedelta(days=2)):
        deadlines.sweep()

    assert (state_of(request), state_of(ticket)) == ("triage", "open")


def test_administrator_who_wants_no_mail_is_not_asked():
    request = ConsentRequestFactory()
    boss = ContactFactory(stopped_at=NOON)

    with pytest.raises(Stopped):
        links.send(request, to=boss, by=BY)

    assert (state_of(request), request.links.count()) == ("triage", 0)


def test_requester_who_opened_a_link_for_himself_is_mailed_when_a_colleague_names_him():
    ana = TicketFactory(request=ConsentRequestFactory())
    own = links.own(ana)

    sent = links.send(own.request, to=ana.contact, by=BY)

    assert (sent, sent.way) == (own, "mailed")
    assert list(OutboxMessage.objects.order_by("pk").values_list("kind", "to")) == [
        ("approval_request", ana.contact.pk)
    ]


@pytest.mark.parametrize("make", [links.own, links.share])
def test_decline_by_whoever_has_a_requesters_link_closes_that_link_alone(make):
    ticket = TicketFactory(request=ConsentRequestFactory(), waiting=True)
    link = make(ticket)

    links.decline(link, reason="other", note="")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        deadlines.sweep()

    assert (state_of(link), state_of(link.request), state_of(ticket)) == (
        "declined",
        "triage",
        "open",
    )


@time_machine.travel(NOON, tick=False)
def test_later_than_the_link_lives_keeps_the_link_alive():
    link = ApprovalLinkFactory(expires_at=NOON + timedelta(days=10))

    links.later(link, until=date(2026, 2, 1), note="")

    for row in (link, link.request):
        row.refresh_from_db()
        assert row.expires_at.date() >= date(2026, 2, 15)


def test_forward_to_somebody_who_has_a_link_sends_nothing_and_uses_nothing_up():
    link = ApprovalLinkFactory()
    other = ApprovalLinkFactory(request=link.request, slot=2)

    for to in (link.recipient, other.recipient):
        with pytest.raises(AlreadyAsked):
            links.forward(link, to=to, tenant=link.request.tenant)

    link.refresh_from_db()
    assert (link.forwards, OutboxMessage.objects.count()) == (0, 0)


@time_machine.travel(NOON, tick=False)
def test_request_that_nobody_was_asked_about_waits_for_an_agent():
    request = ConsentRequestFactory(expires_at=NOON - timedelta(days=1))

    deadlines.sweep()

    assert state_of(request) == "triage"
