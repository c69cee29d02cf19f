"""Mails given up, and the switch, at the desk."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.models import MailStop, OutboxMessage
from tests.factories import (
    ApprovalLinkFactory,
    MailStopFactory,
    OutboxMessageFactory,
    TenantDomainFactory,
    TicketFactory,
)

PAGE = "/desk/mails/"


def given_up(**fields):
    """A mail that no server took."""
    tried = timezone.now() - timedelta(hours=2)
    return OutboxMessageFactory(failed=True, **{"claimed_at": tried, "attempts": 18, **fields})


def rows(desk):
    """The table's cells, as a reader of the screen hears them."""
    markup = re.sub(r'<input type="hidden"[^>]*>', "", desk.get(PAGE).content.decode())
    body = markup.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<td.*?</td>", row, re.S) for row in body.split("</tr>")[:-1]]
    plain = [[unescape(" ".join(re.sub(r"<[^>]+>", " ", c).split())) for c in r] for r in cells]
    return [[*row[:5], row[-1]] for row in plain]


def notices(desk, page=PAGE):
    return re.findall(r'<p class="notice-title">([^<]+)</p>', desk.get(page).content.decode())


@pytest.mark.parametrize("page", [PAGE, f"{PAGE}1/again/", f"{PAGE}stop/"])
def test_mails_are_for_agents(client, db, page):
    answer = client.get(page) if page == PAGE else client.post(page)

    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")


def test_list_before_a_mail_is_given_up(desk):
    OutboxMessageFactory()

    markup = desk.get(PAGE).content.decode()

    assert "No mail is given up" in markup
    assert "1 waits to leave" in markup
    assert "again" not in markup.partition('class="desk-head"')[2].partition("empty")[0]


def test_list_says_whose_mail_what_the_server_said_and_how_often_it_was_tried(desk, ticket, link):
    given_up(ticket=None, link=link, to=link.recipient, kind="consent_receipt", attempts=1)
    given_up(ticket=ticket, kind="consent_granted", error="550 5.1.1 <…>: unknown")
    given_up(ticket=ticket, kind="ticket_reply", error="TimeoutError")
    given_up(ticket=ticket, kind="odd", error="TypeError")

    number, again = ticket.number, f"Send again : {ticket.number}"
    ana, admin = "ana@contoso.example", "admin@contoso.example"
    assert rows(desk) == [
        [number, "odd", ana, "It could not be made: TypeError", "18", f"{again} odd"],
        [
            number,
            "Reply to the requester",
            ana,
            "The mail server did not answer in time",
            "18",
            f"{again} Reply to the requester",
        ],
        [number, "Good news", ana, "“550 5.1.1 <…>: unknown”", "18", f"{again} Good news"],
        [
            number,
            "Receipt for the administrator",
            admin,
            "Its worker died each time",
            "1",
            f"{again} Receipt for the administrator",
        ],
    ]


def test_list_shows_no_markup_of_a_server(desk, ticket):
    given_up(ticket=ticket, error="550 <script>alert(1)</script>")

    assert "<script>alert" not in desk.get(PAGE).content.decode()


def test_mail_for_a_request_that_nobody_waits_in_leads_to_the_organisation(desk, link):
    given_up(ticket=None, link=link, to=link.recipient)

    assert [row[0] for row in rows(desk)] == ["contoso.example"]


def test_mail_of_neither_ticket_nor_link_is_listed_as_well(desk):
    given_up(ticket=None, to=TicketFactory().contact)

    assert [row[0] for row in rows(desk)] == ["none"]


def test_list_takes_as_many_queries_for_three_rows_as_for_one(desk):
    counted = []
    for more in (1, 2):
        for _ in range(more):
            link = ApprovalLinkFactory()
            TenantDomainFactory(tenant=link.request.tenant)
            given_up(ticket=None, link=link, to=link.recipient)
            given_up()
        with CaptureQueriesContext(connection) as captured:
            desk.get(PAGE)
        counted.append(len(captured))

    assert counted == [10, 10]


def test_list_of_many_has_pages(desk):
    for _ in range(51):
        given_up(ticket=None, to=TicketFactory().contact)

    first, second = desk.get(PAGE), desk.get(PAGE, {"page": 2})

    assert (len(first.context["page"]), len(second.context["page"])) == (50, 1)
    assert "?page=2" in first.content.decode()
    assert "?page=1" in second.content.decode()


def test_one_mail_goes_again(desk):
    mail, other = given_up(error="550 no"), given_up()

    answer = desk.post(f"{PAGE}{mail.pk}/again/")

    assert (answer.status_code, answer.url) == (303, f"{PAGE}?said=again")
    assert list(OutboxMessage.objects.order_by("pk").values_list("state", "attempts", "error")) == [
        ("queued", 0, ""),
        ("failed", 18, other.error),
    ]
    assert notices(desk, answer.url) == ["It is queued once more."]


def test_mail_that_somebody_else_sent_again_is_left(desk):
    mail = OutboxMessageFactory(sent=True)

    answer = desk.post(f"{PAGE}{mail.pk}/again/")

    assert notices(desk, answer.url) == ["That mail is not given up any more: somebody was faster."]
    assert (OutboxMessage.objects.get().state, desk.post(f"{PAGE}404/again/").status_code) == (
        "sent",
        404,
    )


def test_all_mails_go_again(desk):
    for _ in range(3):
        given_up()

    assert "Send all 3 again" in desk.get(PAGE).content.decode()
    answer = desk.post(f"{PAGE}all-again/")

    assert notices(desk, answer.url) == ["They are queued once more."]
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"queued"}


def test_switch_stops_all_mails_and_lets_them_leave(desk, agent):
    assert notices(desk, "/desk/") == []

    stopped = desk.post(f"{PAGE}stop/")
    assert (stopped.status_code, stopped.url) == (303, f"{PAGE}?said=stop")
    said = "No mail leaves: all of them are stopped."
    assert [notices(desk, page) for page in (stopped.url, "/desk/", "/desk/apps/")] == [[said]] * 3
    assert "Stopped by Andy" in desk.get("/desk/").content.decode()
    assert "Let mails leave" in desk.get(PAGE).content.decode()

    left = desk.post(f"{PAGE}resume/")
    assert notices(desk, left.url) == ["Mails leave again, those that waited longest first."]
    assert "Stop all mails" in desk.get(PAGE).content.decode()
    assert list(MailStop.objects.order_by("pk").values_list("by", "ended_by")) == [
        (agent.pk, agent.pk)
    ]


def test_stop_by_command_is_told_without_a_name(desk):
    MailStopFactory()

    assert "Stopped by a command on the server" in desk.get("/desk/").content.decode()


def test_unknown_action_is_not_found(desk):
    assert desk.post(f"{PAGE}burn/").status_code == 404


def test_rail_leads_to_the_mails(desk):
    assert '<a href="/desk/mails/">' in desk.get("/desk/").content.decode()
