"""Who wants to be forgotten is: no column of any table holds the address or a typed word."""

import json

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command

from consent import links, replies, talks, tickets
from consent.actors import Actor
from consent.erasing import erase
from consent.models import ApprovalLink, Attachment, ConsentRequest, Event, OutboxMessage, Ticket
from consent.outbox.messages import queue
from consent.pictures import picture
from tenants.models import Contact
from tests.factories import (
    AppRegistrationFactory,
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    UserFactory,
)
from tests.pictures import png

pytestmark = pytest.mark.django_db

ADDRESS, WORD = "ana@contoso.example", "Zwetschgenkuchen"


def columns_with(word):
    """Every column of every table that holds the word, in any letters."""
    return sorted(
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        for value in model._default_manager.values_list(field.name, flat=True)
        if word.lower()
        in (json.dumps(value) if isinstance(value, dict | list) else str(value)).lower()
    )


@pytest.fixture
def ana():
    """A confirmed person who waits, has written, shown a picture and been mailed."""
    ticket = tickets.ask(
        app=AppRegistrationFactory(),
        email=ADDRESS,
        name=f"Ana {WORD}",
        note=f"{WORD}, please",
        pasted=f"AADSTS90094: {WORD} need admin approval {ADDRESS}",
        seen="",
        administrator_email="",
        screenshot=picture(png()),
    )
    tickets.confirm(ticket)
    request = ConsentRequestFactory(asked=True, app=ticket.app)
    Ticket.objects.filter(pk=ticket.pk).update(request=request, tenant=request.tenant)
    ticket.refresh_from_db()
    replies.reply(ticket, body=f"{WORD}!")
    replies.answer(ticket, body="Hello Ana", by=UserFactory())
    OutboxMessage.objects.update(error=f"550 {ADDRESS} unknown")
    return ticket.contact


@pytest.fixture
def asked_ana(ana):
    """The same person, asked as an administrator: one link declined, one live."""
    declined = ApprovalLinkFactory(recipient=ana)
    links.decline(declined, reason="other", note=f"{WORD} first")
    live = ApprovalLinkFactory(recipient=ana, from_ticket=TicketFactory())
    talks.question(live, message=f"Why {WORD}?")
    queue("approval_request", key="to ana", to=ana, link=live)
    return live


def test_nothing_of_an_erased_person_is_left_in_any_table(ana, asked_ana):
    colleague = ApprovalLinkFactory(from_ticket=TicketFactory())
    talks.question(colleague, message=f"Better ask {ADDRESS.upper()}")
    TicketFactory(pasted=f"signed in as {ADDRESS}", diagnosis={"evidence": [ADDRESS]})
    LogEntry.objects.create(user=UserFactory(), object_repr=ADDRESS, action_flag=2)
    TicketFactory(unconfirmed=True, contact=ana, note=WORD)
    before = Event.objects.count()
    assert "Contact.email" in columns_with(ADDRESS)
    assert "Reply.body" in columns_with(WORD)

    erase(ana, by=Actor.requester(ana))

    assert (columns_with(ADDRESS), columns_with(WORD)) == ([], [])
    assert (Attachment.objects.count(), OutboxMessage.objects.filter(to=ana).count()) == (0, 0)
    assert Event.objects.count() > before
    assert "Better ask [erased]" in colleague.talk.values_list("body", flat=True)


def test_erased_person_waits_for_nothing_and_is_asked_for_nothing(ana, asked_ana):
    ticket, request = (
        Ticket.objects.get(contact=ana),
        ConsentRequest.objects.get(tickets__contact=ana),
    )

    erase(ana, by=Actor.requester(ana))

    for row in (ticket, request, asked_ana):
        row.refresh_from_db()
    assert (ticket.state, request.state, asked_ana.state) == ("closed", "withdrawn", "revoked")
    assert ticket.diagnosis["primary_code"] == "AADSTS90094"
    assert not ApprovalLink.objects.filter(recipient=ana, state="live").exists()


def test_erased_address_is_nobodys_and_another_person_may_have_it_anew(ana):
    erase(ana, by=Actor.requester(ana))

    assert (ana.email, ana.mailbox, ana.stopped_at is None) == (
        f"erased-{ana.pk}@erased.invalid",
        f"erased-{ana.pk}@erased.invalid",
        False,
    )
    assert ContactFactory(email=ADDRESS).stopped_at is None
    assert Contact.objects.count() == 2


def test_command_erases_by_the_address_as_it_is_typed(ana, capsys):
    call_command("erase_person", f" {ADDRESS.title()} ")

    assert capsys.readouterr().out == (
        f"Erased. The person is erased-{ana.pk}@erased.invalid from now on.\n"
    )
    assert columns_with(ADDRESS) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [("ana", "This is not a mail address."), ("eva@x.example", "Nobody has this address here.")],
)
def test_command_says_whom_it_cannot_erase(ana, typed, words):
    with pytest.raises(CommandError) as refused:
        call_command("erase_person", typed)

    assert str(refused.value) == words
