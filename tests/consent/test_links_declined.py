"""An administrator declines, and takes it back."""

from datetime import UTC, datetime

import pytest

from consent import links, requests, tickets
from consent.actors import WORKER
from consent.errors import NotOpen, TooManyLinks
from consent.models import InvalidTransition, Reply
from tests.consent.rows_stage import events, mailed, state_of
from tests.factories import (
    ApprovalLinkFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def decline(link):
    links.decline(link, reason="too_broad", note=" Why the mails? ")


def test_decline_closes_the_link_with_its_reason_and_leaves_the_request(link):
    decline(link)

    assert (link.state, link.decline_reason, link.decline_note) == (
        "declined",
        "too_broad",
        "Why the mails?",
    )
    assert (state_of(link.request), state_of(link.from_ticket)) == ("asked", "waiting")
    assert (events(), mailed()) == ([("link_declined", "too_broad")], [])


def test_decline_in_two_windows_is_refused_the_second_time(link):
    stale = type(link).objects.get(pk=link.pk)
    decline(link)

    with pytest.raises(NotOpen):
        links.decline(stale, reason="other", note="")

    link.refresh_from_db()
    assert link.decline_reason == "too_broad"


def test_undo_makes_the_link_live_again(link):
    decline(link)

    links.undo_decline(link)

    assert (link.state, link.decline_reason, link.decline_note, link.closed_at) == (
        "live",
        "",
        "",
        None,
    )
    assert events() == [("link_declined", "too_broad"), ("link_undone", "")]


def test_undo_where_another_link_took_the_slot_takes_a_free_one(link):
    decline(link)
    other = ApprovalLinkFactory(request=link.request)

    links.undo_decline(link)

    assert {other.slot, link.slot} == {1, 2}


def test_undo_where_three_others_live_is_refused(link):
    decline(link)
    ApprovalLinkFactory.create_batch(3, request=link.request)

    with pytest.raises(TooManyLinks):
        links.undo_decline(link)

    assert state_of(link) == "declined"


def test_undo_after_the_request_was_declined_opens_a_successor_with_who_waits(link):
    decline(link)
    requests.decline(link.request, by=WORKER)
    declined = link.request

    links.undo_decline(link)

    link.refresh_from_db()
    link.from_ticket.refresh_from_db()
    assert (link.state, link.request.previous, link.request.state) == ("live", declined, "asked")
    assert link.from_ticket.request == link.request


def test_undo_after_the_grant_is_refused(link):
    decline(link)
    link.request.move("granted", granted_at=NOON, reach="everyone", rung="directory")

    with pytest.raises(NotOpen):
        links.undo_decline(link)

    assert state_of(link) == "declined"


@pytest.mark.parametrize("way", ["shared", "self"])
@pytest.mark.parametrize("ended", ["declined", "withdrawn"])
def test_undo_by_whom_we_never_asked_begins_nothing_anew(link, way, ended):
    passed_on = ApprovalLinkFactory(request=link.request, way=way, declined=True)
    if ended == "declined":
        decline(link)
        requests.decline(link.request, by=WORKER)
    else:
        link.request.move("withdrawn", closed_at=NOON)

    with pytest.raises(NotOpen):
        links.undo_decline(passed_on)

    assert (state_of(passed_on), link.request.successors.count()) == ("declined", 0)


@pytest.mark.parametrize("ended", ["expired", "withdrawn", "superseded"])
def test_undo_where_the_decline_is_not_what_ended_the_request_is_refused(link, ended):
    decline(link)
    link.request.move(ended, closed_at=NOON)

    with pytest.raises(NotOpen):
        links.undo_decline(link)

    assert state_of(link) == "declined"


def test_decline_of_a_request_that_everybody_left_cannot_be_taken_back(link):
    decline(link)
    tickets.withdraw(link.from_ticket)

    with pytest.raises(NotOpen):
        links.undo_decline(link)

    assert (state_of(link), state_of(link.request)) == ("revoked", "withdrawn")


@pytest.mark.parametrize(
    ("note", "kept"), [(" The DPA. ", "The DPA."), ("", "I need documents first")]
)
def test_who_needs_documents_is_a_talk_that_an_agent_answers(link, note, kept):
    links.decline(link, reason="need_documents", note=note)

    [written] = Reply.objects.order_by("pk")
    assert (written.author, written.body, written.link, written.to_administrator) == (
        "administrator",
        kept,
        link,
        True,
    )
    assert (state_of(link.request), state_of(link.from_ticket)) == ("asked", "open")
    assert (events(), mailed()) == ([("link_declined", "need_documents")], [])


def test_undo_of_a_link_that_was_never_declined_is_refused(link):
    links.not_me(link)

    with pytest.raises(InvalidTransition):
        links.undo_decline(link)
