"""An app, an organisation and a blocked user."""

import pytest

from consent import tokens
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    seeded_app,
    seeded_tenant,
)


@pytest.fixture
def calendar(db):
    """The app that is asked for."""
    return seeded_app("acme-calendar")


@pytest.fixture
def contoso(db, microsoft):
    """The organisation. Microsoft is asked about it whether we know it or not."""
    return seeded_tenant("contoso")


@pytest.fixture
def asked(calendar, contoso):
    """The request of that organisation, with a link that an administrator was mailed."""
    request = ConsentRequestFactory(app=calendar, tenant=contoso, asked=True)
    ApprovalLinkFactory(request=request, recipient=ContactFactory(email="admin@contoso.example"))
    return request


@pytest.fixture
def ticket(asked):
    """Ana's ticket: confirmed, and waiting."""
    return TicketFactory(
        request=asked, waiting=True, contact=ContactFactory(email="ana@contoso.example")
    )


@pytest.fixture
def unconfirmed(calendar):
    """Ben's ticket, whose address nobody has confirmed."""
    return TicketFactory(
        app=calendar, unconfirmed=True, contact=ContactFactory(email="ben@contoso.example")
    )


@pytest.fixture
def path():
    """The path of a ticket's page, or of what is below it."""
    return lambda ticket, below="": f"/t/{tokens.ticket_token(ticket)}/{below}"
