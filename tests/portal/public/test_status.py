"""What a requester may know of his own matter, and what must never leak to him."""

import json

import pytest

from consent import events, presenting, tokens
from consent.actors import WORKER, Actor
from consent.models import Event
from tests.factories import (
    ApprovalLinkFactory,
    ConsentAttemptFactory,
    ConsentRequestFactory,
    ContactFactory,
    ReplyFactory,
    TicketFactory,
    UserFactory,
)


def told(client, ticket, path):
    """What status.json says."""
    return client.get(path(ticket, "status.json")).json()


def test_status_before_confirmation_tells_number_and_state_alone(client, unconfirmed, path):
    events.record(
        Event.Kind.TICKET_OPENED, by=Actor.requester(unconfirmed.contact), ticket=unconfirmed
    )

    assert told(client, unconfirmed, path) == {
        "number": unconfirmed.number,
        "state": "unconfirmed",
        "request": None,
        "events": [],
    }


def test_status_after_confirmation(client, ticket, asked, path):
    event = events.record(Event.Kind.REQUEST_ASKED, by=WORKER, request=asked)

    assert told(client, ticket, path) == {
        "number": ticket.number,
        "state": "waiting",
        "request": {
            "state": "asked",
            "rung": "none",
            "rung_words": "No approval seen yet",
            "reach": None,
            "looks_approved": False,
            "missing": [],
            "waiting": 1,
        },
        "events": [
            {
                "at": event.at.isoformat(),
                "kind": "request_asked",
                "text": "An administrator was asked",
            }
        ],
    }


def test_status_of_a_granted_request(client, calendar, contoso, path):
    granted = ConsentRequestFactory(app=calendar, tenant=contoso, granted=True)
    ticket = TicketFactory(request=granted, ready=True)

    assert told(client, ticket, path)["request"] == {
        "state": "granted",
        "rung": "directory",
        "rung_words": "Microsoft's directory shows the approval",
        "reach": "everyone",
        "looks_approved": False,
        "missing": [],
        "waiting": 0,
    }


def test_status_of_a_ticket_without_a_request(client, calendar, path):
    assert told(client, TicketFactory(app=calendar), path)["request"] is None


@pytest.fixture
def full_house(asked, ticket):
    """Everything around Ana's ticket that is not hers."""
    agent = UserFactory(email="agent@acme.example", name="Andrea Agent")
    eva = TicketFactory(
        request=asked,
        waiting=True,
        contact=ContactFactory(email="eva@contoso.example"),
        name="Eva Erikson",
        note="For the merger nobody knows of",
        pasted="Paste of Eva",
    )
    admin = asked.links.get().recipient
    ApprovalLinkFactory(
        request=asked,
        recipient=ContactFactory(email="second@contoso.example"),
        declined=True,
        decline_note="They look shady",
    )
    ReplyFactory(ticket=ticket, author="agent", agent=agent, is_public=False, body="Difficult one")
    ReplyFactory(
        ticket=ticket, author="administrator", to_administrator=True, contact=admin, body="Why?"
    )
    ReplyFactory(
        ticket=ticket,
        author="agent",
        agent=agent,
        is_public=False,
        to_administrator=True,
        body="Because of us",
    )
    ReplyFactory(ticket=eva, contact=eva.contact, body="Words of Eva")
    by = Actor.agent(agent)
    for kind in Event.Kind:
        events.record(kind, by=by, ticket=eva, request=asked, detail="secretive")
    events.record(Event.Kind.TICKET_NOTED, by=by, ticket=ticket)
    events.record(Event.Kind.LINK_OPENED, by=Actor.administrator(admin), request=asked)
    return agent


SECRETS = [
    "eva@contoso.example",
    "Eva Erikson",
    "merger",
    "Paste of Eva",
    "Words of Eva",
    "admin@contoso.example",
    "second@contoso.example",
    "They look shady",
    "agent@acme.example",
    "Andrea Agent",
    "Difficult one",
    "Why?",
    "Because of us",
    "secretive",
    "note was written",
    "The link was opened",
]


def test_status_tells_nothing_of_others_and_nothing_that_is_the_agents(
    client, ticket, full_house, path
):
    answer = told(client, ticket, path)

    text = json.dumps(answer)
    assert [secret for secret in [*SECRETS, "@"] if secret in text] == []
    assert answer["events"] == []
    assert answer["request"]["waiting"] == 2


def test_status_page_tells_nothing_of_others_and_nothing_that_is_the_agents(
    client, ticket, full_house, path
):
    text = client.get(path(ticket)).content.decode()

    assert [secret for secret in SECRETS if secret in text] == []
    assert "2 people of your organisation wait" in text


def test_status_page_shows_what_was_written_publicly(client, ticket, path):
    agent = UserFactory(name="Andy")
    ReplyFactory(ticket=ticket, author="agent", agent=agent, body="We are on it. <b>Soon</b>")

    text = client.get(path(ticket)).content.decode()

    assert "We are on it. &lt;b&gt;Soon&lt;/b&gt;" in text
    assert "Andy, Acme Support" in text


def test_status_page_and_administrators_page_show_the_same_code(client, ticket, asked, path):
    code = tokens.matching_code(asked)

    assert code in client.get(path(ticket)).content.decode()
    assert code in client.get(presenting.approval_path(asked.links.get())).content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"asked": True}, "An administrator has been asked"),
        ({"claimed": True}, "An administrator seems to have approved it"),
        ({"granted": True}, "It is approved in your organisation"),
        ({"declined": True}, "The approval was declined"),
        ({"expired": True}, "Nobody answered in 30 days"),
        ({"revoked": True}, "The approval was withdrawn"),
        ({"withdrawn": True}, "Our support looks at your ticket"),
        ({"looks_approved": True, "rung": "installed"}, "It looks approved"),
        ({}, "We are looking for the right person to ask"),
    ],
)
def test_status_page_says_how_the_request_stands(client, calendar, contoso, path, state, words):
    request = ConsentRequestFactory(app=calendar, tenant=contoso, **state)
    ticket = TicketFactory(request=request, waiting=True)

    page = client.get(path(ticket))

    assert (page.status_code, words in page.content.decode()) == (200, True)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("ready", "Approved. You can connect now"),
        ("solved", "You are connected"),
        ("closed", "This ticket is closed"),
    ],
)
def test_status_page_says_how_the_ticket_stands(client, calendar, contoso, path, state, words):
    request = ConsentRequestFactory(app=calendar, tenant=contoso, granted=True)
    ticket = TicketFactory(request=request, **{state: True})

    assert words in client.get(path(ticket)).content.decode()


def test_status_page_says_what_is_missing_and_who_is_away(client, ticket, asked, path):
    type(asked).objects.filter(pk=asked.pk).update(missing=["Mail.Send"])
    attempt = ConsentAttemptFactory(link=asked.links.get())
    text = client.get(path(ticket)).content.decode()
    assert ("Mail.Send</code>" in text, "has not come back" in text) == (True, False)

    type(attempt).objects.filter(pk=attempt.pk).update(asked_about_at=attempt.left_at)
    assert "has not come back" in client.get(path(ticket)).content.decode()


def test_status_page_takes_the_word_of_its_address_for_nothing(client, ticket, path):
    text = client.get(path(ticket), {"said": "<script>alert(1)</script>"}).content.decode()

    assert "<script>alert" not in text
