import pytest

from consent.models import ApprovalLink, ConsentRequest, OutboxMessage, Ticket
from consent.placing import app_in_cloud, place
from tests.factories import (
    AppRegistrationFactory,
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    TenantDomainFactory,
    TenantFactory,
    TicketFactory,
    seeded_tenant,
)

pytestmark = pytest.mark.django_db


def ticket_of(email, administrator=None, **fields):
    return TicketFactory(
        contact=ContactFactory(email=email),
        administrator=ContactFactory(email=administrator) if administrator else None,
        **fields,
    )


def mailed():
    return list(ApprovalLink.objects.order_by("pk").values_list("recipient__email", flat=True))


@pytest.fixture
def contoso():
    return seeded_tenant("contoso")


def test_place_finds_the_tenant_joins_and_asks_the_administrator_named(microsoft):
    ticket = ticket_of("ana@contoso.example", "admin@contoso.example")

    assert place(ticket) is True

    request = ConsentRequest.objects.get()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.request, ticket.tenant) == ("waiting", request, request.tenant)
    assert (request.state, request.tenant.domain) == ("asked", "contoso.example")
    mail = OutboxMessage.objects.get()
    assert (mail.kind, mail.to, mail.ticket) == ("approval_request", ticket.administrator, ticket)


def test_place_twice_changes_nothing(microsoft):
    ticket = ticket_of("ana@contoso.example", "admin@contoso.example")
    stale = Ticket.objects.get(pk=ticket.pk)

    assert [place(ticket), place(ticket), place(stale)] == [True, True, True]

    assert (ConsentRequest.objects.count(), mailed()) == (1, ["admin@contoso.example"])


def test_place_without_an_administrator_waits_in_triage(contoso):
    ticket = ticket_of("ana@contoso.example")

    place(ticket)

    assert (ticket.state, ticket.request.state, mailed()) == ("open", "triage", [])


@pytest.mark.parametrize("elsewhere", ["admin@fabrikam.example", "admin@gmail.com"])
def test_place_with_an_administrator_of_another_tenant_or_none_mails_nobody(
    contoso, microsoft, elsewhere
):
    seeded_tenant("fabrikam")
    ticket = ticket_of("ana@contoso.example", elsewhere)

    place(ticket)

    assert (ticket.request.state, mailed(), OutboxMessage.objects.count()) == ("triage", [], 0)


@pytest.mark.parametrize("is_customer", [True, False])
def test_place_asks_about_an_administrator_elsewhere_whether_we_know_him_or_not(
    contoso, microsoft, is_customer
):
    if is_customer:
        seeded_tenant("fabrikam")

    place(ticket_of("ana@contoso.example", "admin@fabrikam.example"))

    assert microsoft.state()["calls"] == {"fabrikam.example": {"metadata": 1}}


def test_place_accepts_an_administrator_in_another_domain_of_the_same_tenant(contoso):
    TenantDomainFactory(tenant=contoso, name="contoso.co.example")

    place(ticket_of("ana@contoso.example", "it@contoso.co.example"))

    assert mailed() == ["it@contoso.co.example"]


def test_place_of_a_second_requester_asks_the_other_administrator_too(contoso):
    first = ticket_of("ana@contoso.example", "admin@contoso.example")
    place(first)
    place(ticket_of("ben@contoso.example", "cloudadmin@contoso.example", app=first.app))

    assert mailed() == ["admin@contoso.example", "cloudadmin@contoso.example"]
    assert ConsentRequest.objects.count() == 1


def test_place_where_three_have_a_link_joins_and_mails_nobody_more(contoso):
    request = ConsentRequestFactory(asked=True, tenant=contoso)
    ApprovalLinkFactory.create_batch(3, request=request)
    ticket = ticket_of("ana@contoso.example", "admin@contoso.example", app=request.app)

    assert place(ticket) is True

    assert (ticket.state, ticket.request) == ("waiting", request)
    assert OutboxMessage.objects.count() == 0


@pytest.mark.parametrize("state", ["granted", "declined"])
def test_place_where_it_was_decided_mails_no_administrator(contoso, state):
    request = ConsentRequestFactory(**{state: True}, tenant=contoso)
    ticket = ticket_of("ana@contoso.example", "admin@contoso.example", app=request.app)

    place(ticket)

    assert (ticket.request, mailed()) == (request, [])


def test_place_without_a_tenant_is_left_to_an_agent():
    ticket = ticket_of("ana@gmail.com", "admin@gmail.com")

    assert place(ticket) is True

    assert (ticket.state, ticket.tenant, ticket.request) == ("open", None, None)
    assert ticket.placed_at is not None


def test_place_in_the_tenant_that_an_agent_set_asks_microsoft_nothing():
    tenant = TenantFactory()
    ticket = ticket_of("ana@gmail.com", tenant=tenant)

    place(ticket)

    assert ticket.request.tenant == tenant


def test_place_in_another_cloud_takes_the_products_registration_there():
    tenant = TenantFactory(cloud="us_l4")
    app = AppRegistrationFactory(slug="acme-calendar")
    there = AppRegistrationFactory(slug="acme-calendar", cloud="us_l4")
    ticket = ticket_of("ana@woodgrove.example", tenant=tenant, app=app)

    place(ticket)

    assert (ticket.app, ticket.request.app) == (there, there)


def test_place_in_a_cloud_where_the_vendor_has_no_app_is_left_to_an_agent():
    tenant = TenantFactory(cloud="us_l4")
    ticket = ticket_of("ana@woodgrove.example", tenant=tenant)
    app = ticket.app

    assert place(ticket) is True

    assert (ticket.tenant, ticket.app, ticket.request) == (tenant, app, None)


def test_place_comes_again_when_microsoft_could_not_be_asked(microsoft):
    microsoft.control({"faults": {"metadata": {"503": 1}}})
    ticket = ticket_of("ana@contoso.example")

    assert place(ticket) is False
    assert ticket.placed_at is None

    microsoft.control({"reset": True})
    assert place(ticket) is True
    assert ticket.tenant.domain == "contoso.example"


def test_place_leaves_the_unconfirmed_and_the_monitors_alone():
    unconfirmed = ticket_of("ana@contoso.example", unconfirmed=True)
    monitors = TicketFactory(contact=None, opened_by="monitor")

    assert [place(unconfirmed), place(monitors)] == [True, True]
    assert (unconfirmed.placed_at, monitors.placed_at) == (None, None)


def test_app_in_its_own_cloud_is_itself():
    app = AppRegistrationFactory()

    assert app_in_cloud(app, app.cloud) == app
