"""What a decline becomes when nobody takes it back."""

import pytest
import time_machine

from consent import links
from tests.consent.deadlines_stage import DAY, NOON, SECOND, sweep
from tests.consent.rows_stage import mails, state_of
from tests.factories import (
    ApprovalLinkFactory,
    TicketFactory,
)

pytestmark = pytest.mark.django_db


def live(**fields):
    with time_machine.travel(NOON, tick=False):
        return ApprovalLinkFactory(**fields)


def declined(**fields):
    link = live(**fields)
    TicketFactory(request=link.request, waiting=True, placed_at=NOON)
    with time_machine.travel(NOON, tick=False):
        links.decline(link, reason="too_broad", note="")
    return link


def test_declined_for_a_day_without_another_link_the_request_is_declined():
    link = declined()

    sweep(DAY - SECOND)
    assert state_of(link.request) == "asked"

    sweep(DAY)
    assert state_of(link.request) == "declined"
    [ticket] = link.request.tickets.all()
    assert (ticket.state, mails()) == ("open", [("request_declined", ticket.contact.email)])


@pytest.mark.parametrize(("way", "then"), [("mailed", "asked"), ("self", "declined")])
def test_who_waits_for_documents_of_ours_has_not_declined(way, then):
    link = declined()
    live(
        request=link.request,
        way=way,
        state="declined",
        decline_reason="need_documents",
        closed_at=NOON,
    )

    sweep(2 * DAY)

    assert state_of(link.request) == then


def test_declined_by_one_of_two_the_request_stays_asked():
    link = declined()
    live(request=link.request)

    sweep(9 * DAY)

    assert state_of(link.request) == "asked"


def test_declined_and_undone_the_request_stays_asked():
    link = declined()
    links.undo_decline(link)

    sweep(2 * DAY)

    assert state_of(link.request) == "asked"


def test_declined_a_day_after_the_last_other_link_was_closed():
    link = declined()
    with time_machine.travel(NOON + DAY / 2, tick=False):
        live(request=link.request, not_me=True, closed_at=NOON + DAY / 2)

    sweep(DAY)
    assert state_of(link.request) == "asked"

    sweep(1.5 * DAY)
    assert state_of(link.request) == "declined"
