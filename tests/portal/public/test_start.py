"""The first page and the diagnosis: any input gets a sentence, and none tells who is a customer."""

import re

import pytest

from consent.models import Ticket
from tests.factories import ConsentRequestFactory, GrantFactory, TicketFactory, seeded_tenant

WALL = "AADSTS90094: Need admin approval"
MARKUP = "<script>alert(1)</script>"


def ask(client, **fields):
    """Send the first form."""
    given = {"email": "ana@contoso.example", "pasted": WALL, "app": "acme-calendar", "seen": ""}
    return client.post("/start/", {**given, **fields})


def forms(response):
    """The ids of the forms on that page."""
    return re.findall(r'<form[^>]* id="([^"]+)"', response.content.decode())


def test_start_is_prefilled_by_the_product_that_sends_its_users(client, calendar):
    page = client.get(
        "/",
        {
            "app": "acme-calendar",
            "email": "ana@contoso.example",
            "error": "access_denied",
            "error_description": f"AADSTS90094 {MARKUP}\0",
        },
    )

    text = page.content.decode()
    assert (page.status_code, MARKUP in text, "AADSTS90094 &lt;script&gt;" in text) == (
        200,
        False,
        True,
    )
    assert 'value="ana@contoso.example"' in text
    assert page.context["form"]["pasted"].value() == f"access_denied\nAADSTS90094 {MARKUP}"


def test_start_takes_an_endless_prefill_in_part(client, calendar):
    page = client.get("/", {"error_description": "x" * 10_000, "email": "e" * 1000})

    assert page.status_code == 200
    assert len(page.context["form"]["pasted"].value()) == 4000
    assert len(page.context["form"]["email"].value()) == 254


@pytest.mark.django_db
def test_start_stands_before_any_app_is_registered(client):
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "email",
    [
        "",
        "   ",
        "not an address",
        "a@b",
        "ana@@contoso.example",
        "@contoso.example",
        "ana@",
        "ana@contoso..example",
        "ana@-contoso.example",
        "ana@127.0.0.1",
        "ana@446b460f-e49d-4af2-aaaa-0b1a106594d2",
        "ana@446b460f-e49d-4af2-aaaa-0b1a106594d2.example",
        "ana@contoso.example\nBcc: x@y.example",
        "ana@contoso.example\r\nX: y",
        "ana@contoso.example\0",
        "Ana <ana@contoso.example>",
        "ana@contoso.example, ben@contoso.example",
        "a" * 250 + "@contoso.example",
        f"{MARKUP}@contoso.example",
        "ana@con\u202etoso.example",
    ],
)
def test_diagnosis_of_a_malformed_address_is_the_form_with_a_sentence(client, calendar, email):
    page = ask(client, email=email)

    text = page.content.decode()
    assert (page.status_code, "ask" in forms(page), "start" in forms(page)) == (422, False, True)
    assert page.context["form"].errors.keys() == {"email"}
    assert MARKUP not in text
    assert WALL in text


@pytest.mark.parametrize("app", ["", "no-such-app", "acme-calendar\0", "'; --", "x" * 5000])
def test_diagnosis_of_an_unknown_app_is_the_form_with_a_sentence(client, calendar, app):
    page = ask(client, app=app)

    assert (page.status_code, forms(page)) == (422, ["start"])
    assert page.context["form"].errors.keys() == {"app"}


def test_diagnosis_of_an_unknown_choice_is_the_form_with_a_sentence(client, calendar):
    page = ask(client, seen="a_unicorn")

    assert (page.status_code, page.context["form"].errors.keys()) == (422, {"seen"})


@pytest.mark.parametrize(
    "pasted",
    ["", "\0" * 5000, "\x00\ufffd" * 50, "x" * 200_000, "%00%0d%0a" * 500, MARKUP, "\ud7ff" * 999],
    ids=["empty", "nul", "broken", "200kB", "escapes", "markup", "odd"],
)
def test_diagnosis_takes_whatever_was_pasted(client, calendar, contoso, pasted):
    page = ask(client, pasted=pasted)

    assert (page.status_code, MARKUP in page.content.decode()) == (200, False)
    assert page.context["told"]["cause"] == "unknown"


def test_diagnosis_finds_the_code_behind_much_text(client, calendar, contoso):
    page = ask(client, pasted=f"{'x ' * 90_000}\0 {WALL}")

    assert page.context["told"]["primary_code"] == "AADSTS90094"
    assert forms(page) == ["ask"]


def test_diagnosis_of_far_too_much_text_is_refused_in_words(client, calendar):
    page = ask(client, pasted="x" * 3_000_000)

    assert (page.status_code, "That is too much text" in page.content.decode()) == (413, True)


def test_diagnosis_of_a_personal_account_offers_no_approval(client, calendar):
    page = ask(client, email="ana@outlook.com", pasted="")

    assert (page.status_code, page.context["obstacle"], forms(page)) == (200, "personal", [])


def test_diagnosis_of_a_personal_account_before_a_wall_asks_for_the_work_address(client, calendar):
    page = ask(client, email="ana@outlook.com")

    assert (page.status_code, page.context["obstacle"]) == (200, "which_address")
    assert forms(page) == ["start"]


def test_diagnosis_of_a_domain_without_a_tenant(client, calendar, microsoft):
    page = ask(client, email="zoe@gmail-like.example", pasted="")
    walled = ask(client, email="zoe@gmail-like.example")

    assert (page.status_code, page.context["obstacle"], forms(page)) == (200, "no_tenant", [])
    assert (walled.context["obstacle"], forms(walled)) == ("which_address", ["start"])


def test_diagnosis_where_microsoft_cannot_be_asked_takes_the_ask(client, calendar, microsoft):
    microsoft.control({"faults": {"metadata": {"503": 1.0}}})

    page = ask(client, email="ana@relecloud.example")

    assert (page.status_code, forms(page)) == (200, ["ask"])


def test_diagnosis_where_the_user_may_accept_offers_no_approval(client, calendar, contoso):
    page = ask(client, pasted="", seen="accept_page")

    assert (page.status_code, forms(page)) == (200, [])


def without_csrf(response):
    """The page's bytes, save the token that differs at every answer."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", response.content)


def test_diagnosis_is_the_same_for_a_customers_and_a_strangers_organisation(
    client, calendar, microsoft
):
    as_stranger = ask(client)
    granted = ConsentRequestFactory(app=calendar, tenant=seeded_tenant("contoso"), granted=True)
    TicketFactory(request=granted, ready=True)
    GrantFactory(app=calendar, tenant=granted.tenant)

    as_customer = ask(client)

    assert without_csrf(as_customer) == without_csrf(as_stranger)
    assert as_customer.headers == as_stranger.headers
    assert Ticket.objects.count() == 1
