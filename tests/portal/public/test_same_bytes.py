"""Public pages tell nobody who is a customer: the same bytes for a customer's organisation, with
tickets and a grant, and for a stranger's.
"""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consent.models import Event
from tenants.models import Tenant, TenantDomain
from tests.factories import (
    ApprovalLinkFactory,
    CheckFactory,
    ConsentRequestFactory,
    ContactFactory,
    EvidenceFactory,
    GrantFactory,
    TicketFactory,
    WatchFactory,
    seeded_tenant,
)

pytestmark = pytest.mark.usefixtures("microsoft")

CUSTOMER, STRANGER = "contoso.example", "fabrikam.example"
PASTES = {
    "wall": "AADSTS90094: Need admin approval",
    "assignment": "AADSTS50105: not assigned",
    "still blocked": "our admin approved it and it still says need admin approval",
    "loop": "https://login.microsoftonline.com/common/oauth2/authorize?prompt=consent",
    "unknown code": "AADSTS999001: something new",
    "nothing": "",
    "secret": "password: Winter2024! AADSTS90094",
}
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
DIGITS = re.compile(rb"\b\d{3}\b")


@pytest.fixture
def customer(calendar):
    """An organisation of which everything is known: granted, switched off, looked at, with people
    who wait, and who are ready.
    """
    tenant = seeded_tenant("contoso")
    granted = ConsentRequestFactory(
        app=calendar, tenant=tenant, granted=True, reach="assigned", disabled_at="2026-01-01T00:00Z"
    )
    for address in ("ana", "ben"):
        contact = ContactFactory(email=f"{address}@{CUSTOMER}")
        TicketFactory(request=granted, contact=contact, ready=True)
    ApprovalLinkFactory(request=granted, recipient=ContactFactory(email=f"admin@{CUSTOMER}"))
    GrantFactory(tenant=tenant, app=calendar)
    EvidenceFactory(request=granted, coverage=True)
    CheckFactory(watch=WatchFactory(of=granted), outcome="disabled")
    return tenant


@pytest.fixture
def stranger(db):
    """One that exists at Microsoft, and in none of our rows."""
    assert not TenantDomain.objects.filter(name=STRANGER).exists()


def bare(answer, domain):
    """The answer without what differs for everybody: the token against forgery, the typed domain,
    the six digits.
    """
    body = TOKEN.sub(b"", answer.content).replace(domain.encode(), b"DOMAIN")
    body = re.sub(rb'<[^>]*class="[^"]*code-digits.*?</', lambda m: DIGITS.sub(b"", m[0]), body)
    headers = {name: value for name, value in answer.items() if name != "Content-Length"}
    return answer.status_code, headers, body


def both(visit):
    """What a visitor from each of the two gets, in a browser of its own."""
    return [bare(visit(Client(), domain), domain) for domain in (CUSTOMER, STRANGER)]


def test_first_page_is_the_same(customer, stranger):
    for_customer, for_stranger = both(
        lambda browser, domain: browser.get("/", {"email": f"ana@{domain}", "error": "AADSTS90094"})
    )

    assert for_customer == for_stranger


@pytest.mark.parametrize("seen", ["", "need_admin", "accept_page", "error"])
@pytest.mark.parametrize("pasted", PASTES.values(), ids=PASTES)
def test_diagnosis_is_the_same(customer, stranger, pasted, seen):
    fields = {"app": "acme-calendar", "pasted": pasted, "seen": seen}
    for_customer, for_stranger = both(
        lambda browser, domain: browser.post("/start/", {**fields, "email": f"ana@{domain}"})
    )

    assert for_customer == for_stranger
    assert for_customer[0] == 200


def test_diagnosis_asks_microsoft_as_often_and_learns_nothing(customer, stranger, microsoft):
    def asked_for(domain):
        fields = {"app": "acme-calendar", "pasted": "AADSTS90094", "email": f"ana@{domain}"}
        with CaptureQueriesContext(connection) as queries:
            Client(REMOTE_ADDR=f"198.51.100.{len(domain)}").post("/start/", fields)
        return microsoft.state()["calls"], len(queries)

    for_customer = asked_for(CUSTOMER)
    microsoft.control({"reset": True})
    for_stranger = asked_for(STRANGER)

    assert [for_customer[0], for_stranger[0]] == [
        {CUSTOMER: {"metadata": 1}},
        {STRANGER: {"metadata": 1}},
    ]
    assert for_customer[1] == for_stranger[1]
    assert [tenant.pk for tenant in Tenant.objects.order_by("pk")] == [customer.pk]


def test_diagnosis_with_a_bad_form_is_the_same(customer, stranger):
    fields = {"app": "no such app", "pasted": "AADSTS90094"}
    for_customer, for_stranger = both(
        lambda browser, domain: browser.post("/start/", {**fields, "email": f"ana@{domain}"})
    )

    assert for_customer == for_stranger
    assert for_customer[0] == 422


def test_answer_to_an_ask_is_the_same(customer, stranger):
    def ask(browser, domain):
        fields = {"email": f"ana@{domain}", "app": "acme-calendar", "pasted": "AADSTS90094"}
        return browser.post("/ask/", {**fields, "admin_email": f"admin@{domain}"})

    (status, headers, body), (*others,) = both(ask)

    assert (status, body, headers) == (others[0], others[2], others[1])
    assert (status, headers["Location"]) == (303, "/ask/sent/")


def test_page_after_an_ask_is_the_same(customer, stranger):
    def ask(browser, domain):
        fields = {"email": f"ana@{domain}", "app": "acme-calendar", "pasted": "password: Winter24!"}
        browser.post("/ask/", fields)
        return browser.get("/ask/sent/")

    for_customer, for_stranger = both(ask)

    assert for_customer == for_stranger
    assert b"Look into your mailbox" in for_customer[2]
    assert Event.objects.filter(kind="ticket_opened").count() == 2
