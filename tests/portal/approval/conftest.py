"""A request, the link that an administrator was mailed, and the person who asks."""

import pytest
from django.utils import timezone

from consent import presenting
from consent.attempts import digest
from consent.models import AppRegistration
from tests.factories import (
    ApprovalLinkFactory,
    ConsentAttemptFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    seeded_app,
    seeded_tenant,
)

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def asked(db):
    """Contoso is asked to approve the calendar."""
    return ConsentRequestFactory(
        app=seeded_app("acme-calendar"), tenant=seeded_tenant("contoso"), asked=True
    )


@pytest.fixture
def ticket(asked):
    """Ana's ticket, with words that she typed."""
    return TicketFactory(
        request=asked,
        waiting=True,
        contact=ContactFactory(email="ana@contoso.example"),
        name=f"Ana {MARKUP}",
        note=f"See https://evil.example/now or write x@evil.example {MARKUP}",
    )


@pytest.fixture
def link(asked, ticket):
    """The administrator's link."""
    return ApprovalLinkFactory(
        request=asked, recipient=ContactFactory(email="admin@contoso.example"), from_ticket=ticket
    )


@pytest.fixture
def path():
    """The path of a link's page, or of what is below it."""
    return lambda link, below="": presenting.approval_path(link) + below


@pytest.fixture
def away(client, link):
    """This browser went to Microsoft through that link and is not back, or came back so."""

    def left(outcome="away"):
        fields = {} if outcome == "away" else {"returned_at": timezone.now()}
        attempt = ConsentAttemptFactory(
            link=link, browser_hash=digest("secret"), outcome=outcome, **fields
        )
        client.cookies[f"portal_trip_{attempt.public_id}"] = "secret"
        return attempt

    return left


@pytest.fixture
def nobodys(link):
    """The app is somebody else's: we hold no credential for it."""
    AppRegistration.objects.update(credential="")
    return link
