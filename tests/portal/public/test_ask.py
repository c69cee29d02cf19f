"""The ask: one ticket and one mail, the same answer whatever we know, and limits."""

import re

import pytest
from django.test import Client

from consent import tokens
from consent.models import OutboxMessage, Ticket
from consent.outbox.rendering import render
from tests.factories import ConsentRequestFactory, ContactFactory, TicketFactory

MARKUP = "<script>alert(1)</script>"


def ask(client, **fields):
    """Send the second form."""
    given = {
        "email": "ana@contoso.example",
        "name": "Ana",
        "admin_email": "admin@contoso.example",
        "note": "We want our calendars in sync.",
        "pasted": "AADSTS90094",
        "app": "acme-calendar",
    }
    return client.post("/ask/", {**given, **fields})


def mails():
    """What is queued, as kind and address."""
    return list(OutboxMessage.objects.order_by("pk").values_list("kind", "to__email"))


def test_ask_opens_a_ticket_and_mails_the_asker_alone(client, calendar):
    answer = ask(client)

    assert (answer.status_code, answer["Location"]) == (303, "/ask/sent/")
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.contact.email) == ("unconfirmed", "ana@contoso.example")
    assert ticket.administrator.email == "admin@contoso.example"
    assert mails() == [("confirm_request", "ana@contoso.example")]


def test_same_form_sent_twice_is_one_ticket_and_one_mail(client, calendar):
    first, second = ask(client), ask(client)

    assert (first.status_code, second.status_code) == (303, 303)
    assert Ticket.objects.count() == 1
    assert mails() == [("confirm_request", "ana@contoso.example")]


@pytest.mark.parametrize("changed", [{"note": "Urgent"}, {"admin_email": ""}])
def test_form_sent_again_with_a_change_is_another_ask(client, calendar, changed):
    ask(client)
    ask(client, **changed)

    assert Ticket.objects.count() == 2


def test_same_form_from_another_browser_is_another_ask(client, calendar):
    ask(client)
    ask(Client())

    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "ana@b"},
        {"email": "ana@contoso.example\nBcc: x@y.example"},
        {"admin_email": "the boss"},
        {"admin_email": "admin@contoso.example\r\nTo: x@y.example"},
        {"name": "n" * 61},
        {"note": "n" * 501},
        {"note": "We\0want"},
        {"name": "Ana\0"},
        {"seen": "x" * 21},
    ],
    ids=lambda fields: "-".join(fields),
)
def test_ask_with_bad_input_is_the_form_with_a_sentence(client, calendar, fields):
    page = ask(client, **fields)

    assert (page.status_code, page.context["form"].errors.keys()) == (422, fields.keys())
    text = page.content.decode()
    assert 'id="ask"' in text
    assert "We want our calendars in sync." in text or "note" in fields
    assert (Ticket.objects.count(), mails()) == (0, [])


def test_ask_for_an_unknown_app_is_the_first_form_with_a_sentence(client, calendar):
    page = ask(client, app="no-such-app")

    assert (page.status_code, 'id="start"' in page.content.decode()) == (422, True)
    assert page.context["form"].errors.keys() == {"app"}
    assert Ticket.objects.count() == 0


def test_ask_with_a_huge_paste_and_nul_bytes_keeps_a_part_of_it(client, calendar):
    answer = ask(client, pasted="AADSTS90094 \0" + "x" * 200_000)

    assert answer.status_code == 303
    ticket = Ticket.objects.get()
    assert (len(ticket.pasted), "\0" in ticket.pasted) == (20_000, False)
    assert ticket.diagnosis["primary_code"] == "AADSTS90094"


def test_ask_answers_the_same_whatever_we_know_of_that_tenant_or_address(
    client, calendar, contoso, settings
):
    stranger = Client()
    known = ConsentRequestFactory(app=calendar, tenant=contoso, granted=True)
    TicketFactory(request=known, contact=ContactFactory(email="ana@contoso.example"))

    as_known, as_new = ask(client), ask(stranger, email="zoe@unknown.example", admin_email="")
    shown_known, shown_new = client.get("/ask/sent/"), stranger.get("/ask/sent/")

    assert (as_known.status_code, as_known["Location"]) == (as_new.status_code, as_new["Location"])
    assert neutral(shown_known) == neutral(shown_new)


def neutral(page):
    """The page without what its reader typed, the digits and the token against forgery."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.content.decode())
    text = re.sub(r'<span class="code-digits.*?</span>\s*</span>|\b\d{3}\b', "", text, flags=re.S)
    return re.sub(r"ana@contoso\.example|zoe@unknown\.example", "", text)


def test_fourth_mail_of_a_day_to_an_address_does_not_leave_and_nobody_can_tell(calendar, settings):
    settings.MAILS_TO_STRANGERS_A_DAY = 3

    answers = [ask(Client(), email="Ana@Contoso.example") for _ask in range(5)]

    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(303, "/ask/sent/")}
    assert mails() == [("confirm_request", "ana@contoso.example")] * 3


def test_send_again_counts_as_a_mail_to_that_address(client, calendar, settings):
    settings.MAILS_TO_STRANGERS_A_DAY = 3
    ask(client)

    for _again in range(4):
        assert client.post("/ask/again/")["Location"] == "/ask/sent/?again"

    assert mails() == [("confirm_request", "ana@contoso.example")] * 3
    assert (
        "We sent it again, unless this address has had its share"
        in client.get("/ask/sent/?again").content.decode()
    )


def test_send_again_in_a_browser_that_never_asked_mails_nobody(client, calendar):
    ask(Client())

    assert client.post("/ask/again/").status_code == 303
    assert len(mails()) == 1


def test_asks_of_one_network_are_limited(calendar, settings):
    settings.ASKS_PER_NETWORK_AN_HOUR = 2

    answers = [ask(Client(), email=f"p{n}@company-{n}.example") for n in range(3)]
    elsewhere = ask(Client(REMOTE_ADDR="198.51.100.7"), email="p9@company-9.example")

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Too many tries in a short time" in answers[2].content.decode()
    assert elsewhere.status_code == 303
    assert Ticket.objects.count() == 3


def test_asks_for_one_domain_are_limited_whatever_the_network(calendar, settings):
    settings.ASKS_PER_TENANT_AN_HOUR = 2

    answers = [
        ask(Client(REMOTE_ADDR=f"198.51.100.{n}"), email=f"p{n}@contoso.example") for n in range(3)
    ]

    assert [answer.status_code for answer in answers] == [303, 303, 429]


def test_network_of_an_ask_is_what_the_proxy_wrote(calendar, settings):
    settings.ASKS_PER_NETWORK_AN_HOUR, settings.BEHIND_PROXY = 1, True

    answers = [
        ask(
            Client(headers={"X-Forwarded-For": f"10.0.0.{n}, 203.0.113.{n % 2}"}),
            email=f"p{n}@company-{n}.example",
        )
        for n in range(3)
    ]

    assert [answer.status_code for answer in answers] == [303, 303, 429]


def test_digits_are_shown_only_in_the_browser_that_asked(client, calendar):
    ask(client)
    code = tokens.confirmation_code(Ticket.objects.get())

    here, elsewhere = client.get("/ask/sent/"), Client().get("/ask/sent/")

    assert here.context["code"] == code
    assert "ana@contoso.example" in here.content.decode()
    assert elsewhere.context["code"] == ""
    assert "ana@contoso.example" not in elsewhere.content.decode()
    assert here["Cache-Control"] == "no-store"


def test_cookie_of_another_site_remembers_no_ticket(client, calendar):
    ask(Client())
    client.cookies["portal_asker"] = '["' + Ticket.objects.get().public_id + '"]'

    assert client.get("/ask/sent/").context["code"] == ""


def test_confirmation_mail_carries_no_word_that_the_asker_typed(client, calendar):
    ask(client, name="Buy now", note="Visit http://evil.example", pasted="AADSTS90094 cheap")

    letter = render(OutboxMessage.objects.get())

    for word in ("Buy now", "evil", "cheap", "admin@contoso.example"):
        assert word not in letter.subject + letter.text + letter.html
    assert letter.subject == f"Confirm your address for Acme Calendar [{Ticket.objects.get()}]"
