"""The status page promises only what can happen: for this app, this state and this person."""

import pytest
from django.utils import timezone

from consent import deadlines, events
from consent.actors import WORKER
from consent.models import AppRegistration, ConsentRequest, Event, Ticket
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
)
from tests.reading import headline, notices, words

NO_LOOK = (
    "We cannot look into Microsoft for Acme Calendar: we know of the approval when the first "
    "person connects."
)


def test_app_without_a_credential_is_promised_no_confirmation(client, ticket, path):
    AppRegistration.objects.update(credential="")

    text = words(client.get(path(ticket)).text)

    assert f"{NO_LOOK} Ask your administrator whether it is approved, connect then" in text
    untrue = ("Microsoft confirms it to us", "What we know", "you get a mail at once")
    assert [promise for promise in untrue if promise in text] == []


def test_app_with_a_credential_is_promised_one(client, ticket, path):
    text = words(client.get(path(ticket)).text)

    assert ("Microsoft confirms it to us" in text, "What we know: No approval seen" in text) == (
        True,
        True,
    )
    assert NO_LOOK not in text


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("ready", "Switched off in your organisation"),
        ("solved", "Switched off in your organisation"),
        ("waiting", "Switched off in your organisation"),
        ("closed", "This ticket is closed"),
    ],
)
def test_headline_of_what_is_switched_off_is_no_good_news(
    client, calendar, contoso, path, state, says
):
    granted = ConsentRequestFactory(
        app=calendar, tenant=contoso, granted=True, disabled_at=timezone.now()
    )

    page = client.get(path(TicketFactory(request=granted, state=state)))

    assert (headline(page), "icon-check good" in page.text) == (says, False)
    assert ("Connect Acme Calendar" in page.text) is False


def test_claim_that_nothing_proved_is_where_it_stands(client, ticket, asked, path):
    ConsentRequest.objects.update(state="claimed", claimed_at=timezone.now())
    events.record(Event.Kind.REQUEST_CLAIMED, by=WORKER, request=asked)
    ConsentRequest.objects.update(claimed_at=timezone.now() - 2 * deadlines.CLAIM_HOLDS)
    deadlines.forget_claims()

    page = client.get(path(ticket))

    assert headline(page) == "An administrator has been asked"
    now = page.text.partition('<li class="is-now">')[2].partition("</li>")[0]
    assert words(now).startswith("Now: No proof of the approval came; we keep looking")


def test_requester_hears_which_address_was_written_to(client, ticket, asked, path):
    told = "We have written to admin@contoso.example. If that is wrong, write to us below"
    assert told not in words(client.get(path(ticket)).text)

    Ticket.objects.update(administrator=asked.links.get().recipient)
    colleague = TicketFactory(request=asked, waiting=True, administrator=ContactFactory())

    assert told in words(client.get(path(ticket)).text)
    assert "admin@contoso.example" not in client.get(path(colleague)).text


@pytest.mark.parametrize(
    ("request_fields", "ticket_state"), [({"looks_approved": True}, "waiting"), ({}, "ready")]
)
def test_address_written_to_is_no_news_once_it_goes_on(
    client, ticket, asked, path, request_fields, ticket_state
):
    Ticket.objects.update(administrator=asked.links.get().recipient, state=ticket_state)
    ConsentRequest.objects.filter(pk=asked.pk).update(**request_fields or {"missing": []})

    assert "We have written to" not in client.get(path(ticket)).text


def test_triage_leads_to_who_the_administrator_is(client, calendar, contoso, path):
    request = ConsentRequestFactory(app=calendar, tenant=contoso)

    text = client.get(path(TicketFactory(request=request))).text

    assert [
        name in text for name in ("/help/who-is-administrator/", "/help/no-administrator/")
    ] == [
        True,
        True,
    ]


def test_expired_request_asks_for_another_address(client, calendar, contoso, path):
    request = ConsentRequestFactory(app=calendar, tenant=contoso, expired=True)

    text = client.get(path(TicketFactory(request=request))).text

    assert "Write us the address below, and we send a new link." in text
    assert "<details open><summary>Write to us</summary>" in text
    assert 'id="share"' not in text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("let_in", "Done: Microsoft let you in."),
        ("not_assigned", "That says nothing about the approval; we go on looking."),
    ],
)
def test_test_of_ones_own_is_answered_without_an_overclaim(client, ticket, path, said, told):
    (notice,) = notices(client.get(path(ticket), {"said": said}))

    assert (notice.endswith(told), "It is approved" in notice) == (True, False)


def test_words_to_pass_on_begin_with_a_call(client, ticket, asked, path):
    ApprovalLinkFactory(request=asked, from_ticket=ticket, shared=True)

    text = client.get(path(ticket)).text

    assert "Call me before you approve: I read you the code that the page shows." in text


@pytest.mark.parametrize(
    ("form", "fields", "tied"),
    [
        ("reply", {}, '<div class="field-error" id="reply-message_error"><p>Write something'),
        (
            "reply",
            {"message": "x" * 5001},
            '<div class="field-error" id="reply-message_error"><p>Use at most 5,000',
        ),
        ("tried", {"worked": "?"}, '<div class="field-error" id="tried-error"><p>Say whether'),
    ],
)
def test_refusal_stands_at_the_field_that_it_is_about(client, ticket, path, form, fields, tied):
    answer = client.post(path(ticket, f"{form}/"), fields)

    assert (answer.status_code, tied in answer.text) == (422, True)
    described = tied.partition('id="')[2].partition('"')[0]
    assert f'aria-describedby="{described}"' in answer.text
