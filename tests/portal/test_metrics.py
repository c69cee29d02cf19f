"""What Prometheus reads: exact numbers, for whom, at which price, and nobody's data."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent.verification import budget
from tenants.microsoft import tally
from tests.factories import (
    AppRegistrationFactory,
    CallCountFactory,
    CheckFactory,
    ConsentRequestFactory,
    OutboxMessageFactory,
    PulseFactory,
    TicketFactory,
    UnknownCodeFactory,
    WatchFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
EMPTY = {
    "portal_due_looks": 0.0,
    "portal_due_lag_seconds": 0.0,
    "portal_leased_looks": 0.0,
    "portal_throttled_tenants": 0.0,
    "portal_oldest_unsent_mail_seconds": 0.0,
    "portal_mails_left_recent": 0.0,
    "portal_unknown_codes": 0.0,
    "portal_unknown_codes_read": 0.0,
}


@pytest.fixture(autouse=True)
def no_calls_yet():
    tally.take()


def read(page):
    """The samples by name and labels, without what the scrape itself took."""
    assert page.status_code == 200
    lines = [line for line in page.content.decode().splitlines() if not line.startswith("#")]
    samples = {name: float(value) for name, _space, value in (x.rpartition(" ") for x in lines)}
    assert 0 < samples.pop("portal_scrape_seconds") < 5
    return samples


def test_metrics_of_an_empty_house(client):
    page = client.get("/metrics")

    assert read(page) == EMPTY
    assert page["Content-Type"].startswith("text/plain; version=")
    assert page["Cache-Control"] == "no-store"


@time_machine.travel(NOON, tick=False)
def test_metrics_tell_what_stands_in_the_rows(client):
    asked = ConsentRequestFactory(asked=True, rung="installed")
    watch = WatchFactory(of=asked, next_check_at=NOON - timedelta(minutes=3))
    WatchFactory(next_check_at=NOON - timedelta(minutes=9), lease_until=NOON + timedelta(seconds=9))
    WatchFactory(not_before=NOON + timedelta(minutes=1), of=ConsentRequestFactory(granted=True))
    # Of two requests of one tenant and app the later one stands; another app's is not theirs.
    ConsentRequestFactory(tenant=asked.tenant, withdrawn=True)
    again = ConsentRequestFactory(revoked=True)
    ConsentRequestFactory(tenant=again.tenant, app=again.app, claimed=True)
    idle = WatchFactory(of=again, next_check_at=None)
    CheckFactory(watch=idle, at=NOON - timedelta(minutes=1), outcome="present")
    alone = WatchFactory(next_check_at=None, tenant=asked.tenant)
    CheckFactory(watch=watch, at=NOON - timedelta(minutes=1), outcome="present")
    CheckFactory(watch=watch, at=NOON - timedelta(minutes=2), outcome="present")
    CheckFactory(watch=alone, at=NOON - timedelta(minutes=2), outcome="absent", code="AADSTS700016")
    CheckFactory(watch=watch, at=NOON - timedelta(minutes=11), outcome="throttled", code="429")
    PulseFactory(name="checks", at=NOON - timedelta(seconds=4))
    PulseFactory(name="another", at=NOON)
    ticket = TicketFactory(request=asked, waiting=True)
    with time_machine.travel(NOON - timedelta(minutes=5), tick=False):
        OutboxMessageFactory(ticket=ticket)
    OutboxMessageFactory(sent=True, ticket=ticket)
    OutboxMessageFactory(sent=True, ticket=ticket, sent_at=NOON - timedelta(minutes=11))
    OutboxMessageFactory(failed=True, ticket=ticket)
    CallCountFactory(endpoint="token", status="200", count=12)
    CallCountFactory(endpoint="graph", status="none", count=1)
    CallCountFactory(endpoint="token_refused", status="700016", count=3)
    UnknownCodeFactory(times=4)
    UnknownCodeFactory()

    assert read(client.get("/metrics")) == {
        'portal_pulse_age_seconds{part="checks"}': 4.0,
        "portal_due_looks": 1.0,
        "portal_due_lag_seconds": 180.0,
        "portal_leased_looks": 1.0,
        "portal_throttled_tenants": 1.0,
        "portal_oldest_unsent_mail_seconds": 300.0,
        'portal_looks_recent{outcome="absent",rung="none"}': 1.0,
        'portal_looks_recent{outcome="present",rung="claimed"}': 1.0,
        'portal_looks_recent{outcome="present",rung="installed"}': 2.0,
        'portal_looks_with_code_recent{code="AADSTS700016"}': 1.0,
        'portal_tokens_refused_total{code="700016"}': 3.0,
        'portal_calls_total{endpoint="graph",status="none"}': 1.0,
        'portal_calls_total{endpoint="token",status="200"}': 12.0,
        'portal_mails{state="failed"}': 1.0,
        'portal_mails{state="queued"}': 1.0,
        "portal_mails_left_recent": 1.0,
        'portal_requests{rung="claimed",state="claimed"}': 1.0,
        'portal_requests{rung="directory",state="granted"}': 1.0,
        'portal_requests{rung="directory",state="revoked"}': 1.0,
        'portal_requests{rung="none",state="withdrawn"}': 1.0,
        'portal_requests{rung="installed",state="asked"}': 1.0,
        'portal_requests{rung="none",state="asked"}': 2.0,
        'portal_tickets{opened_by="requester",state="waiting"}': 1.0,
        "portal_unknown_codes": 2.0,
        "portal_unknown_codes_read": 5.0,
    }


def test_metrics_hold_the_calls_of_the_process_that_answers(client):
    tally.count("metadata", 200)
    told = [read(client.get("/metrics")) for _time in range(2)]

    assert told == [{**EMPTY, 'portal_calls_total{endpoint="metadata",status="200"}': 1.0}] * 2


def test_metrics_tell_what_is_left_of_the_budget(client, redis_server, settings):
    settings.REDIS_URL, settings.LOOKS_A_SECOND = redis_server.url, 200
    budget.forget()
    AppRegistrationFactory(slug="acme-calendar")
    AppRegistrationFactory(credential="")

    told = read(client.get("/metrics"))

    budget.forget()
    sample = 'portal_looks_budget_left{app="acme-calendar",cloud="sandbox"}'
    assert told == {**EMPTY, sample: 200.0}


def test_metrics_cost_the_same_for_many_rows(client):
    counted = []
    for _round in range(2):
        for _more in range(3):
            OutboxMessageFactory()
            CheckFactory()
            WatchFactory(not_before=datetime(2100, 1, 1, tzinfo=UTC))
        with CaptureQueriesContext(connection) as captured:
            client.get("/metrics")
        counted.append(len(captured))

    assert counted[0] == counted[1]


@pytest.mark.parametrize(
    ("address", "headers", "is_behind_proxy", "status"),
    [
        ("127.0.0.1", {}, False, 200),
        ("::1", {}, False, 200),
        ("192.0.2.7", {}, False, 403),
        ("", {}, False, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, False, 403),
        ("127.0.0.1", {}, True, 403),
        ("127.0.0.1", {"Authorization": "Bearer a-token"}, True, 200),
        ("192.0.2.7", {"Authorization": "Bearer a-token"}, False, 200),
        ("192.0.2.7", {"Authorization": "Bearer another"}, False, 403),
        ("192.0.2.7", {"Authorization": "Bearer ä"}, False, 403),
        ("192.0.2.7", {"Authorization": "a-token"}, False, 403),
    ],
)
def test_metrics_are_for_this_machine_or_with_the_token(
    client, settings, address, headers, is_behind_proxy, status
):
    settings.METRICS_TOKEN = "a-token"
    settings.BEHIND_PROXY = is_behind_proxy

    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


def test_metrics_without_a_token_open_to_no_empty_one(client, settings):
    settings.METRICS_TOKEN = ""

    page = client.get("/metrics", headers={"Authorization": "Bearer "}, REMOTE_ADDR="192.0.2.7")

    assert (page.status_code, page["Content-Type"]) == (403, "text/plain")


def test_metrics_name_no_person_and_no_tenant(client):
    ticket = TicketFactory(request=ConsentRequestFactory(asked=True), waiting=True)
    OutboxMessageFactory(ticket=ticket, to=ticket.contact)
    WatchFactory(of=ticket.request, not_before=datetime(2100, 1, 1, tzinfo=UTC))

    text = client.get("/metrics").content.decode()

    hidden = [ticket.contact.email, ticket.tenant.tenant_id, ticket.number, "@"]
    assert [one for one in hidden if one in text] == []


def test_metrics_are_read_alone(client):
    assert client.post("/metrics").status_code == 405
