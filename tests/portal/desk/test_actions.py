"""What agents do: each action once, and each refusal in words."""

import pytest

from consent import tokens
from consent.models import ApprovalLink, ConsentRequest, Event, OutboxMessage, Reply, Ticket, Watch
from tests.factories import ApprovalLinkFactory, ConsentRequestFactory, TicketFactory, seeded_tenant


def page_of(ticket, said=""):
    """Where an action leads."""
    return f"/desk/tickets/{ticket.number}/" + (f"?said={said}" if said else "")


def kinds():
    """The timeline, oldest first."""
    return list(Event.objects.values_list("kind", flat=True))


def mails():
    """What is queued, as kind and address."""
    return list(OutboxMessage.objects.order_by("pk").values_list("kind", "to__email"))


def test_take_makes_the_ticket_the_agents(act, ticket, agent):
    answer = act(ticket, "take")

    assert (answer.status_code, answer["Location"]) == (303, page_of(ticket, "take"))
    ticket.refresh_from_db()
    assert (ticket.agent, kinds()) == (agent, ["ticket_taken"])


def test_reply_mails_the_requester(act, ticket, agent):
    answer = act(ticket, "reply", message="We ask <b>somebody</b> else.")

    assert answer["Location"] == page_of(ticket, "reply")
    written = Reply.objects.get()
    assert (written.agent, written.is_public, written.body) == (
        agent,
        True,
        "We ask <b>somebody</b> else.",
    )
    assert mails() == [("ticket_reply", "ana@contoso.example")]


def test_note_stays_among_agents(act, ticket, client):
    answer = act(ticket, "note", message="Difficult one")

    assert answer["Location"] == page_of(ticket, "note")
    assert (Reply.objects.get().is_public, mails(), kinds()) == (False, [], ["ticket_noted"])
    status = client.get(f"/t/{tokens.ticket_token(ticket)}/").content.decode()
    assert "Difficult one" not in status


@pytest.mark.parametrize("action", ["reply", "note"])
@pytest.mark.parametrize("message", ["", "  \n", "x" * 5001, "a\0b"])
def test_words_that_are_none_get_a_sentence(act, ticket, action, message):
    page = act(ticket, action, message=message)

    assert (page.status_code, page.context["words_form"].errors.keys()) == (422, {"message"})
    assert (Reply.objects.count(), mails(), kinds()) == (0, [], [])


def test_send_mails_a_link_to_that_administrator_once_and_says_so(act, ticket, asked):
    first, second = (act(ticket, "send", email="Boss@Contoso.example") for _ in range(2))

    assert first["Location"] == page_of(ticket, "send")
    words = "This person has a link already, and nothing was sent. Use “Resend” beside it."
    assert (second.status_code, words in second.content.decode()) == (409, True)
    assert asked.links.count() == 2
    assert mails() == [("approval_request", "boss@contoso.example")]


@pytest.mark.parametrize("email", ["", "the boss", "a@b", "boss@x.example\nBcc: y@z.example"])
def test_send_to_nobody_gets_a_sentence(act, ticket, email):
    page = act(ticket, "send", email=email)

    assert (page.status_code, page.context["send_form"].errors.keys()) == (422, {"email"})
    assert mails() == []


def test_send_beyond_three_links_is_refused_in_words(act, ticket, asked):
    for _link in range(2):
        ApprovalLinkFactory(request=asked)

    answer = act(ticket, "send", email="boss@contoso.example")

    page = answer.content.decode()
    assert (answer.status_code, answer.context["said"]) == (409, "too_many_links")
    assert "Three links are live. Revoke one below first." in page
    assert 'value="boss@contoso.example"' in page


def test_send_on_a_granted_request_is_refused(act):
    ticket = TicketFactory(request=ConsentRequestFactory(granted=True))

    answer = act(ticket, "send", email="boss@contoso.example")

    assert (answer.status_code, answer.context["said"]) == (409, "not_open")
    assert mails() == []


@pytest.mark.parametrize("state", ["declined", "expired"])
def test_send_takes_a_closed_request_up_again_with_all_who_wait(act, asked, state):
    closed = ConsentRequestFactory(app=asked.app, **{state: True})
    ticket, colleague = TicketFactory(request=closed), TicketFactory(request=closed)

    act(ticket, "send", email="boss@contoso.example")

    ticket.refresh_from_db()
    colleague.refresh_from_db()
    successor = ConsentRequest.objects.get(previous=closed)
    assert (ticket.request, colleague.request, successor.state) == (successor, successor, "asked")
    assert (ticket.state, colleague.state) == ("waiting", "waiting")
    assert mails() == [("approval_request", "boss@contoso.example")]


@pytest.mark.parametrize(("action", "status"), [("send", 409), ("check", 303), ("agree", 303)])
def test_actions_that_need_a_request_are_refused_without_one(act, action, status):
    ticket = TicketFactory()
    typed = {"email": "boss@contoso.example"} if action == "send" else {}

    answer = act(ticket, action, **typed)

    assert answer.status_code == status
    assert typed or answer["Location"] == page_of(ticket, "not_open")
    assert (mails(), kinds()) == ([], [])


def test_check_asks_for_a_look(act, ticket):
    assert act(ticket, "check")["Location"] == page_of(ticket, "check")

    assert (Watch.objects.get().signals, kinds()) == (1, ["looked"])


def test_close_closes_and_withdraws_the_request_of_the_last(act, ticket, asked):
    assert act(ticket, "close")["Location"] == page_of(ticket, "close")

    ticket.refresh_from_db()
    asked.refresh_from_db()
    assert (ticket.state, asked.state) == ("closed", "withdrawn")
    assert act(ticket, "close")["Location"] == page_of(ticket, "not_open")


def test_close_of_an_unconfirmed_ticket_is_refused(act):
    ticket = TicketFactory(unconfirmed=True)

    assert act(ticket, "close")["Location"] == page_of(ticket, "not_open")
    assert Ticket.objects.get(pk=ticket.pk).state == "unconfirmed"


def test_agree_with_a_decline_tells_who_waits_once(act, ticket, asked):
    for said in ("agree", "not_open"):
        assert act(ticket, "agree")["Location"] == page_of(ticket, said)

    asked.refresh_from_db()
    ticket.refresh_from_db()
    assert (asked.state, ticket.state) == ("declined", "open")
    assert mails() == [("request_declined", "ana@contoso.example")]


def test_resend_mails_the_link_once_more(act_on_link, link, ticket):
    answer = act_on_link(link, "resend", ticket)

    assert answer["Location"] == page_of(ticket, "resend")
    assert mails() == [("approval_request", "admin@contoso.example")]
    assert ApprovalLink.objects.get(pk=link.pk).expires_at > link.expires_at


def test_rotate_gives_the_link_a_new_address_and_mails_it(act_on_link, client, link, ticket):
    old = f"/a/{tokens.approval_token(link)}/"

    answer = act_on_link(link, "rotate", ticket)

    assert answer["Location"] == page_of(ticket, "rotate")
    assert client.get(old).status_code == 404
    link.refresh_from_db()
    assert client.get(f"/a/{tokens.approval_token(link)}/").status_code == 200
    assert mails() == [("approval_request", "admin@contoso.example")]


def test_revoke_closes_the_link_and_brings_the_request_back(act_on_link, link, ticket, asked):
    answer = act_on_link(link, "revoke", ticket)

    assert answer["Location"] == page_of(ticket, "revoke")
    asked.refresh_from_db()
    ticket.refresh_from_db()
    assert (ApprovalLink.objects.get(pk=link.pk).state, asked.state, ticket.state) == (
        "revoked",
        "triage",
        "open",
    )
    assert act_on_link(link, "revoke", ticket)["Location"] == page_of(ticket, "not_open")


@pytest.mark.parametrize("action", ["resend", "rotate"])
def test_closed_link_is_neither_sent_nor_rotated(act_on_link, asked, ticket, action):
    link = ApprovalLinkFactory(request=asked, revoked=True)

    assert act_on_link(link, action, ticket)["Location"] == page_of(ticket, "not_open")
    assert (mails(), ApprovalLink.objects.get(pk=link.pk).version) == ([], 1)


def test_shared_link_is_not_resent_for_it_has_no_recipient(act_on_link, asked, ticket):
    link = ApprovalLinkFactory(request=asked, shared=True)

    assert act_on_link(link, "resend", ticket)["Location"] == page_of(ticket, "not_open")
    answer = act_on_link(link, "answer", ticket, message="Hello")
    assert (answer.status_code, answer.context["said"]) == (409, "not_open")
    assert mails() == []


def test_answer_mails_the_administrator_alone(act_on_link, link, ticket):
    answer = act_on_link(link, "answer", ticket, message="In the European Union.")

    assert answer["Location"] == page_of(ticket, "answer")
    assert mails() == [("administrator_reply", "admin@contoso.example")]
    assert Reply.objects.get().is_public is False


def test_answer_without_words_gets_a_sentence(act_on_link, link, ticket):
    page = act_on_link(link, "answer", ticket, message=" ")

    assert (page.status_code, page.context["answer_form"].errors.keys()) == (422, {"message"})
    assert mails() == []


def test_new_ticket_needs_no_confirmation_and_asks_the_administrator(desk, asked, agent):
    seeded_tenant("fabrikam")

    answer = desk.post(
        "/desk/tickets/new/",
        {
            "email": "Eva@fabrikam.example",
            "app": "acme-calendar",
            "pasted": "AADSTS90094 \0",
            "admin_email": "admin@fabrikam.example",
            "note": "On the phone",
        },
    )

    ticket = Ticket.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, page_of(ticket))
    assert (ticket.state, ticket.opened_by, ticket.agent, ticket.contact.email) == (
        "waiting",
        "agent",
        agent,
        "eva@fabrikam.example",
    )
    assert mails() == [("approval_request", "admin@fabrikam.example")]


def test_new_ticket_joins_the_open_request_of_that_tenant(desk, asked, link):
    desk.post("/desk/tickets/new/", {"email": "eva@contoso.example", "app": "acme-calendar"})

    ticket = Ticket.objects.get()
    assert (ticket.request, ticket.state, mails()) == (asked, "waiting", [])


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": ""}, "email"),
        ({"email": "the boss"}, "email"),
        ({"email": "a@x.example\nBcc: y@z.example"}, "email"),
        ({"app": "no-such-app"}, "app"),
        ({"admin_email": "the boss"}, "admin_email"),
        ({"note": "x" * 501}, "note"),
        ({"note": "a\0b"}, "note"),
    ],
)
def test_new_ticket_with_bad_input_gets_a_sentence(desk, asked, fields, wrong):
    given = {"email": "eva@contoso.example", "app": "acme-calendar", **fields}

    page = desk.post("/desk/tickets/new/", given)

    assert (page.status_code, page.context["form"].errors.keys()) == (422, {wrong})
    assert Ticket.objects.count() == 0
