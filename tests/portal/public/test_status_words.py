"""The status page never says more than is known, and whose turn it is."""

import pytest

from consent import links, tokens
from tests.factories import (
    ApprovalLinkFactory,
    CheckFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    WatchFactory,
)

pytestmark = pytest.mark.django_db


def page(client, ticket):
    ticket.refresh_from_db()
    return client.get(f"/t/{tokens.ticket_token(ticket)}/").text


def test_requester_with_a_link_to_pass_on_is_told_to_pass_it_on(client):
    ticket = TicketFactory(request=ConsentRequestFactory())
    links.share(ticket)

    text = page(client, ticket)

    assert ("Now pass the link on" in text, "You have nothing to do" in text) == (True, False)
    shown = text.partition("Everything that happened")[0]
    assert ("A link to pass on was made" in shown, "was asked" in shown) == (True, False)


def test_requester_who_is_the_administrator_is_led_to_the_decision(client):
    ticket = TicketFactory(request=ConsentRequestFactory())
    links.own(ticket)

    assert "It is your turn to decide" in page(client, ticket)


def test_requester_hears_that_the_administrator_was_not_mailed(client):
    named = ContactFactory(email="boss@partner.example")
    ticket = TicketFactory(request=ConsentRequestFactory(asked=True), administrator=named)
    assert "Our support looks at this address before anything is sent" in page(client, ticket)

    for slot in (1, 2, 3):
        ApprovalLinkFactory(request=ticket.request, slot=slot)
    assert "Three administrators have a link already" in page(client, ticket)


def test_old_consent_of_a_colleague_is_explained_to_both(client):
    link = ApprovalLinkFactory(request=ConsentRequestFactory(asked=True))
    ticket = TicketFactory(request=link.request)
    watch = WatchFactory(of=link.request)
    CheckFactory(watch=watch, outcome="present")
    sentence = "A colleague has connected"

    theirs = client.get(f"/a/{tokens.approval_token(link)}/").text
    assert (sentence in page(client, ticket), sentence in theirs) == (True, True)

    type(link.request).objects.update(absent_at=watch.asked_at or link.sent_at)
    assert sentence not in page(client, ticket)


def test_decline_is_not_told_while_it_can_be_taken_back(client):
    link = ApprovalLinkFactory(request=ConsentRequestFactory(asked=True))
    ticket = TicketFactory(request=link.request, waiting=True)
    links.decline(link, reason="other", note="")

    text = page(client, ticket)
    told = client.get(f"/t/{tokens.ticket_token(ticket)}/status.json").json()

    assert "declined" not in text
    assert "link_declined" not in [event["kind"] for event in told["events"]]


@pytest.mark.parametrize(
    ("request_fields", "ticket_fields", "words"),
    [
        ({"granted": True, "reach": "assigned"}, {"ready": True}, "for people who are assigned"),
        ({"asked": True}, {"ready": True}, "It works for you. You can connect now"),
        ({"asked": True}, {"solved": True}, "Good to hear. Nothing is left to do."),
    ],
)
def test_headline_says_no_more_than_is_known(client, request_fields, ticket_fields, words):
    request = ConsentRequestFactory(**request_fields)

    assert words in page(client, TicketFactory(request=request, **ticket_fields))
