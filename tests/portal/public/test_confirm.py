"""A link that was mailed: what opens it, and who may confirm."""

import pytest
from django.core.signing import Signer
from django.test import Client

from consent import tokens
from consent.models import OutboxMessage, Ticket
from tests.factories import TicketFactory

BELOW = ["", "status.json"]
ACTIONS = [
    "confirm/",
    "reply/",
    "withdraw/",
    "tried/",
    "test/",
    "share/",
    "administrator/",
]


def code_of(ticket):
    """The six digits, and six that are wrong."""
    right = tokens.confirmation_code(ticket)
    return right, "000000" if right != "000000" else "111111"


def state_of(ticket):
    """The ticket's state as the database has it."""
    return Ticket.objects.get(pk=ticket.pk).state


def broken(ticket):
    """Tokens that resemble that ticket's and open nothing."""
    token = tokens.ticket_token(ticket)
    name, version, signature = token.split(".")
    other = TicketFactory(app=ticket.app)
    return {
        "garbled": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "cut": token[: len(token) // 2],
        "newer": f"{name}.{int(version) + 1}.{signature}",
        "of another": f"{other.public_id}.{version}.{signature}",
        "of another kind": Signer(sep=".", salt="portal.approval").sign(f"{name}.{version}"),
        "of another key": Signer(key="x", sep=".", salt="portal.ticket").sign(f"{name}.{version}"),
        "unsigned": f"{name}.{version}.",
        "public id alone": name,
        "no version": Signer(sep=".", salt="portal.ticket").sign(name),
        "nul": f"{name}%00.{version}.{signature}",
        "markup": "%3Cscript%3Ealert(1)%3Cscript%3E",
        "long": "x" * 5000,
        "unicode": "%F0%9F%98%80",
    }


def test_broken_token_opens_nothing_and_gets_a_sentence(client, ticket):
    for kind, token in broken(ticket).items():
        answers = [client.get(f"/t/{token}/{below}") for below in BELOW]
        answers += [client.post(f"/t/{token}/{below}") for below in ACTIONS]

        assert {answer.status_code for answer in answers} == {404}, kind
        for answer in answers:
            assert "This link does not work" in answer.content.decode(), kind
            assert answer["Cache-Control"] == "no-store"
            assert "<script>alert" not in answer.content.decode()


def test_rotated_token_opens_nothing_any_more(client, ticket, path):
    old = path(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(link_version=2)

    assert client.get(old).status_code == 404
    ticket.refresh_from_db()
    assert client.get(path(ticket)).status_code == 200


def test_token_of_an_erased_ticket_opens_nothing(client, unconfirmed, path):
    old = path(unconfirmed)
    unconfirmed.delete()

    assert client.get(old).status_code == 404


def test_token_made_with_an_older_key_still_opens(client, ticket, path, settings):
    old = path(ticket)
    settings.LINK_KEY, settings.LINK_KEY_FALLBACKS = "newer", [settings.LINK_KEY]

    assert client.get(old).status_code == 200
    settings.LINK_KEY_FALLBACKS = []
    assert client.get(old).status_code == 404


def test_opening_the_link_confirms_nothing(client, unconfirmed, path):
    for method in (client.head, client.get, client.get):
        assert method(path(unconfirmed)).status_code == 200

    assert state_of(unconfirmed) == "unconfirmed"
    assert OutboxMessage.objects.count() == 0


def test_unconfirmed_page_shows_nothing_but_the_form(client, unconfirmed, path):
    Ticket.objects.filter(pk=unconfirmed.pk).update(note="A secret of mine", name="Benjamin")

    text = client.get(path(unconfirmed)).content.decode()

    assert 'id="confirm"' in text
    for word in ("A secret of mine", "Benjamin", "ben@contoso.example"):
        assert word not in text


@pytest.mark.parametrize("action", ACTIONS[1:])
def test_before_confirmation_there_is_only_one_thing_to_do(client, unconfirmed, path, action):
    answer = client.post(path(unconfirmed, action), {"message": "Hello", "worked": "yes"})

    assert (answer.status_code, answer["Location"]) == (303, path(unconfirmed))
    assert state_of(unconfirmed) == "unconfirmed"
    assert unconfirmed.replies.count() == 0


@pytest.mark.parametrize("code", ["", "   ", "no digits", "wrong", "1" * 5000, "²³⁴⁵⁶⁷"])
def test_other_browser_without_the_digits_confirms_nothing(client, unconfirmed, path, code):
    _right, wrong = code_of(unconfirmed)

    page = client.post(path(unconfirmed, "confirm/"), {"code": wrong if code == "wrong" else code})

    assert page.status_code == 422
    assert "These are not the six digits" in page.content.decode()
    assert state_of(unconfirmed) == "unconfirmed"


def test_five_wrong_codes_leave_no_further_try(client, unconfirmed, path, contoso):
    right, wrong = code_of(unconfirmed)
    for code in ("", wrong, wrong, "", wrong, wrong, wrong):
        client.post(path(unconfirmed, "confirm/"), {"code": code})

    page = client.post(path(unconfirmed, "confirm/"), {"code": right})

    assert page.status_code == 422
    assert "Five tries were wrong" in page.content.decode()
    assert state_of(unconfirmed) == "unconfirmed"


@pytest.mark.parametrize("write", ["{0}{1}", "{0} {1}", " {0}-{1} ", "{0}\u00a0{1}"])
def test_digits_may_be_written_in_groups(client, unconfirmed, path, contoso, write):
    code, _wrong = code_of(unconfirmed)

    answer = client.post(path(unconfirmed, "confirm/"), {"code": write.format(code[:3], code[3:])})

    assert (answer.status_code, answer["Location"]) == (303, path(unconfirmed))
    assert state_of(unconfirmed) == "open"


def test_browser_that_asked_confirms_with_one_click_and_twice_is_once(calendar, contoso, path):
    browser = Client()
    browser.post(
        "/ask/",
        {
            "email": "ana@contoso.example",
            "admin_email": "admin@contoso.example",
            "app": "acme-calendar",
        },
    )
    ticket = Ticket.objects.get()

    answers = [browser.post(path(ticket, "confirm/")) for _click in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert state_of(ticket) == "waiting"
    kinds = OutboxMessage.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["confirm_request", "approval_request"]


def test_confirmation_where_microsoft_cannot_be_asked_waits_for_the_sweep(
    client, calendar, path, microsoft
):
    microsoft.control({"faults": {"metadata": {"503": 1.0}}})
    ticket = TicketFactory(app=calendar, unconfirmed=True)

    answer = client.post(path(ticket, "confirm/"), {"code": tokens.confirmation_code(ticket)})

    assert answer.status_code == 303
    ticket.refresh_from_db()
    assert (ticket.state, ticket.placed_at, ticket.request) == ("open", None, None)
    assert client.get(path(ticket)).status_code == 200
