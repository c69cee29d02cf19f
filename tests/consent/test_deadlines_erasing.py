"""What is erased and pruned when its time is over."""

import pytest
import time_machine

from consent.models import Check, OutboxMessage, RateCount, Ticket
from tenants.models import Contact
from tests.consent.deadlines_stage import DAY, NOON, SECOND, sweep
from tests.factories import (
    ApprovalLinkFactory,
    CheckFactory,
    ContactFactory,
    OutboxMessageFactory,
    RateCountFactory,
    TicketFactory,
)

pytestmark = pytest.mark.django_db


def stranger(email="ana@contoso.example", administrator=None, **fields):
    with time_machine.travel(NOON, tick=False):
        ticket = TicketFactory(
            contact=ContactFactory(email=email),
            administrator=administrator,
            unconfirmed=True,
            **fields,
        )
        OutboxMessageFactory(ticket=ticket, sent=True)
    return ticket


def test_what_nobody_confirmed_is_erased_after_a_fortnight_with_the_people_it_named():
    stranger(administrator=ContactFactory(email="admin@contoso.example"))

    sweep(14 * DAY)
    assert Ticket.objects.count() == 1

    sweep(14 * DAY + SECOND)
    assert (Ticket.objects.count(), OutboxMessage.objects.count()) == (0, 0)
    assert Contact.objects.count() == 0


def test_people_whom_something_else_names_are_kept():
    stopped = stranger("stopped@contoso.example").contact
    stopped.stopped_at = NOON
    stopped.save()
    has_ticket = TicketFactory(placed_at=NOON, confirmed_at=NOON).contact
    has_link, has_mail = (
        ApprovalLinkFactory(expires_at=NOON + 30 * DAY).recipient,
        OutboxMessageFactory().to,
    )
    for contact in (has_ticket, has_link, has_mail):
        stranger(f"other-{contact.pk}@contoso.example", administrator=contact)

    sweep(14 * DAY + SECOND)

    assert {stopped, has_ticket, has_link, has_mail} <= {*Contact.objects.all()}
    assert not Contact.objects.filter(email__startswith="other-").exists()


def test_confirmed_tickets_are_kept():
    with time_machine.travel(NOON):
        TicketFactory(placed_at=NOON)

    sweep(99 * DAY)

    assert Ticket.objects.count() == 1


def test_old_looks_and_counters_are_pruned():
    CheckFactory(at=NOON - 31 * DAY)
    kept = CheckFactory(at=NOON - 29 * DAY)
    RateCountFactory(span_start=NOON - 3 * DAY)
    counter = RateCountFactory(span_start=NOON - DAY)

    sweep()

    assert ([*Check.objects.all()], [*RateCount.objects.all()]) == ([kept], [counter])
