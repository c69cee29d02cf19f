"""An agent at the desk, and a ticket before him."""

import pytest

from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    UserFactory,
    seeded_app,
    seeded_tenant,
)


@pytest.fixture
def agent(db):
    """The agent who is signed in."""
    return UserFactory(email="agent@acme.example", name="Andy")


@pytest.fixture
def desk(client, agent):
    """His browser."""
    client.force_login(agent, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def asked(db):
    """Contoso is asked to approve the calendar."""
    return ConsentRequestFactory(
        app=seeded_app("acme-calendar"), tenant=seeded_tenant("contoso"), asked=True
    )


@pytest.fixture
def link(asked):
    """The administrator's link."""
    return ApprovalLinkFactory(
        request=asked, recipient=ContactFactory(email="admin@contoso.example")
    )


@pytest.fixture
def ticket(asked, link):
    """Ana's ticket: confirmed, and waiting."""
    return TicketFactory(
        request=asked, waiting=True, contact=ContactFactory(email="ana@contoso.example")
    )


@pytest.fixture
def act(desk):
    """Do that to a ticket; gives the answer."""

    def go(ticket, action, **fields):
        return desk.post(f"/desk/tickets/{ticket.number}/{action}/", fields)

    return go


@pytest.fixture
def act_on_link(desk):
    """Do that to a link, from a ticket's page; gives the answer."""

    def go(link, action, ticket, **fields):
        return desk.post(f"/desk/links/{link.pk}/{action}/", {"ticket": ticket.number, **fields})

    return go
