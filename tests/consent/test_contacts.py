"""Stops and limits go by the mailbox, whatever its owner adds to the address."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps

from consent import contacts, tickets
from consent.actors import WORKER
from consent.errors import Stopped
from consent.links import send
from consent.models import Event, OutboxMessage
from consent.outbox.rendering import NoLongerTrue, render
from tenants.models import Contact
from tests.factories import AppRegistrationFactory, ConsentRequestFactory, ContactFactory

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def ask(email):
    return tickets.ask(
        app=AppRegistrationFactory(),
        email=email,
        name="",
        note="",
        pasted="",
        seen="",
        administrator_email="",
    )


def test_never_again_stops_the_address_and_can_be_taken_back():
    contact = ContactFactory()

    contacts.stop_writing(contact)
    contact.refresh_from_db()
    assert contact.stopped_at is not None

    contacts.write_again(contact)
    contact.refresh_from_db()
    assert contact.stopped_at is None
    assert [event.kind for event in Event.objects.all()] == ["stopped"]


def test_never_again_holds_for_every_address_of_that_mailbox_now_and_later():
    ana, shop = (ContactFactory(email=f"{one}@contoso.example") for one in ("ana", "ana+shop"))
    other = ContactFactory(email="anna@contoso.example")

    contacts.stop_writing(shop)

    later = contacts.contact_of("ana+z@contoso.example")
    for contact in (ana, shop, other):
        contact.refresh_from_db()
    assert [bool(one.stopped_at) for one in (ana, shop, later, other)] == [True, True, True, False]
    with pytest.raises(Stopped):
        send(ConsentRequestFactory(), to=later, by=WORKER)

    contacts.write_again(later)
    assert list(Contact.objects.exclude(stopped_at=None)) == []


def test_confirmation_to_a_stopped_mailbox_is_not_sent():
    ContactFactory(email="ana@contoso.example", stopped_at=NOON)

    ask("ana+z@contoso.example")

    with pytest.raises(NoLongerTrue, match="stopped"):
        render(OutboxMessage.objects.get())


def test_fourth_address_of_a_mailbox_gets_no_confirmation_on_that_day(settings):
    settings.MAILS_TO_STRANGERS_A_DAY = 3

    for n in range(1, 5):
        ask(f"a+{n}@contoso.example")
    for address in (
        "an.na@gmail.com",
        "anna+1@googlemail.com",
        "a.n.n.a@gmail.com",
        "anna@gmail.com",
    ):
        ask(address)

    assert list(OutboxMessage.objects.order_by("pk").values_list("to__email", flat=True)) == [
        "a+1@contoso.example",
        "a+2@contoso.example",
        "a+3@contoso.example",
        "an.na@gmail.com",
        "anna+1@googlemail.com",
        "a.n.n.a@gmail.com",
    ]


def test_contacts_met_before_mailboxes_were_known_get_theirs_and_keep_their_stops():
    for email in ("ana+1@contoso.example", "ana@contoso.example", "ben@contoso.example"):
        ContactFactory(email=email, stopped_at=NOON if "+" in email else None)
    Contact.objects.update(mailbox="unknown")

    import_module("tenants.migrations.0003_mailboxes").fill(apps, None)

    assert list(Contact.objects.order_by("email").values_list("mailbox", "stopped_at")) == [
        ("ana@contoso.example", NOON),
        ("ana@contoso.example", NOON),
        ("ben@contoso.example", None),
    ]
