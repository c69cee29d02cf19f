"""Looks that find nothing new, against the simulated Microsoft: what they cost, and what makes the
worker ask again.
"""

import asyncio
import logging
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from consent import watching
from consent.models import Check, Event, Grant, Watch
from consent.verification import checker
from consent.verification.claiming import LEASE, claim, look_without_lease
from consent.verification.looking import look as look_once
from portal.sandbox.fresh import _patch
from tenants.microsoft import graph
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    TicketFactory,
    WatchFactory,
    seeded_app,
    seeded_tenant,
)
from tests.races import meanwhile
from tests.tenants.microsoft.stage import grant

pytestmark = pytest.mark.django_db


def watch_of(tenant="contoso", app="acme-calendar", **fields):
    app = fields.pop("registration", None) or seeded_app(app)
    request = ConsentRequestFactory(asked=True, tenant=seeded_tenant(tenant), app=app)
    return WatchFactory(of=request, **fields)


def look(watch, times=1):
    """That many looks; what the last one cost in calls."""
    for _ in range(times):
        Watch.objects.filter(pk=watch.pk).update(next_check_at=timezone.now(), not_before=None)
        assert checker.look_at_due(only=watch.pk) == 1
    watch.refresh_from_db()
    return Check.objects.filter(watch=watch).latest("pk").calls


def request_of(watch):
    return watch.tenant.requests.get(app=watch.app)


def outcomes():
    return [check.outcome for check in Check.objects.order_by("pk")]


@pytest.fixture
def settled(microsoft):
    """A granted tenant whose looks have nothing to tell any more, and whose token is kept."""
    microsoft.control(grant("contoso", "acme-suite"))
    watch = watch_of(app="acme-suite")
    look(watch, times=3)
    assert (request_of(watch).state, watch.settled != "") == ("granted", True)
    return watch


def test_look_costs_two_calls_and_one_where_nothing_is_new(settled):
    assert [check.calls for check in Check.objects.order_by("pk")] == [2, 2, 1]


def test_tenant_that_has_not_approved_costs_one_call(microsoft):
    watch = watch_of()

    assert [look(watch) for _ in range(4)] == [1, 1, 1, 1]
    assert watch.settled != ""


def test_look_that_finds_nothing_new_is_written_down_all_the_same(settled):
    before = timezone.now()
    Grant.objects.update(observed_at=before - LEASE, last_seen_at=before - LEASE)

    look(settled)

    assert settled.last_look_at >= before
    assert settled.next_check_at - settled.last_look_at > timedelta(hours=20)
    assert settled.lease_until is None
    assert outcomes() == ["present"] * 4
    assert {row.last_seen_at >= before for row in Grant.objects.all()} == {True}


def test_grant_taken_away_is_seen_with_a_fresh_token(microsoft, settled):
    microsoft.control({"revoke": [{"tenant": "contoso.example", "app": "acme-suite"}]})
    # The kept token still reads the directory, and still carries the role that is gone.
    assert look(settled) == 3

    assert (settled.negatives, settled.settled) == (1, "")
    assert look(settled) == 2


def test_kept_token_that_lacks_a_role_is_not_asked_with(microsoft):
    microsoft.control(grant("contoso", "acme-suite", permissions=["User.Read"]))
    watch = watch_of(app="acme-suite")
    look(watch, times=3)
    assert (request_of(watch).state, look(watch)) == ("asked", 2)

    microsoft.control(grant("contoso", "acme-suite"))

    look(watch)
    assert request_of(watch).state == "granted"


def test_reset_makes_kept_tokens_worthless(microsoft, settled):
    _patch({"reset": True})
    assert look(settled) == 2
    assert outcomes()[-1] == "absent"

    microsoft.control(grant("contoso", "acme-suite"))

    assert (look(settled), outcomes()[-1]) == (2, "present")


def test_token_that_graph_refuses_is_replaced_once(microsoft, settled):
    microsoft.control({"reset": True})
    microsoft.control(grant("contoso", "acme-suite"))

    assert (look(settled), look(settled)) == (3, 1)


@pytest.mark.parametrize(
    ("fault", "outcome"), [({"429": 1}, "throttled"), ({"503": 1}, "unreachable")]
)
def test_microsoft_that_cannot_be_asked_is_not_asked_twice(microsoft, settled, fault, outcome):
    microsoft.control({"faults": {"graph": fault}})

    assert (look(settled), outcomes()[-1], settled.settled) == (1, outcome, "")
    assert request_of(settled).state == "granted"


def test_bell_since_the_last_look_wants_a_fresh_token(settled):
    watching.learnt(request_of(settled))

    assert (look(settled), look(settled)) == (2, 1)


def test_newcomer_without_a_bell_is_told_after_a_fresh_look(settled):
    ticket = TicketFactory(request=request_of(settled), waiting=True)

    look(settled)  # differs from what was known, with a kept token: looked at again at once
    assert settled.next_check_at <= timezone.now()
    assert outcomes() == ["present"] * 3
    assert look(settled) == 2

    ticket.refresh_from_db()
    assert ticket.state == "ready"


def test_bell_during_a_look_is_heard(settled):
    Watch.objects.filter(pk=settled.pk).update(next_check_at=timezone.now())
    [claimed] = claim()
    finding = asyncio.run(looked(claimed))
    watching.learnt(request_of(settled))

    checker.write_down([(claimed, finding)])

    settled.refresh_from_db()
    assert (settled.next_check_at <= timezone.now(), settled.lease_until) == (True, None)
    assert outcomes() == ["present"] * 3


async def looked(claimed):
    async with graph.new_session() as session:
        return await look_once(session, claimed)


def test_lease_that_went_to_another_worker_is_left_to_him(settled):
    Watch.objects.filter(pk=settled.pk).update(next_check_at=timezone.now())
    [claimed] = claim()
    finding = asyncio.run(looked(claimed))
    later = timezone.now() + 2 * LEASE
    Watch.objects.filter(pk=settled.pk).update(lease_until=later)

    checker.write_down([(claimed, finding)])

    settled.refresh_from_db()
    assert settled.lease_until == later


def test_several_quiet_looks_are_written_down_together(microsoft):
    app = seeded_app("acme-calendar")
    watches = [
        watch_of(name, registration=app) for name in ("contoso", "fabrikam", "northwind", "adatum")
    ]
    for watch in watches:
        look(watch, times=2)
    Watch.objects.update(next_check_at=timezone.now())
    microsoft.control(grant("fabrikam", "acme-calendar"))

    assert checker.look_at_due() == 4

    assert sorted(outcomes()[-4:]) == ["absent", "absent", "absent", "present"]
    assert [event.kind for event in Event.objects.all()] == ["request_installed"]
    assert not Watch.objects.exclude(lease_until=None).exists()


@pytest.mark.parametrize("error", [OperationalError, IntegrityError, ValueError])
def test_looks_that_cannot_be_written_together_are_concluded_one_by_one(microsoft, caplog, error):
    watch = watch_of()
    look(watch, times=2)

    def refuse():
        raise error("a deadlock, or one poisoned row among many")

    with meanwhile(refuse, before='INSERT INTO "consent_check"'):
        look(watch)

    assert outcomes() == ["absent"] * 3
    assert caplog.messages == [f"looks are concluded one by one: {error.__name__}"]


def test_app_of_a_cloud_that_is_none_stops_no_other(microsoft, caplog):
    poisoned = watch_of(registration=AppRegistrationFactory(cloud="nowhere"))
    healthy = watch_of("fabrikam")

    with caplog.at_level(logging.ERROR):
        assert checker.look_at_due() == 2

    for watch in (poisoned, healthy):
        watch.refresh_from_db()
    assert timedelta(minutes=59) < poisoned.next_check_at - timezone.now() <= timedelta(hours=1)
    assert (outcomes(), poisoned.lease_until, healthy.lease_until) == (["absent"], None, None)
    assert caplog.messages == [f"could not look at watch {poisoned.pk}"]


def test_errand_made_by_hand_leans_on_nothing(settled):
    assert look_without_lease(settled).settled == ""
