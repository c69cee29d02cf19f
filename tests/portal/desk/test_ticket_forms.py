"""The forms on a ticket's page: whom they are for, and that nobody types anything twice."""

import re

import pytest

from consent import tokens
from consent.models import Event, OutboxMessage
from tests.factories import (
    ApprovalLinkFactory,
    ContactFactory,
    GrantFactory,
    OutboxMessageFactory,
    ReplyFactory,
    TicketFactory,
)


def page_of(desk, ticket):
    return desk.get(f"/desk/tickets/{ticket.number}/").content.decode()


@pytest.fixture
def other(asked):
    """A second administrator's link."""
    return ApprovalLinkFactory(
        request=asked, recipient=ContactFactory(email="other@contoso.example")
    )


def test_mistake_in_an_answer_stands_at_that_administrator_alone(act_on_link, ticket, link, other):
    page = act_on_link(other, "answer", ticket, message=" ").content.decode()

    area = rf'<textarea id="answer-{other.pk}"[^>]* aria-describedby="answer-{other.pk}-error"'
    assert re.search(rf'{area} aria-invalid="true"', page)
    assert page.count("Write something first.") == 1
    assert page.count("<details open>") == 1
    assert f'<textarea id="answer-{link.pk}" name="message" rows="3" maxlength="5000"></t' in page


def test_answer_that_is_too_long_is_kept(act_on_link, ticket, link, other):
    page = act_on_link(link, "answer", ticket, message="y" * 5001).content.decode()

    assert page.count("y" * 5001) == 1


def test_form_of_whom_to_write_to_next_stands_open(desk, ticket, link, other):
    ReplyFactory(ticket=ticket, author="administrator", link=other, to_administrator=True)
    type(ticket).objects.filter(pk=ticket.pk).update(state="open")

    page = page_of(desk, ticket)

    assert f'<a class="button" href="#answer-{other.pk}">Write to other@contoso.example</a>' in page
    opened = page.partition("<details open>")[2]
    assert re.search(r'<textarea id="([^"]+)"', opened)[1] == f"answer-{other.pk}"


def test_buttons_of_links_say_whose_they_are(desk, ticket, link, asked):
    ApprovalLinkFactory(request=asked, shared=True)
    ApprovalLinkFactory(request=asked, declined=True, recipient__email="no@contoso.example")

    page = page_of(desk, ticket)

    said = re.findall(r'(\w[\w ]*)<span class="visually-hidden">: ([^<]+)</span>\s*</button>', page)
    who = {"admin@contoso.example": 0, "Passed on by the requester": 0, "no@contoso.example": 0}
    assert {name: [act for act, whose in said if whose == name] for name in who} == {
        "admin@contoso.example": ["Resend", "New address", "Revoke", "Send"],
        "Passed on by the requester": ["New address", "Revoke"],
        "no@contoso.example": ["Revoke", "Send"],
    }


@pytest.mark.parametrize(
    ("way", "said"), [("mailed", "was mailed again"), ("self", "Nobody was mailed")]
)
def test_new_address_of_a_link_says_whether_it_was_mailed(
    desk, act_on_link, ticket, asked, way, said
):
    link = ApprovalLinkFactory(request=asked, way=way)

    answer = act_on_link(link, "rotate", ticket)

    assert said in desk.get(answer.url).content.decode()


def test_stranger_is_not_written_to_and_words_are_not_lost(desk, act):
    ticket = TicketFactory(unconfirmed=True)

    page, answer = page_of(desk, ticket), act(ticket, "reply", message="Are you there?")

    assert "Reply to the requester" not in page
    assert "it needs no confirmation" in page
    new = f"/desk/tickets/new/?email={ticket.contact.email.replace('@', '%40')}"
    assert f'href="{new}&amp;app={ticket.app.slug}">New ticket</a>' in page
    assert (answer.status_code, ">Are you there?</textarea>" in answer.content.decode()) == (
        409,
        True,
    )


def test_new_ticket_is_filled_in_from_its_address(desk, asked):
    page = desk.get("/desk/tickets/new/", {"email": "@contoso.example", "app": "acme-calendar"})

    text = page.content.decode()
    assert re.search(r'name="email" value="@contoso.example"', text)
    assert '<option value="acme-calendar" selected>' in text


def test_mistake_in_the_app_is_read_with_its_field(desk, asked):
    page = desk.post("/desk/tickets/new/", {"email": "ana@contoso.example", "app": "none"})

    field = '<select name="app" id="id_app" aria-describedby="id_app_error" aria-invalid="true">'
    assert field in page.content.decode()


def test_radar_leads_to_a_ticket_for_that_organisation(desk, asked):
    GrantFactory(tenant=asked.tenant, app=asked.app, person="one")

    page = desk.get("/desk/radar/").content.decode()

    assert "/desk/tickets/new/?app=acme-calendar&amp;email=%40contoso.example" in page


def test_mails_of_a_ticket_are_named_and_go_again_from_there(desk, ticket, link):
    mail = OutboxMessageFactory(
        ticket=None,
        link=link,
        to=link.recipient,
        kind="approval_request",
        failed=True,
        error="TimeoutError",
    )

    page = page_of(desk, ticket)
    first, second = (
        desk.post(f"/desk/mails/{mail.pk}/again/", {"ticket": ticket.number}) for _ in range(2)
    )

    assert "The mail to admin@contoso.example did not arrive" in page
    words = "Request to the administrator · admin@contoso.example · Given up. The mail server did"
    assert words in " ".join(page.split())
    assert [answer.url.partition("?")[2] for answer in (first, second)] == [
        "said=again",
        "said=not_given_up",
    ]
    assert "It is queued once more." in desk.get(first.url).content.decode()
    assert "somebody was faster" in desk.get(second.url).content.decode()


def test_ticket_nobody_could_be_mailed_about_needs_us(desk, ticket, link, other):
    def needing_us():
        return [one.number for one in desk.get("/desk/").context["page"]]

    mails = {"kind": "approval_request", "ticket": None}
    for each in (link, other):
        assert needing_us() == []
        OutboxMessageFactory(link=each, to=each.recipient, failed=True, **mails)
    assert needing_us() == [ticket.number]

    OutboxMessageFactory(link=link, to=link.recipient, **mails)
    assert needing_us() == []


def test_status_page_moves_and_its_requester_is_told(client, desk, act, ticket):
    old = f"/t/{tokens.ticket_token(ticket)}/"

    answer = act(ticket, "move")

    ticket.refresh_from_db()
    new = f"/t/{tokens.ticket_token(ticket)}/"
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    assert "The status page has a new address" in desk.get(answer.url).content.decode()
    mails = OutboxMessage.objects.values_list("kind", "to__email", "key")
    assert list(mails) == [("status_moved", "ana@contoso.example", f"status-moved:{ticket.pk}:2")]
    assert list(Event.objects.values_list("kind", flat=True)) == ["ticket_rotated"]


def test_status_page_of_a_stranger_does_not_move(act, desk):
    ticket = TicketFactory(unconfirmed=True)

    assert "said=not_open" in act(ticket, "move").url
    assert "New address for the status page" not in page_of(desk, ticket)
    assert OutboxMessage.objects.count() == 0


def test_tenant_page_tells_what_is_approved_for_one_person_from_what_is_for_all(desk, asked):
    GrantFactory(tenant=asked.tenant, app=asked.app, value="Mail.Read", person="an-object-id")
    GrantFactory(tenant=asked.tenant, app=asked.app, value="User.Read")
    type(asked).objects.update(looks_approved=True)

    page = desk.get(f"/desk/tenants/{asked.tenant.pk}/").content.decode()

    rows = re.findall(r'<td class="mono">([^<]+)</td><td>delegated</td><td[^>]*>(.*?)</td>', page)
    assert [(name, re.sub("<[^>]+>", "", whom)) for name, whom in rows] == [
        ("Mail.Read", "One person: an-object-id"),
        ("User.Read", "Everyone"),
    ]
    assert "looks approved</span>" in page
