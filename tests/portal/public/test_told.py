"""What a person is told of his paste: what was removed, and what was ruled out."""

import re

import pytest

from consent import tickets
from consent.models import Ticket, UnknownCode
from tests.factories import CheckFactory, ConsentRequestFactory, TicketFactory, WatchFactory

SENTENCE = "We removed from what you pasted, before anything was kept:"
SECRET = "Winter2024!"
PASTED = f"password: {SECRET} AADSTS90094 client_secret=abc123"
ASKED = {"email": "ben@contoso.example", "app": "acme-calendar"}


def told(answer):
    """The kinds of secrets that the page names, None where it says nothing of them."""
    text = answer.content.decode()
    assert SECRET not in text
    found = re.search(re.escape(SENTENCE) + r" ([^<]*)\.</p>", text)
    return found[1] if found else None


@pytest.mark.parametrize(
    ("pasted", "kinds"),
    [
        (PASTED, "a client secret, a password"),
        ("password: Winter2024! AADSTS90094", "a password"),
        ("AADSTS90094", None),
        ("", None),
    ],
)
def test_diagnosis_and_the_page_after_the_ask_say_what_was_removed(
    client, calendar, contoso, pasted, kinds
):
    diagnosed = client.post("/start/", {**ASKED, "pasted": pasted})
    form = diagnosed.context["form"]
    client.post("/ask/", {**ASKED, "pasted": form["pasted"].value()})

    assert told(diagnosed) == kinds
    assert told(client.get("/ask/sent/")) == kinds
    assert SECRET not in Ticket.objects.get().pasted
    assert Ticket.objects.get().diagnosis["secrets_removed"] == [
        kind for kind, named in (("client_secret", "client"), ("password", "password"))
        if named in (kinds or "")
    ]  # fmt: skip


def test_secrets_are_named_where_the_form_is_asked_for_again(client, calendar, microsoft):
    other_address = {**ASKED, "email": "ben@gmail-like.example", "pasted": PASTED}

    assert told(client.post("/start/", other_address)) == "a client secret, a password"
    assert told(client.post("/ask/", {**ASKED, "email": "", "pasted": PASTED})) is not None


def test_secrets_in_what_was_pasted_after_a_try(client, ticket, path):
    answer = client.post(path(ticket, "tried/"), {"worked": "no", "pasted": PASTED})

    assert told(client.get(answer.url)) == "a client secret, a password"
    assert told(client.get(path(ticket))) is None


def test_what_was_seen_is_kept(client, calendar, contoso):
    client.post("/ask/", {**ASKED, "seen": "request_form"})

    assert Ticket.objects.get().diagnosis["seen"] == "request_form"


def test_unknown_code_is_shown_and_counted_and_a_ticket_offered(client, calendar, contoso):
    for _time in range(2):
        answer = client.post("/start/", {**ASKED, "pasted": "AADSTS999001: something new"})

    text = answer.content.decode()
    assert ("AADSTS999001" in text, 'id="ask"' in text) == (True, True)
    assert list(UnknownCode.objects.order_by("pk").values_list("code", "times")) == [
        ("AADSTS999001", 2)
    ]


@pytest.fixture
def granted(calendar, contoso):
    """A ticket in an organisation whose grant reaches assigned people only."""
    request = ConsentRequestFactory(app=calendar, tenant=contoso, granted=True, reach="assigned")
    CheckFactory(watch=WatchFactory(of=request))
    return TicketFactory(request=request, ready=True)


def reasons(answer):
    """The reasons on a page, with what came of each."""
    return dict(re.findall(r'data-reason="(\w+)" data-standing="(\w+)"', answer.content.decode()))


def test_status_page_says_what_was_ruled_out_once_it_is_still_blocked(client, granted, path):
    before = client.get(path(granted))
    client.post(path(granted, "tried/"), {"worked": "no"})
    after = client.get(path(granted))

    assert reasons(before) == {}
    assert reasons(after)["assignment"] == "found"
    assert {reasons(after)[name] for name in ("switched_off", "not_granted", "missing")} == {
        "ruled_out"
    }
    assert len(reasons(after)) == 11
    assert "Ask your administrator to assign you" in after.content.decode()


def test_status_page_of_somebody_else_says_nothing(client, granted, path):
    tickets.tried(granted, worked=False, pasted="")
    colleague = TicketFactory(request=granted.request, ready=True)
    stranger = TicketFactory(app=granted.app, unconfirmed=True)

    assert [reasons(client.get(path(each))) for each in (colleague, stranger)] == [{}, {}]


def test_status_page_after_it_worked_says_nothing(client, granted, path):
    tickets.tried(granted, worked=False, pasted="")
    tickets.tried(granted, worked=True, pasted="")

    assert reasons(client.get(path(granted))) == {}


@pytest.mark.parametrize(
    ("pasted", "fields", "step"),
    [
        ("", {"disabled_at": "2026-01-01T00:00Z"}, "An administrator has to switch it on"),
        ("", {}, "Wait a quarter of an hour"),
        ("?prompt=consent", {"granted_at": "2026-01-01T00:00Z"}, "That is ours to repair"),
        ("AADSTS50020", {"granted_at": "2026-01-01T00:00Z"}, "Open a private window"),
        ("AADSTS50076", {"granted_at": "2026-01-01T00:00Z"}, "Finish the second proof"),
        ("AADSTS53003", {"granted_at": "2026-01-01T00:00Z"}, "Show your administrator"),
        (
            "tenant: 5b1f6a0c-4d0e-4c39-9a83-1f6a2c1d7e10",
            {"granted_at": "2026-01-01T00:00Z"},
            "Open a private window",
        ),
        (
            "Application ID: 5b1f6a0c-4d0e-4c39-9a83-1f6a2c1d7e10",
            {"granted_at": "2026-01-01T00:00Z"},
            "not from an old link or another program",
        ),
        ("", {"granted_at": "2026-01-01T00:00Z"}, "None of the usual reasons fits"),
    ],
)
def test_status_page_names_the_next_step(client, calendar, contoso, path, pasted, fields, step):
    request = ConsentRequestFactory(app=calendar, tenant=contoso, granted=True, **fields)
    ticket = TicketFactory(request=request, ready=True)
    tickets.tried(ticket, worked=False, pasted=pasted)

    assert step in client.get(path(ticket)).content.decode()


def test_status_page_names_the_next_step_before_a_grant(client, calendar, contoso, path):
    request = ConsentRequestFactory(app=calendar, tenant=contoso, asked=True)
    ticket = TicketFactory(request=request, waiting=True)
    tickets.tried(ticket, worked=False, pasted="")

    assert "An administrator has to approve it first." in client.get(path(ticket)).content.decode()
