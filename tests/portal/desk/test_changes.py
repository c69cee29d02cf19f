"""What the monitor found, before an agent's eyes."""

import re

import pytest

from consent import changes, tokens
from consent.models import Ticket
from portal.desk.next_step import next_step
from tests.factories import ApprovalLinkFactory, ConsentRequestFactory


@pytest.fixture
def found(db):
    """A ticket of the monitor's with that change."""

    def _found(change):
        asked = ConsentRequestFactory(granted=change in {"disabled", "assignment"})
        return changes.found(asked, Ticket.Change(change), code="AADSTS7000112")

    return _found


def test_queue_shows_what_changed(desk, found):
    found("disabled")

    assert '<td class="wide">Switched off</td>' in desk.get("/desk/").content.decode()


@pytest.mark.parametrize("change", Ticket.Change.values)
def test_ticket_says_what_changed_and_what_to_do(desk, found, change):
    ticket = found(change)
    if ticket.request.is_open:
        type(ticket.request).objects.update(state="expired", closed_at=ticket.created_at)

    markup = desk.get(f"/desk/tickets/{ticket.number}/").content.decode()

    assert f"<span>{Ticket.Change(change).label}</span>" in markup
    heading, words = r'<h2 id="next-step">\s*\S.{10,}?</h2>', r"<p>\s*\S.{20,}?</p>"
    assert re.search(rf"{heading}\s*{words}", markup, re.S)
    assert "The worker</strong>" in markup
    assert "AADSTS7000112" in markup
    assert ("Send a link to…" in markup) == (change in {"revoked", "narrowed"})


@pytest.mark.parametrize("change", ["disabled", "assignment"])
def test_who_approved_it_is_the_one_to_write_to(found, change):
    ticket = found(change)
    assert (next_step(ticket).action, next_step(ticket).link) == ("", None)

    link = ApprovalLinkFactory(request=ticket.request)
    ApprovalLinkFactory(request=ticket.request, shared=True)

    assert (next_step(ticket).action, next_step(ticket).link) == ("answer", link)


def test_ticket_of_a_tenant_that_is_gone_is_closed(desk, found):
    ticket = found("deleted")
    type(ticket.request).objects.update(state="expired", closed_at=ticket.created_at)

    page = desk.get(f"/desk/tickets/{ticket.number}/").content.decode()

    assert re.search(r'action="/desk/tickets/C-\d+/close/">.{0,200}Close the ticket', page)


def test_nobody_is_there_to_reply_to(desk, found):
    ticket = found("disabled")

    page = desk.get(f"/desk/tickets/{ticket.number}/").content.decode()
    answer = desk.post(f"/desk/tickets/{ticket.number}/reply/", {"message": "Hello"})
    noted = desk.post(f"/desk/tickets/{ticket.number}/note/", {"message": "Called them."})

    assert ("Reply to the requester" in page, "Keep as a note" in page) == (False, True)
    assert f'action="/desk/tickets/{ticket.number}/note/" id="reply"' in page
    assert (answer.status_code, answer.context["said"]) == (409, "not_open")
    assert ">Hello</textarea>" in answer.content.decode()
    assert noted.url.rpartition("?")[2] == "said=note"
    assert [reply.body for reply in ticket.replies.order_by("pk")][1:] == ["Called them."]


def test_once_an_administrator_is_asked_the_step_is_as_usual(found):
    ticket = found("revoked")
    type(ticket.request).objects.update(state="asked")
    ApprovalLinkFactory(request=ticket.request)
    ticket.refresh_from_db()

    assert next_step(ticket).code == "wait_asked"


def test_administrators_page_opens_for_a_link_from_the_monitors_ticket(client, found):
    ticket = found("revoked")
    type(ticket.request).objects.update(state="asked")
    link = ApprovalLinkFactory(request=ticket.request, from_ticket=ticket)

    page = client.get(f"/a/{tokens.approval_token(link)}/")

    assert (page.status_code, page.context["waiting"], page.context["requester"]) == (200, 0, None)
