"""The whole diagnosis at the desk, with the advice for everybody and what the doctor says."""

import html
import re

import pytest

from consent import tickets
from consent.diagnosis import Audience, diagnose
from consent.diagnosis.advice import lazy_advice
from consent.models import Ticket
from tests.factories import TicketFactory, UnknownCodeFactory

CORRELATION = "66666666-7777-4888-9999-aaaaaaaaaaaa"
PASTED = (
    "AADSTS50199: confirm. AADSTS50105: not assigned, AADSTS999001. password: Winter2024!\n"
    f"Correlation ID: {CORRELATION} Timestamp: 2026-02-17 18:39:09Z"
)


def text_of(answer):
    return html.unescape(answer.content.decode())


def pasted(ticket, words, seen=""):
    """The ticket with that paste."""
    fields = tickets._paste(words, seen)
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    return f"/desk/tickets/{ticket.number}/"


def test_ticket_shows_all_of_its_diagnosis(desk, ticket):
    page = desk.get(pasted(ticket, PASTED, seen="error"))

    told = page.context["told"]
    codes = [(code, row.name if row else None, decides) for code, row, decides in told["codes"]]
    assert codes[1:] == [
        ("AADSTS50105", "EntitlementGrantsNotFound", True),
        ("AADSTS999001", None, False),
    ]
    assert told["identifiers"] == [("correlation_id", CORRELATION)]
    del told["codes"], told["identifiers"], told["advice"]
    assert told == {
        "cause": "Only assigned people get in",
        "actor": "An administrator of the organisation",
        "confidence": "Sure",
        "link_helps": False,
        "evidence": ["AADSTS50105"],
        "timestamp": "2026-02-17T18:39:09Z",
        "seen": "An error message",
        "secrets": ["a password"],
    }


def test_ticket_shows_the_advice_for_every_audience(desk, ticket):
    text = text_of(desk.get(pasted(ticket, PASTED)))

    diagnosis = diagnose(PASTED)
    for audience in Audience:
        assert str(lazy_advice(diagnosis.cause, diagnosis.primary_code, audience)) in text
        assert f"Advice: {audience.label}" in text


def test_ticket_links_codes_and_marks_unknown_ones(desk, ticket):
    text = text_of(desk.get(pasted(ticket, PASTED)))

    assert 'href="https://login.microsoftonline.com/error?code=50105"' in text
    assert re.search(r"<code>AADSTS999001</code> <span[^>]*>unknown code", text)
    assert "Winter2024" not in text


@pytest.mark.parametrize("kept", [{}, {"cause": ""}])
def test_ticket_without_a_diagnosis_says_so(desk, ticket, kept):
    Ticket.objects.filter(pk=ticket.pk).update(diagnosis=kept)

    assert "Nothing was pasted." in text_of(desk.get(f"/desk/tickets/{ticket.number}/"))


def test_ticket_from_before_the_secrets_were_named_is_shown(desk, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(diagnosis=diagnose("AADSTS90094").as_dict())

    told = desk.get(f"/desk/tickets/{ticket.number}/").context["told"]
    assert (told["seen"], told["secrets"]) == ("", [])


def test_ticket_shows_what_the_doctor_says(desk, ticket):
    before = text_of(desk.get(f"/desk/tickets/{ticket.number}/"))
    tickets.tried(ticket, worked=False, pasted="")
    after = text_of(desk.get(f"/desk/tickets/{ticket.number}/"))

    assert 'data-reason="not_granted" data-standing="found"' in before
    assert ("id=\"examination\" open" in before, "id=\"examination\" open" in after) == (
        False,
        True,
    )  # fmt: skip


def test_ticket_without_a_tenant_has_nothing_to_examine(desk):
    page = desk.get(f"/desk/tickets/{TicketFactory().number}/")

    assert (page.status_code, page.context["examination"]) == (200, None)


def test_queue_counts_unknown_codes_and_leads_to_them(desk):
    assert "unknown code" not in text_of(desk.get("/desk/"))
    assert "appear here" in text_of(desk.get("/desk/codes/"))
    UnknownCodeFactory(code="AADSTS999001", times=7)

    assert "1 unknown code" in text_of(desk.get("/desk/"))
    page = text_of(desk.get("/desk/codes/"))
    assert re.search(r"AADSTS999001</code></td><td[^>]*>7<", page)
