"""The six digits, and what a confirmation brings about."""

import pytest

from consent import tickets, tokens
from consent.errors import NoMoreTries, WrongCode
from consent.models import Event, Ticket
from tests.factories import (
    AppRegistrationFactory,
    ContactFactory,
    TicketFactory,
)

pytestmark = pytest.mark.django_db


def ask(app=None, **typed):
    return tickets.ask(
        **{
            "app": app or AppRegistrationFactory(),
            "email": "ana@contoso.example",
            "name": "Ana",
            "note": "",
            "pasted": "",
            "seen": "",
            "administrator_email": "",
            **typed,
        }
    )


def kinds_of(ticket):
    return [event.kind for event in Event.objects.filter(ticket_id=ticket.pk)]


@pytest.mark.parametrize("write", ["{}", "{0:.3} {1:.3}", " {0:.3}-{1:.3} ", "code: {}"])
def test_code_is_right_however_it_is_grouped(write):
    ticket = ask()
    code = tokens.confirmation_code(ticket)

    tickets.check_code(ticket, write.format(code if write.count("{") == 1 else code[:3], code[3:]))


def test_code_is_wrong_five_times_and_then_not_even_the_right_one_helps():
    ticket = ask()
    wrong = "000000" if tokens.confirmation_code(ticket) != "000000" else "000001"

    for _ in range(5):
        with pytest.raises(WrongCode):
            tickets.check_code(ticket, wrong)
    with pytest.raises(NoMoreTries):
        tickets.check_code(ticket, tokens.confirmation_code(ticket))

    ticket.refresh_from_db()
    assert ticket.code_tries == 5


@pytest.mark.parametrize("empty", ["", "   ", "abc", "²²²", "١٢٣٤٥٦"])
def test_code_without_a_digit_is_no_try(empty):
    ticket = ask()

    with pytest.raises(WrongCode):
        tickets.check_code(ticket, empty)

    ticket.refresh_from_db()
    assert ticket.code_tries == 0


def test_confirm_opens_the_ticket_and_twice_is_once():
    ticket = ask()

    tickets.confirm(ticket)
    first = ticket.confirmed_at
    tickets.confirm(ticket)

    assert (ticket.state, ticket.confirmed_at) == ("open", first)
    assert kinds_of(ticket) == ["ticket_opened", "ticket_confirmed"]


def test_confirm_by_two_browsers_at_once_leaves_one_confirmation():
    ticket = ask()
    mine, yours = (Ticket.objects.get(pk=ticket.pk) for _ in range(2))

    tickets.confirm(mine)
    tickets.confirm(yours)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.confirmed_at) == ("open", mine.confirmed_at)
    assert kinds_of(ticket) == ["ticket_opened", "ticket_confirmed"]


def test_confirm_goes_on_with_the_older_matter_of_that_person_and_app():
    app = AppRegistrationFactory()
    older = TicketFactory(contact=ContactFactory(email="ana@contoso.example"), app=app)
    others = [
        TicketFactory(contact=older.contact),
        TicketFactory(app=app),
        TicketFactory(contact=older.contact, app=app, unconfirmed=True),
        TicketFactory(contact=older.contact, app=app, solved=True),
    ]
    before = [ticket.state for ticket in others]

    ticket = ask(app)
    tickets.confirm(ticket)

    older.refresh_from_db()
    assert (older.state, ticket.state) == ("closed", "open")
    assert Event.objects.get(kind="ticket_closed").detail == ticket.number
    assert [Ticket.objects.get(pk=one.pk).state for one in others] == before
