"""What a requester does on the status page."""

import re

import pytest

from consent.models import ApprovalLink, ConsentRequest, Event, OutboxMessage, Reply, Ticket
from tests.factories import ApprovalLinkFactory, ConsentRequestFactory, TicketFactory


def state_of(ticket):
    """The ticket's state as the database has it."""
    return Ticket.objects.get(pk=ticket.pk).state


def test_reply_is_kept_and_opens_the_ticket(client, ticket, path):
    answer = client.post(path(ticket, "reply/"), {"message": " Is there\0 news? \n"})

    assert (answer.status_code, answer["Location"]) == (303, f"{path(ticket)}?said=replied")
    assert [(reply.author, reply.body) for reply in ticket.replies.all()] == [
        ("requester", "Is there news?")
    ]
    assert state_of(ticket) == "open"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("", "Write something first."),
        (" \0\n ", "Write something first."),
        ("x" * 5001, "Use at most 5,000 characters."),
    ],
    ids=["empty", "blank", "long"],
)
def test_reply_that_is_none_gets_a_sentence_and_keeps_the_draft(
    client, ticket, path, message, words
):
    page = client.post(path(ticket, "reply/"), {"message": message})

    assert (page.status_code, words in page.content.decode()) == (422, True)
    assert (len(message) < 10) or (message in page.content.decode())
    assert Reply.objects.count() == 0


def test_withdraw_closes_the_ticket_and_twice_is_once(client, ticket, asked, path):
    for _click in range(2):
        assert client.post(path(ticket, "withdraw/"))["Location"] == path(ticket)

    assert state_of(ticket) == "closed"
    assert ConsentRequest.objects.get(pk=asked.pk).state == "withdrawn"
    kinds = Event.objects.values_list("kind", flat=True)
    assert list(kinds).count("ticket_withdrawn") == 1


def test_tried_and_works_solves_this_ticket_and_proves_nothing(client, ticket, asked, path):
    colleague = TicketFactory(request=asked, waiting=True)

    answer = client.post(path(ticket, "tried/"), {"worked": "yes"})

    assert answer["Location"] == f"{path(ticket)}?said=worked"
    assert (state_of(ticket), state_of(colleague)) == ("solved", "waiting")
    asked.refresh_from_db()
    assert (asked.state, asked.rung) == ("asked", "none")
    assert OutboxMessage.objects.count() == 0


def test_tried_and_still_blocked_keeps_what_microsoft_showed(client, ticket, path):
    answer = client.post(
        path(ticket, "tried/"), {"worked": "no", "pasted": "AADSTS50105 \0" + "x" * 200_000}
    )

    assert answer["Location"] == f"{path(ticket)}?said=still_blocked"
    ticket.refresh_from_db()
    assert (ticket.state, len(ticket.pasted)) == ("open", 20_000)
    assert ticket.diagnosis["cause"] == "user_assignment_required"


def test_tried_without_a_paste_keeps_the_older_one(client, ticket, path):
    Ticket.objects.filter(pk=ticket.pk).update(pasted="AADSTS90094")

    client.post(path(ticket, "tried/"), {"worked": "no"})

    assert Ticket.objects.get(pk=ticket.pk).pasted == "AADSTS90094"


@pytest.mark.parametrize("worked", ["", "maybe", "YES"])
def test_tried_without_an_answer_gets_a_sentence(client, ticket, path, worked):
    page = client.post(path(ticket, "tried/"), {"worked": worked})

    assert page.status_code == 422
    assert "Say whether it works now or is still blocked." in page.content.decode()
    assert state_of(ticket) == "waiting"


def test_tried_after_the_ticket_was_closed_changes_nothing(client, asked, path):
    ticket = TicketFactory(request=asked, closed=True)

    answer = client.post(path(ticket, "tried/"), {"worked": "yes"})

    assert answer["Location"] == f"{path(ticket)}?said=not_open"
    assert state_of(ticket) == "closed"


def test_share_shows_the_same_link_as_often_as_it_is_asked_for(client, ticket, path):
    for _click in range(2):
        client.post(path(ticket, "share/"))

    text = client.get(path(ticket)).content.decode()
    assert len(set(re.findall(r'"(http://localhost:8000/a/[^"]+)"', text))) == 1
    assert ApprovalLink.objects.filter(way="shared").count() == 1
    assert OutboxMessage.objects.count() == 0


def test_shared_link_of_a_colleague_is_not_shown(client, ticket, asked, path):
    colleague = TicketFactory(request=asked, waiting=True)
    client.post(path(colleague, "share/"))

    assert "/a/" not in client.get(path(ticket)).content.decode()


def test_share_and_administrator_are_refused_beyond_three_links(client, ticket, asked, path):
    for _link in range(2):
        ApprovalLinkFactory(request=asked)

    for action in ("share/", "administrator/"):
        answer = client.post(path(ticket, action))
        assert answer["Location"] == f"{path(ticket)}?said=too_many_links"
    page = client.get(path(ticket), {"said": "too_many_links"})
    assert "Three administrators have a link already" in page.content.decode()


@pytest.mark.parametrize("state", ["granted", "declined", "expired", "withdrawn"])
@pytest.mark.parametrize("action", ["share/", "administrator/"])
def test_share_and_administrator_are_refused_once_it_was_decided(
    client, calendar, contoso, path, action, state
):
    request = ConsentRequestFactory(app=calendar, tenant=contoso, **{state: True})
    ticket = TicketFactory(request=request)

    assert client.post(path(ticket, action))["Location"] == f"{path(ticket)}?said=not_open"
    assert ApprovalLink.objects.count() == 0


@pytest.mark.parametrize("action", ["share/", "administrator/"])
def test_share_and_administrator_without_a_request_are_refused(client, calendar, path, action):
    ticket = TicketFactory(app=calendar)

    assert client.post(path(ticket, action))["Location"] == f"{path(ticket)}?said=not_open"


def test_administrator_leads_to_the_page_of_a_link_of_his_own(client, ticket, path):
    places = [client.post(path(ticket, "administrator/"))["Location"] for _click in range(2)]

    assert places[0] == places[1]
    page = client.get(places[0])
    assert (page.status_code, 'id="continue"' in page.content.decode()) == (200, True)
    assert ApprovalLink.objects.get(way="self").recipient == ticket.contact
    assert OutboxMessage.objects.count() == 0


def test_test_without_a_request_or_without_our_own_app_tells_that_it_shows_nothing(
    client, calendar, asked, ticket, path
):
    alone = TicketFactory(app=calendar)
    assert client.post(path(alone, "test/"))["Location"] == f"{path(alone)}?said=no_test"

    type(calendar).objects.update(credential="")
    assert client.post(path(ticket, "test/"))["Location"] == f"{path(ticket)}?said=no_test"


def test_test_is_silent_until_a_look_has_found_the_app(client, ticket, asked, path, microsoft):
    answers = [client.post(path(ticket, "test/"), {"visible": "yes"})]
    type(asked).objects.filter(pk=asked.pk).update(news_at=asked.created_at)
    answers.append(client.post(path(ticket, "test/"), {"visible": "yes"}))

    assert [answer.status_code for answer in answers] == [303, 303]
    prompts = [re.search(r"prompt=(\w+)", answer["Location"])[1] for answer in answers]
    assert prompts == ["none", "select_account"]
    assert "offline_access" not in "".join(answer["Location"] for answer in answers)
