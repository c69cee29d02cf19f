"""The whole diagnosis at the desk, with the advice for everybody and what the doctor says."""

import html
import re

import pytest
from django.template.loader import render_to_string

from consent import tickets, tokens
from consent.diagnosis import Actor, Audience, diagnose
from consent.diagnosis.advice import lazy_advice
from consent.doctor import Finding, Reason, Source, Standing
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


def test_doctor_speaks_to_an_agent_at_the_desk_and_to_the_requester_on_his_page(
    desk, client, ticket
):
    tickets.tried(ticket, worked=False, pasted="")

    at_desk = text_of(desk.get(f"/desk/tickets/{ticket.number}/"))
    status = text_of(client.get(f"/t/{tokens.ticket_token(ticket)}/"))

    assert "Why Microsoft may still stop them" in at_desk
    words = ("The next step above says how to get it approved", "An administrator has to approve")
    assert [word in at_desk for word in words] == [True, False]
    assert [word in status for word in words] == [False, True]


@pytest.mark.parametrize("actor", ["end_user", "tenant_admin"])
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_step_for_agents(ticket, reason, actor):
    finding = Finding(reason, Standing.FOUND, Source.RECORD, actor=Actor(actor))
    context = {"finding": finding, "app": ticket.app, "ticket": ticket}

    for_agent, for_requester = (
        " ".join(render_to_string(f"{step}.html", context).split())
        for step in ("desk/_reason_step", "components/reason_step")
    )

    assert len(for_agent) > 20
    assert for_agent != for_requester


def test_older_version_is_told_in_words(ticket):
    finding = Finding(Reason.OLDER_VERSION, Standing.FOUND, Source.RECORD, "3", needed="4")

    told = render_to_string("components/reason_how.html", {"finding": finding})

    assert re.sub("<[^>]+>", "", told).strip() == "By our records: version 3, needed 4."


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
