"""What mails say is true for the request that they are about."""

import pytest
from django.utils import timezone

from consent.models import Check
from consent.outbox.rendering import render
from tests.consent.outbox.test_rendering import message
from tests.factories import CheckFactory, ConsentRequestFactory, TicketFactory, WatchFactory
from tests.reading import words

pytestmark = pytest.mark.django_db


def bodies(kind, request, **ticket):
    """Both bodies of that mail, as one reads them."""
    fields = {"name": "Ana", "note": "For our calendars.", **ticket}
    letter = render(message(kind, request, TicketFactory(request=request, **fields)))
    return [" ".join(letter.text.split()), words(letter.html)]


def test_good_news_claimed_while_it_was_switched_off_is_good_again():
    request = ConsentRequestFactory(granted=True, disabled_at=timezone.now())
    mail = message("consent_granted", request, TicketFactory(request=request, ready=True))
    type(request).objects.update(disabled_at=None)

    assert render(mail).subject


@pytest.mark.parametrize(
    ("credential", "rung", "who_says_so"),
    [
        ("demo", "directory", ", and Microsoft has confirmed it to us."),
        ("demo", "sign_in", ", and Microsoft has confirmed it to us."),
        # What the vendor's product reported may stand behind it, whoever's app it is.
        ("demo", "in_use", ": people there connect."),
        ("", "in_use", ": people there connect."),
    ],
)
def test_good_news_says_how_we_know(credential, rung, who_says_so):
    request = ConsentRequestFactory(granted=True, rung=rung, app__credential=credential)

    for body in bodies("consent_granted", request):
        assert f"{request.tenant} has approved {request.app.name}{who_says_so}" in body
        assert f"How we know: {request.get_rung_display()}." in body


def test_receipt_of_what_is_switched_off_says_what_is_left_to_do():
    request = ConsentRequestFactory(granted=True, disabled_at=timezone.now())

    for body in bodies("consent_receipt", request):
        assert "“Enabled for users to sign-in?” to Yes. We notice it and then tell those" in body
        untrue = ("nothing left to do", "It works for everyone", "Everybody who waits is told")
        assert [promise for promise in untrue if promise in body] == []


def test_receipt_says_that_nothing_is_left_to_do():
    for body in bodies("consent_receipt", ConsentRequestFactory(granted=True)):
        assert "There is nothing left to do." in body
        assert "Everybody who waits is told. It works for everyone" in body


@pytest.mark.parametrize("opened_by", ["requester", "agent"])
def test_administrators_mail_says_only_what_was_checked(opened_by):
    by_agent = opened_by == "agent"

    for body in bodies("approval_request", ConsentRequestFactory(asked=True), opened_by=opened_by):
        checked = "e have checked that this person reads mail at this address" in body
        assert (checked, "we have not checked the address" in body.lower()) == (
            not by_agent,
            by_agent,
        )
        assert ("Signed “Ana”." in body, "ritten down by our support" in body) == (
            not by_agent,
            by_agent,
        )
        assert "For our calendars." in body


def test_administrators_mail_asks_for_a_call_on_a_number_that_is_not_in_it():
    for body in bodies("approval_request", ConsentRequestFactory(asked=True)):
        assert "call the person who asks, on a number you know and not one from this mail" in body


@pytest.mark.parametrize(
    ("fields", "looked", "says"),
    [
        ({"news_at": timezone.now()}, None, "open the app in Microsoft's own portal: http"),
        ({"disabled_at": timezone.now()}, None, "open the app in Microsoft's own portal: http"),
        ({}, Check.Outcome.PRESENT, "open the app in Microsoft's own portal: http"),
        ({"absent_at": timezone.now()}, None, "so Microsoft's portal does not list it."),
        ({}, None, "lists the app only once somebody in your organisation has accepted it."),
    ],
)
def test_administrators_mail_names_the_portal_where_it_lists_the_app(fields, looked, says):
    request = ConsentRequestFactory(asked=True, **fields)
    if looked:
        CheckFactory(watch=WatchFactory(of=request), outcome=looked)

    for body in bodies("approval_request", request):
        assert says in body


def test_mail_that_nobody_answered_promises_what_the_page_can_do():
    for body in bodies("request_expired", ConsentRequestFactory(expired=True)):
        assert "If you know another administrator, write us the address on your status" in body
        assert "pass the page on" not in body


@pytest.mark.parametrize("kind", ["approval_request", "consent_receipt"])
def test_mails_name_identifiers_as_microsoft_does(kind):
    state = {"granted": True} if kind == "consent_receipt" else {"asked": True}
    request = ConsentRequestFactory(**state)

    for body in bodies(kind, request):
        assert f"Application (client) ID {request.app.client_id}" in body
        assert f"Tenant ID {request.tenant.tenant_id}" in body
