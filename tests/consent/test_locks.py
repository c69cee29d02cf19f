"""One order of locks everywhere: tenant, request, watch, link, ticket. Who breaks it may wait for
somebody who waits for him.
"""

import re
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent import deadlines, links, requests, tickets
from consent.actors import Actor
from tests.factories import TicketFactory, UserFactory

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 1, 5, 12, tzinfo=UTC)
#: What holds a row: reading a request, where it is locked, and changing anything.
HELD = re.compile(r'^(?:SELECT .*? FROM "consent_(consentrequest)"|UPDATE "(?:consent_)?(\w+)")')


@pytest.mark.parametrize(
    "act",
    [
        lambda link, by: links.resend(link, by=by),
        lambda link, by: links.rotate(link, by=by),
        lambda link, by: links.revoke(link, by=by),
        lambda link, by: links.later(link, until=date(2099, 1, 1), note="After the audit."),
        lambda link, by: links.not_me(link),
        lambda link, by: links.decline(link, reason="need_documents", note=""),
        lambda link, by: links.name_outsider(link, email="it@partner.example"),
        lambda link, by: links.forward(
            link, to=TicketFactory().contact, tenant=link.request.tenant
        ),
        lambda link, by: tickets.tried(link.from_ticket, worked=False, pasted=""),
        lambda link, by: tickets.close(link.from_ticket, by=by),
        lambda link, by: requests.decline(link.request, by=by),
        lambda link, by: deadlines.close_links(),
    ],
)
def test_request_is_held_before_its_links_and_tickets_change(link, act):
    type(link).objects.filter(pk=link.pk).update(expires_at=LONG_AGO)
    by = Actor.agent(UserFactory())

    with CaptureQueriesContext(connection) as captured:
        act(link, by)

    held = [found for one in captured if (found := HELD.match(one["sql"]))]
    tables = [found[1] or found[2] for found in held]
    assert (tables[0], {"approvallink", "ticket"} & {*tables} != set()) == ("consentrequest", True)
