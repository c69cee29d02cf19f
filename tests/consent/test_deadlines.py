"""What time alone brings about, each deadline on both of its sides."""

from datetime import date, timedelta

import pytest
import time_machine

from consent.models import (
    ConsentAttempt,
    ConsentRequest,
    Watch,
)
from tests.consent.deadlines_stage import DAY, NOON, SECOND, sweep
from tests.consent.rows_stage import kinds, mails, state_of
from tests.factories import (
    ApprovalLinkFactory,
    ConsentAttemptFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    seeded_tenant,
)
from tests.races import meanwhile

pytestmark = pytest.mark.django_db


def test_sweep_of_nothing_does_nothing():
    sweep()

    assert (kinds(), mails()) == ([], [])


def test_ticket_that_could_not_be_placed_is_placed():
    seeded_tenant("contoso")
    lost, fresh, unconfirmed = (
        TicketFactory(contact=ContactFactory(email=f"{name}@contoso.example"), **state)
        for name, state in [
            ("ana", {"confirmed_at": NOON - 6 * SECOND}),
            ("ben", {"confirmed_at": NOON - 4 * SECOND}),
            ("eva", {"unconfirmed": True}),
        ]
    )

    sweep()

    for ticket in (lost, fresh, unconfirmed):
        ticket.refresh_from_db()
    assert [ticket.placed_at for ticket in (lost, fresh, unconfirmed)] == [NOON, None, None]
    assert lost.request.tenant == lost.tenant


def test_trip_that_did_not_come_back_is_asked_about_once():
    attempt = ConsentAttemptFactory(left_at=NOON)

    sweep(timedelta(minutes=5))
    assert kinds() == []

    sweep(timedelta(minutes=5, seconds=1))
    sweep(timedelta(minutes=6))
    attempt.refresh_from_db()
    assert attempt.asked_about_at == NOON + timedelta(minutes=5, seconds=1)
    assert kinds() == ["link_away"]
    assert Watch.objects.get(app=attempt.request.app).signals == 1


def test_trip_that_came_back_is_not_asked_about():
    ConsentAttemptFactory(cancelled=True, left_at=NOON)

    sweep(timedelta(minutes=10))

    assert (kinds(), ConsentAttempt.objects.get().asked_about_at) == ([], None)


def test_trip_for_a_request_decided_meanwhile_is_not_asked_about():
    link = ApprovalLinkFactory(request=ConsentRequestFactory(granted=True), expires_at=NOON + DAY)
    ConsentAttemptFactory(link=link, left_at=NOON)

    sweep(timedelta(minutes=10))

    assert kinds() == []


def test_claim_without_proof_is_forgotten_after_a_day():
    request = ConsentRequestFactory(claimed=True, claimed_at=NOON, expires_at=NOON + 9 * DAY)
    live(request=request)

    sweep(DAY)
    assert state_of(request) == "claimed"

    sweep(DAY + SECOND)
    assert (state_of(request), request.claimed_at, kinds()) == (
        "asked",
        None,
        ["request_unproved"],
    )
    assert Watch.objects.get().signals == 1


def live(**fields):
    with time_machine.travel(NOON, tick=False):
        return ApprovalLinkFactory(**fields)


def test_administrator_who_wanted_later_is_mailed_on_that_day_once():
    link = live(later_until=date(2026, 1, 7))

    sweep(DAY)
    assert mails() == []

    sweep(2 * DAY)
    sweep(3 * DAY)
    link.refresh_from_db()
    assert mails() == [("approval_request", link.recipient.email)]
    assert (link.later_until, link.state) == (None, "live")


@pytest.mark.parametrize("fields", [{"shared": True}, {"declined": True}])
def test_later_is_nothing_for_a_link_without_recipient_or_closed(fields):
    live(later_until=date(2026, 1, 6), **fields)

    sweep(DAY)

    assert mails() == []


def test_later_waits_while_a_claim_is_looked_into():
    link = live(later_until=date(2026, 1, 6))
    link.request.move("claimed", claimed_at=NOON)

    sweep(DAY)
    assert mails() == []

    sweep(DAY + SECOND)
    sweep(DAY + 2 * SECOND)
    assert mails() == [("approval_request", link.recipient.email)]


def test_last_link_that_ends_puts_the_request_back():
    link = live(expires_at=NOON + DAY)
    ticket = TicketFactory(request=link.request, waiting=True, placed_at=NOON)

    sweep(DAY)
    assert state_of(link) == "live"

    sweep(DAY + SECOND)
    assert (state_of(link), state_of(link.request), state_of(ticket)) == (
        "expired",
        "triage",
        "open",
    )
    assert kinds() == ["link_expired", "request_back"]


def test_link_of_a_granted_request_ends_quietly():
    link = live(request=ConsentRequestFactory(granted=True), expires_at=NOON)

    sweep(DAY)

    assert (state_of(link), state_of(link.request), kinds()) == (
        "expired",
        "granted",
        ["link_expired"],
    )


def test_unanswered_for_thirty_days_the_request_expires_as_one_story():
    link = live()
    ConsentRequest.objects.update(expires_at=link.expires_at)
    ticket = TicketFactory(request=link.request, waiting=True, placed_at=NOON)

    sweep(30 * DAY)
    assert (state_of(link.request), state_of(link)) == ("asked", "live")

    sweep(30 * DAY + SECOND)
    assert (state_of(link.request), state_of(link), state_of(ticket)) == (
        "expired",
        "expired",
        "open",
    )
    assert kinds() == ["request_expired"]
    assert mails() == [("request_expired", ticket.contact.email)]


def test_granted_request_never_expires():
    request = ConsentRequestFactory(granted=True, expires_at=NOON)

    sweep(99 * DAY)

    assert state_of(request) == "granted"


def changed(row, **fields):
    """What somebody else does to the row."""
    return lambda: type(row).objects.filter(pk=row.pk).update(**fields)


GRANTED = {"state": "granted", "granted_at": NOON, "reach": "everyone", "rung": "directory"}


def test_request_granted_in_the_very_moment_its_claim_ends_stays_granted():
    request = ConsentRequestFactory(claimed=True, claimed_at=NOON, expires_at=NOON + 9 * DAY)

    with meanwhile(changed(request, **GRANTED), before='UPDATE "consent_consentrequest"'):
        sweep(2 * DAY)

    assert (state_of(request), kinds(), mails()) == ("granted", [], [])


def test_request_granted_in_the_very_moment_it_ends_does_not_expire():
    request = ConsentRequestFactory(asked=True, expires_at=NOON)
    ApprovalLinkFactory(request=request, expires_at=NOON + 2 * DAY)
    # Played in one connection, so the other's change goes with what the sweep takes back.
    with meanwhile(changed(request, **GRANTED), before='UPDATE "consent_consentrequest"'):
        sweep(DAY)

    assert (state_of(request) != "expired", kinds(), mails()) == (True, [], [])


def test_link_declined_in_the_very_moment_it_ends_stays_declined():
    link = live(expires_at=NOON)
    answer = {"state": "declined", "decline_reason": "other", "closed_at": NOON + DAY}

    with meanwhile(changed(link, **answer), before='UPDATE "consent_approvallink"'):
        sweep(DAY)

    assert (state_of(link), kinds()) == ("declined", [])
