"""Returns that nobody knows, claims that are fresh, and the newest trip of a browser."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent import attempts
from consent.models import Event, Evidence, Watch
from tests.factories import (
    ApprovalLinkFactory,
    ConsentAttemptFactory,
    ConsentRequestFactory,
    WatchFactory,
    guid,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def link(db):
    return ApprovalLinkFactory()


def test_return_that_nobody_knows_brings_the_look_forward_once_a_minute(link):
    tenant_id = link.request.tenant.tenant_id
    watch = WatchFactory(of=link.request, next_check_at=NOON + timedelta(hours=1))
    WatchFactory()

    signals = []
    for seconds in (0, 59, 61):
        with time_machine.travel(NOON + timedelta(seconds=seconds), tick=False):
            attempts.follow_hint(tenant_id)
        watch.refresh_from_db()
        signals.append(watch.signals)

    assert signals == [1, 1, 2]
    assert watch.next_check_at == NOON
    assert (Evidence.objects.count(), Event.objects.count()) == (0, 0)


def told_the_worker(django_capture_on_commit_callbacks, tenant):
    """How many bells and queries a return costs that names that tenant and no state."""
    captured = CaptureQueriesContext(connection)
    with captured as queries, django_capture_on_commit_callbacks() as bells:
        attempts.hint({} if tenant is None else {"tenant": tenant})
    return len(bells), len(queries)


def test_return_that_nobody_knows_costs_the_same_whoever_the_tenant_is(
    link, django_capture_on_commit_callbacks
):
    WatchFactory(of=link.request)
    tenants = (link.request.tenant.tenant_id.upper(), guid("unknown"))

    told = [told_the_worker(django_capture_on_commit_callbacks, tenant) for tenant in tenants]

    assert told == [(1, 0), (1, 0)]


@pytest.mark.parametrize("tenant", [None, "", "contoso.example", "\0" * 36])
def test_return_that_names_no_tenant_brings_nothing(
    link, django_capture_on_commit_callbacks, tenant
):
    assert told_the_worker(django_capture_on_commit_callbacks, tenant) == (0, 0)


def test_worker_that_hears_of_a_tenant_that_nobody_knows_does_nothing(link):
    watch = WatchFactory(of=link.request)

    attempts.follow_hint(guid("unknown"))

    watch.refresh_from_db()
    assert watch.signals == 0


@pytest.mark.parametrize("state", ["triage", "granted", "expired"])
def test_return_that_nobody_knows_is_nothing_where_nobody_was_asked(state):
    request = ConsentRequestFactory(**({} if state == "triage" else {state: True}))
    WatchFactory(of=request)

    attempts.follow_hint(request.tenant.tenant_id)

    assert Watch.objects.get().signals == 0


def claimed(link, minutes_ago, browser="mine"):
    return ConsentAttemptFactory(
        link=link,
        claimed=True,
        returned_at=NOON - timedelta(minutes=minutes_ago),
        left_at=NOON - timedelta(minutes=minutes_ago + 1),
        browser_hash=attempts.digest(browser),
    )


def test_claim_is_fresh_for_a_quarter_of_an_hour_in_the_browser_that_made_it(link):
    foreign, old, mine = claimed(link, 1, "other"), claimed(link, 15), claimed(link, 14)
    secrets = {one.public_id: "mine" for one in (foreign, old, mine)}

    assert attempts.fresh_claim(link, secrets, NOON) == mine
    assert attempts.fresh_claim(link, {}, NOON) is None
    assert attempts.fresh_claim(link, secrets, NOON + timedelta(minutes=1)) is None


def test_newest_trip_is_this_browsers_whatever_came_of_it(link):
    older = claimed(link, 14)
    newest = ConsentAttemptFactory(link=link, left_at=NOON, browser_hash=attempts.digest("mine"))
    secrets = {older.public_id: "mine", newest.public_id: "mine"}

    assert attempts.latest(link, secrets) == newest
    assert attempts.latest(link, {older.public_id: "mine"}) == older
    assert attempts.latest(link, {}) is None
