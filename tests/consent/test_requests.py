from datetime import UTC, datetime

import pytest

from consent import requests
from consent.actors import WORKER, Actor
from consent.errors import NotOpen
from consent.models import Event, InvalidTransition, OutboxMessage, Watch
from tests.consent.rows_stage import kinds, state_of
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    TicketFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def beside(request, **fields):
    """A request of the same tenant and app."""
    return ConsentRequestFactory(tenant=request.tenant, app=request.app, **fields)


def join(ticket):
    return requests.join(ticket, by=Actor.requester(ticket.contact))


def mails():
    return [(mail.kind, mail.ticket) for mail in OutboxMessage.objects.order_by("pk")]


@pytest.mark.parametrize("state", ["declined", "expired", "withdrawn", "revoked"])
def test_what_comes_late_opens_a_successor_that_was_asked(state):
    closed = ConsentRequestFactory(**{state: True})

    successor = requests.succeed(closed, by=WORKER)

    assert (successor.previous, successor.state) == (closed, "asked")
    assert state_of(closed) == state


def test_what_comes_late_takes_those_who_wait_and_their_told_marks_along():
    closed = ConsentRequestFactory(expired=True)
    ticket = TicketFactory(request=closed, ready=True, told_version=1)

    successor = requests.succeed(closed, by=WORKER)

    ticket.refresh_from_db()
    assert (ticket.request, ticket.told_version, ticket.state) == (successor, 1, "ready")


def test_what_comes_late_belongs_to_the_open_request():
    closed = ConsentRequestFactory(expired=True)
    asked = beside(closed, asked=True)
    beside(closed, granted=True)

    assert requests.succeed(closed, by=WORKER) == asked


def test_what_comes_late_belongs_to_the_granted_request_where_none_is_open():
    closed = ConsentRequestFactory(expired=True)
    granted = beside(closed, granted=True)

    assert requests.succeed(closed, by=WORKER) == granted


def test_take_up_gives_the_open_request_as_it_is():
    request = ConsentRequestFactory(asked=True)

    assert requests.take_up(request, by=WORKER) == request


@pytest.mark.parametrize("state", ["declined", "expired", "withdrawn", "revoked"])
def test_take_up_of_a_closed_request_opens_a_successor(state):
    closed = ConsentRequestFactory(**{state: True})

    successor = requests.take_up(closed, by=Actor.agent(UserFactory()))

    assert (successor.previous, successor.state) == (closed, "triage")


def test_take_up_of_a_granted_request_is_refused():
    with pytest.raises(NotOpen):
        requests.take_up(ConsentRequestFactory(granted=True), by=WORKER)


def test_new_version_takes_tickets_and_live_links_along_unheard():
    old = ConsentRequestFactory(claimed=True)
    live = ApprovalLinkFactory(request=old)
    closed = ApprovalLinkFactory(request=old, revoked=True)
    ticket = TicketFactory(request=old, waiting=True, told_version=0)
    old.app.permission_version = 2
    old.app.save()

    assert requests.supersede_open(old.app, by=WORKER) == 1

    for row in (old, live, closed, ticket):
        row.refresh_from_db()
    successor = ticket.request
    assert (old.state, successor.state, successor.previous) == ("superseded", "asked", old)
    assert (successor.permission_version, successor.expires_at) == (2, old.expires_at)
    assert (live.request, closed.request, ticket.state) == (successor, old, "waiting")
    assert (mails(), kinds()) == ([], ["request_opened", "request_superseded"])


def test_new_version_of_what_nobody_was_asked_for_stays_in_triage():
    old = ConsentRequestFactory()

    requests.supersede_open(old.app, by=WORKER)

    assert old.successors.get().state == "triage"


@pytest.mark.parametrize(("news_at", "baseline"), [(None, NOON), (NOON, None)])
def test_new_version_knows_that_the_app_was_missing_until_now(news_at, baseline):
    old = ConsentRequestFactory(asked=True, absent_at=NOON, news_at=news_at)
    ApprovalLinkFactory(request=old)

    requests.supersede_open(old.app, by=WORKER)

    successor = old.successors.get()
    assert (successor.state, successor.absent_at, successor.news_at) == ("asked", baseline, None)


def test_new_version_leaves_others_alone():
    requests_elsewhere = [ConsentRequestFactory(asked=True), ConsentRequestFactory(granted=True)]
    granted = ConsentRequestFactory(granted=True)

    assert requests.supersede_open(granted.app, by=WORKER) == 0

    assert [state_of(one) for one in [*requests_elsewhere, granted]] == [
        "asked",
        "granted",
        "granted",
    ]


@pytest.mark.parametrize(
    ("close", "state", "mail"),
    [
        (lambda request: requests.decline(request, by=WORKER), "declined", "request_declined"),
        (requests.expire, "expired", "request_expired"),
    ],
)
def test_closed_unanswered_puts_its_tickets_with_us_and_tells_each(close, state, mail):
    request = ConsentRequestFactory(asked=True, looks_approved=True)
    link = ApprovalLinkFactory(request=request)
    waiting, opened = TicketFactory(request=request, waiting=True), TicketFactory(request=request)
    TicketFactory(request=request, contact=None, opened_by="monitor")
    ready = TicketFactory(request=request, ready=True)

    close(request)

    assert (request.state, request.looks_approved, state_of(link)) == (state, False, "expired")
    assert [state_of(one) for one in (waiting, opened, ready)] == ["open", "open", "ready"]
    assert mails() == [(mail, waiting), (mail, opened)]
    assert kinds() == [mail]


@pytest.mark.parametrize("state", ["granted", "declined", "withdrawn"])
def test_closed_or_granted_request_is_not_declined_again(state):
    request = ConsentRequestFactory(**{state: True})

    with pytest.raises(InvalidTransition):
        requests.decline(request, by=WORKER)

    assert (state_of(request), mails()) == (state, [])


def test_request_that_nobody_waits_for_is_not_withdrawn_once_granted():
    request = ConsentRequestFactory(granted=True)

    requests.withdraw_if_nobody_waits(request, by=WORKER)

    assert state_of(request) == "granted"


@pytest.mark.parametrize("link", ["live", "declined"])
def test_request_stays_asked_while_a_link_lives_or_was_declined(link):
    request = ConsentRequestFactory(asked=True)
    ApprovalLinkFactory(request=request, **({} if link == "live" else {link: True}))

    requests.back_to_triage(request)

    assert state_of(request) == "asked"


@pytest.mark.parametrize("state", ["claimed", "granted", "declined"])
def test_request_not_asked_does_not_go_back_to_triage(state):
    request = ConsentRequestFactory(**{state: True})

    requests.back_to_triage(request)

    assert state_of(request) == state


def test_request_whose_last_link_is_gone_goes_back_to_triage_with_its_tickets():
    request = ConsentRequestFactory(asked=True)
    ApprovalLinkFactory(request=request, expired=True)
    waiting, ready = (TicketFactory(request=request, **{s: True}) for s in ("waiting", "ready"))

    requests.back_to_triage(request)

    assert (state_of(request), state_of(waiting), state_of(ready)) == ("triage", "open", "ready")
    assert kinds() == ["request_back"]


def test_look_now_is_one_line_and_a_look():
    ticket = TicketFactory(request=ConsentRequestFactory(asked=True))
    by = Actor.agent(UserFactory())

    requests.look_now(ticket.request, by=by, ticket=ticket)

    event = Event.objects.get()
    assert (event.kind, event.ticket_id, event.actor_id) == ("looked", ticket.pk, by.key)
    assert Watch.objects.get().signals == 1


def test_lock_reads_anew():
    request = ConsentRequestFactory(asked=True)
    stale = requests.lock(request)
    request.move("declined", closed_at=NOON)

    assert requests.lock(stale).state == "declined"
