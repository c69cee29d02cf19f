"""The administrator's page: what it says, what opens it, and that looking changes nothing."""

from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.utils import timezone

from consent import tokens
from consent.models import ApprovalLink, ConsentAttempt, ConsentRequest, Event, Reply, Watch
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    OutboxMessageFactory,
    ReplyFactory,
    TicketFactory,
    UserFactory,
    seeded_app,
)

ACTIONS = [
    "continue/",
    "prove/",
    "decline/",
    "undo/",
    "later/",
    "not-me/",
    "ask/",
    "forward/",
    "saw/",
]


def everything():
    """All rows that an opened page could have touched."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (ApprovalLink, ConsentRequest, ConsentAttempt, Event, Reply, Watch)
    ]


def test_page_says_what_is_asked_why_and_by_whom(client, link, asked, path):
    text = client.get(path(link)).content.decode()

    for words in (
        "Acme Calendar",
        asked.app.client_id,
        asked.tenant.tenant_id,
        "Acme",
        "ana@contoso.example",
        "not verified by Microsoft",
        "Cloud Application Administrator",
        tokens.matching_code(asked),
        *[row.value for row in asked.app.rows()],
        *[row.reason for row in asked.app.rows()],
    ):
        assert words in text


def test_page_quotes_what_a_stranger_typed_last_and_defused(client, link, path):
    text = client.get(path(link)).content.decode()

    assert "<script>alert" not in text
    assert "evil.example" not in text
    quoted = text.index("https : // evil[.]example/now or write x (at) evil[.]example")
    assert quoted > max(text.index(words) for words in ('id="decline"', 'id="continue"'))


def test_page_of_application_permissions_names_the_greater_role(client, asked, path):
    link = ApprovalLinkFactory(
        request=ConsentRequestFactory(
            app=seeded_app("acme-archive"), tenant=asked.tenant, asked=True
        )
    )
    TicketFactory(request=link.request)

    text = client.get(path(link)).content.decode()

    assert "Privileged Role Administrator" in text
    assert "Cloud Application Administrator" not in text


@pytest.mark.parametrize("method", ["head", "get"])
def test_scanner_that_opens_the_link_changes_nothing(client, link, path, method):
    OutboxMessageFactory(
        kind="approval_request", link=link, ticket=None, to=link.recipient, sent=True
    )
    before = everything()

    for _visit in range(3):
        for below in ("", "result/"):
            assert getattr(client, method)(path(link, below)).status_code == 200

    assert everything() == before


def test_person_who_opens_the_link_brings_a_look_and_one_line(client, link, path):
    OutboxMessageFactory(
        kind="approval_request",
        link=link,
        ticket=None,
        to=link.recipient,
        sent=True,
        sent_at=timezone.now() - timedelta(minutes=3),
    )

    for _visit in range(3):
        client.get(path(link))

    assert list(Event.objects.values_list("kind", flat=True)) == ["link_opened"]
    assert Watch.objects.get().opened_at is not None
    assert ConsentRequest.objects.get().state == "asked"


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_refuse_to_be_opened(client, link, path, action):
    before = everything()

    assert {client.get(path(link, action)).status_code} == {405}
    assert {client.head(path(link, action)).status_code} == {405}

    assert everything() == before


def test_broken_token_opens_nothing_and_gets_a_sentence(client, link, ticket):
    token = tokens.approval_token(link)
    name, version, signature = token.split(".")
    other = ApprovalLinkFactory()
    broken = {
        "garbled": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "cut": token[: len(token) // 2],
        "newer": f"{name}.2.{signature}",
        "of another": f"{other.public_id}.{version}.{signature}",
        "of a requester": tokens.ticket_token(ticket),
        "of another key": Signer(key="x", sep=".", salt="portal.approval").sign("a.1"),
        "public id alone": name,
        "nul": f"{name}%00.{version}.{signature}",
        "markup": "%3Cscript%3Ealert(1)%3Cscript%3E",
        "long": "x" * 5000,
    }
    before = everything()

    for kind, bad in broken.items():
        answers = [client.get(f"/a/{bad}/"), client.get(f"/a/{bad}/result/")]
        answers += [client.post(f"/a/{bad}/{action}") for action in ACTIONS]

        assert {answer.status_code for answer in answers} == {404}, kind
        assert {answer["Cache-Control"] for answer in answers} == {"no-store"}
        assert all("This link does not work" in answer.content.decode() for answer in answers)

    assert everything() == before


def test_rotated_token_opens_nothing_any_more(client, link, path):
    old = path(link)
    ApprovalLink.objects.filter(pk=link.pk).update(version=2)
    link.refresh_from_db()

    assert (client.get(old).status_code, client.post(f"{old}continue/").status_code) == (404, 404)
    assert client.get(path(link)).status_code == 200


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("declined", "You have declined"),
        ("not_me", "You said that somebody else decides this"),
        ("revoked", "This link was withdrawn"),
        ("expired", "This link has run out"),
    ],
)
def test_closed_link_says_why_and_offers_nothing_to_approve(client, asked, path, state, words):
    TicketFactory(request=asked)
    link = ApprovalLinkFactory(request=asked, **{state: True})

    page = client.get(path(link))

    assert (page.status_code, words in page.content.decode()) == (200, True)
    for action in ("continue", "decline", "forward"):
        assert f'id="{action}"' not in page.content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("granted", "It is approved"),
        ("declined", "It was declined"),
        ("expired", "This link has run out"),
        ("withdrawn", "Nobody asks for it any more"),
        ("revoked", "The approval was withdrawn at Microsoft"),
        ("superseded", "Nothing is left to decide here"),
    ],
)
def test_link_of_a_decided_request_says_how_it_ended(client, asked, path, state, words):
    request = ConsentRequestFactory(app=asked.app, **{state: True})
    link = ApprovalLinkFactory(request=request)

    page = client.get(path(link))

    assert (page.status_code, words in page.content.decode()) == (200, True)
    assert 'id="continue"' not in page.content.decode()


@pytest.mark.parametrize("action", ["continue/", "decline/", "later/", "not-me/", "forward/"])
def test_actions_on_a_closed_link_change_nothing(client, asked, ticket, path, action):
    link = ApprovalLinkFactory(request=asked, revoked=True, from_ticket=ticket)
    fields = {
        "reason": "other",
        "until": f"{timezone.localdate() + timedelta(days=2)}",
        "email": "ben@contoso.example",
    }
    before = everything()

    answer = client.post(path(link, action), fields)

    assert (answer.status_code, "This link was withdrawn" in answer.text) == (200, True)
    assert everything() == before


@pytest.mark.parametrize("place", ["", "result/"])
def test_withdrawn_link_tells_nothing_of_how_it_stands(client, asked, ticket, path, place):
    link = ApprovalLinkFactory(request=asked, revoked=True, from_ticket=ticket)

    text = client.get(path(link, place)).text

    assert ("This link was withdrawn" in text, ticket.contact.email in text) == (True, False)
    assert (str(asked.tenant) in text, "Approved" in text) == (False, False)


def test_page_shows_the_talk_of_its_own_link_alone(client, link, ticket, asked, path):
    agent = UserFactory(name="Andy")
    told = {"ticket": ticket, "link": link, "to_administrator": True}
    ReplyFactory(author="administrator", body="Why so much?", **told)
    ReplyFactory(
        ticket=ticket,
        link=link,
        author="agent",
        agent=agent,
        is_public=False,
        to_administrator=True,
        body="Each has a reason.",
    )
    ReplyFactory(ticket=ticket, author="agent", agent=agent, is_public=False, body="Difficult one")
    ReplyFactory(ticket=ticket, body="From Ana to the support")
    ReplyFactory(
        ticket=ticket,
        link=ApprovalLinkFactory(request=asked, slot=2, from_ticket=ticket),
        author="administrator",
        to_administrator=True,
        body="Another talk",
    )

    text = client.get(path(link)).content.decode()

    assert ("Why so much?" in text, "Each has a reason." in text) == (True, True)
    for words in ("Difficult one", "From Ana to the support", "Another talk"):
        assert words not in text


def test_page_takes_the_word_of_its_address_for_nothing(client, link, path):
    text = client.get(path(link), {"said": "<script>alert(1)</script>"}).content.decode()

    assert "<script>alert" not in text
