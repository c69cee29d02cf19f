from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import tickets
from consent.models import Event, OutboxMessage
from consent.pictures import picture
from tenants.models import Contact
from tests.consent.rows_stage import mails
from tests.factories import (
    AppRegistrationFactory,
    TicketFactory,
    UserFactory,
)
from tests.pictures import EXTENDED

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def three_mails_a_day(settings):
    settings.MAILS_TO_STRANGERS_A_DAY = 3


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


def test_ask_opens_an_unconfirmed_ticket_and_mails_the_asker_alone():
    ticket = ask(administrator_email="admin@contoso.example", note=" For our calendars. ")

    assert (ticket.state, ticket.name, ticket.note) == ("unconfirmed", "Ana", "For our calendars.")
    assert (ticket.contact.email, ticket.administrator.email) == (
        "ana@contoso.example",
        "admin@contoso.example",
    )
    assert (ticket.tenant, ticket.request, ticket.opened_by) == (None, None, "requester")
    assert mails() == [("confirm_request", "ana@contoso.example")]
    assert kinds_of(ticket) == ["ticket_opened"]


def test_ask_without_an_administrator_names_none():
    assert ask(administrator_email="").administrator is None


def test_ask_again_by_the_same_person_is_the_same_contact():
    assert ask().contact == ask().contact
    assert Contact.objects.count() == 1


def test_ask_keeps_what_was_typed_short_and_in_one_line():
    ticket = ask(name="Ana\r\nBcc: eva@contoso.example\0" + "x" * 99, note="a\0b" + "y" * 999)

    assert ticket.name == ("Ana Bcc: eva@contoso.example " + "x" * 99)[:60]
    assert ticket.note == ("ab" + "y" * 999)[:500]


def test_ask_keeps_the_paste_without_its_secrets_and_what_it_means():
    pasted = "AADSTS90094: need admin approval\0 client_secret=hunter2-hunter2-hunter2"

    ticket = ask(pasted=pasted + " " * 30_000)

    assert ticket.pasted.startswith("AADSTS90094: need admin approval client_secret=")
    assert "hunter2" not in ticket.pasted
    assert len(ticket.pasted) == 20_000
    assert ticket.diagnosis["cause"] == "admin_consent_required"


def test_ask_keeps_the_screenshot_too():
    ticket = ask(screenshot=picture(EXTENDED))

    assert [bytes(kept.content) for kept in ticket.attachments.all()] == [EXTENDED]


def test_ask_knows_what_was_seen():
    assert ask(seen="need_admin").diagnosis["actor"] == "tenant_admin"


def test_fourth_ask_of_a_day_mails_nobody_and_looks_the_same():
    app = AppRegistrationFactory()

    asked = [ask(app) for _ in range(4)]

    assert [ticket.state for ticket in asked] == ["unconfirmed"] * 4
    assert mails() == [("confirm_request", "ana@contoso.example")] * 3


def test_ask_on_the_next_day_mails_again_and_other_addresses_are_counted_apart():
    app = AppRegistrationFactory()
    with time_machine.travel(NOON):
        for email in ["ana@contoso.example"] * 4 + ["ben@contoso.example"] * 2:
            ask(app, email=email)
    with time_machine.travel(NOON + timedelta(days=1, minutes=1)):
        ask(app)

    assert sorted(mails()) == [
        *[("confirm_request", "ana@contoso.example")] * 4,
        *[("confirm_request", "ben@contoso.example")] * 2,
    ]


def test_confirmation_is_sent_again_until_the_share_of_the_day_is_used_up():
    ticket = ask()

    assert [tickets.send_confirmation(ticket) for _ in range(3)] == [True, True, False]
    assert [mail.key for mail in OutboxMessage.objects.order_by("pk")] == [
        f"confirm-request:{ticket.pk}:{number}" for number in range(3)
    ]


def test_agent_opens_a_ticket_that_needs_no_confirmation():
    agent, app = UserFactory(), AppRegistrationFactory()

    ticket = tickets.open_for(
        app=app,
        email="ana@contoso.example",
        pasted="AADSTS90094",
        by=agent,
        note=" called us ",
        administrator_email="admin@contoso.example",
    )

    assert (ticket.state, ticket.opened_by, ticket.agent) == ("open", "agent", agent)
    assert (ticket.note, ticket.administrator.email) == ("called us", "admin@contoso.example")
    assert ticket.is_confirmed
    assert ticket.diagnosis["primary_code"] == "AADSTS90094"
    assert mails() == []


def test_agent_opens_a_ticket_without_knowing_the_administrator():
    ticket = tickets.open_for(
        app=AppRegistrationFactory(), email="ana@contoso.example", pasted="", by=UserFactory()
    )

    assert ticket.administrator is None


def test_take_makes_it_the_agents():
    ticket, agent = TicketFactory(), UserFactory()

    tickets.take(ticket, by=agent)

    assert ticket.agent == agent
    assert kinds_of(ticket) == ["ticket_taken"]
