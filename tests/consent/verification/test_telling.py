"""Invitations to test what looks approved."""

from datetime import timedelta

import pytest

from consent.verification import telling
from tests.consent.rows_stage import kinds, mails
from tests.consent.verification.look_stage import NOON, finding, look
from tests.factories import ConsentRequestFactory, EvidenceFactory, TicketFactory, guid

pytestmark = pytest.mark.django_db

ABSENT, PRESENT = finding("absent"), finding()


@pytest.fixture
def installed(db):
    """Five wait, and at noon the app has appeared."""
    request = ConsentRequestFactory(asked=True)
    TicketFactory.create_batch(5, request=request, waiting=True)
    look(request, ABSENT, minutes=-1)
    look(request, PRESENT)
    return request


def invited(request):
    return [ticket.invited_at is not None for ticket in request.tickets.order_by("pk")]


def test_three_are_invited_two_minutes_after_the_news_and_never_more(installed):
    look(installed, PRESENT, minutes=1.9)
    assert invited(installed) == [False] * 5

    for minutes in (2, 3, 10):
        look(installed, PRESENT, minutes=minutes)

    first = list(installed.tickets.order_by("pk")[:3])
    assert invited(installed) == [True] * 3 + [False] * 2
    assert mails() == [("try_connection", ticket.contact.email) for ticket in first]
    assert kinds() == ["request_installed", *["ticket_invited"] * 3]


def test_look_comes_when_the_invitation_is_due(installed):
    # One of the looks that news bring anyway may come sooner.
    watch = look(installed, PRESENT, minutes=1.5)

    assert watch.next_check_at == NOON + timedelta(minutes=2)


def test_news_that_come_and_go_invite_nobody_twice(installed):
    for minutes, found in [(2, PRESENT), (3, ABSENT), (4, PRESENT), (6, PRESENT), (7, PRESENT)]:
        look(installed, found, minutes=minutes)

    assert len(mails()) == 3


def test_news_younger_than_two_minutes_after_they_went_invite_nobody_yet(installed):
    look(installed, ABSENT, minutes=1)
    look(installed, PRESENT, minutes=1.5)

    look(installed, PRESENT, minutes=3.4)
    assert mails() == []

    look(installed, PRESENT, minutes=3.5)
    assert len(mails()) == 3


def test_nobody_is_invited_while_something_is_missing(installed):
    look(installed, finding(everyone=["User.Read"]), minutes=2)

    assert (mails(), installed.missing, installed.looks_approved) == ([], ["Mail.Read"], False)


def test_nobody_more_is_invited_after_a_test_said_no_until_the_next_news(installed):
    ticket = installed.tickets.first()
    EvidenceFactory(
        request=installed,
        coverage=True,
        said="not_covered",
        ticket=ticket,
        at=NOON + timedelta(minutes=1),
    )

    look(installed, PRESENT, minutes=2)
    assert (mails(), installed.looks_approved, installed.rung) == ([], False, "installed")

    look(installed, ABSENT, minutes=3)
    look(installed, PRESENT, minutes=4)
    look(installed, PRESENT, minutes=6)
    assert (len(mails()), installed.looks_approved) == (3, True)


@pytest.mark.parametrize(
    "other",
    [
        {"said": "not_assigned"},
        {"said": "not_covered", "ticket": None},
        {"said": "not_covered", "at": NOON - timedelta(minutes=2)},
    ],
)
def test_what_is_not_an_invited_persons_no_leaves_the_looks(installed, other):
    ticket = installed.tickets.first()
    after = {"at": NOON + timedelta(minutes=1), "ticket": ticket, **other}
    EvidenceFactory(request=installed, coverage=True, **after)

    look(installed, PRESENT, minutes=2)

    assert (installed.looks_approved, len(mails())) == (True, 3)


def test_news_of_an_app_that_was_there_before_invite_nobody():
    request = ConsentRequestFactory(asked=True)
    TicketFactory(request=request, waiting=True)

    for minutes in (0, 2, 5):
        look(request, PRESENT, minutes=minutes)

    assert (mails(), telling.invitation_due_at(request)) == ([], None)


def test_monitors_and_those_told_already_are_not_invited():
    request = ConsentRequestFactory(asked=True)
    TicketFactory(request=request, waiting=True, contact=None, opened_by="monitor")
    TicketFactory(request=request, told_version=1)
    TicketFactory(request=request, ready=True)
    look(request, ABSENT)
    look(request, PRESENT, minutes=1)

    watch = look(request, PRESENT, minutes=3)

    assert (mails(), request.looks_approved) == ([], True)
    assert watch.next_check_at > NOON + timedelta(minutes=3, seconds=1)


def test_invitation_comes_sooner_at_a_faster_pace(settings):
    settings.CHECK_PACE = 60
    request = ConsentRequestFactory(asked=True, looks_approved=True, news_at=NOON)
    TicketFactory(request=request, waiting=True)

    assert telling.invitation_due_at(request) == NOON + timedelta(seconds=2)


def test_who_was_invited_and_gets_in_is_not_told_again():
    request = ConsentRequestFactory(asked=True, looks_approved=True)
    mine = TicketFactory(request=request, ready=True, told_version=1)
    colleague = TicketFactory(request=request, waiting=True)
    for person in ("ana", "ben"):
        EvidenceFactory(
            request=request,
            coverage=True,
            ticket=mine,
            person=guid(person),
            covers=["User.Read", "Mail.Read"],
            at=NOON,
        )

    look(request, PRESENT)

    assert (request.state, mails()) == (
        "granted",
        [("consent_granted", colleague.contact.email)],
    )
