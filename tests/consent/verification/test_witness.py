"""A role that nobody grants without all the rest, against the simulated Microsoft: the worker
proves delegated permissions by itself, without sight of the directory.
"""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from consent import alarms
from consent.checking import tenant as checking
from consent.models import Alarm, Check, Ticket, Watch
from consent.verification import checker
from tests.consent.witness_stage import WITNESS, app_with_witness
from tests.factories import ConsentRequestFactory, TicketFactory, WatchFactory, seeded_tenant
from tests.tenants.microsoft.stage import grant

pytestmark = pytest.mark.django_db
PROOF = ("state", "rung", "reach", "missing", "looks_approved")
REVOKE = {"revoke": [{"tenant": "contoso.example", "app": "acme-calendar"}]}


@pytest.fixture
def app(microsoft):
    return app_with_witness(microsoft)


@pytest.fixture
def watch(app):
    request = ConsentRequestFactory(asked=True, tenant=seeded_tenant("contoso"), app=app)
    return WatchFactory(of=request)


def look(watch, *, minutes=0):
    """A look, so many minutes from now; what the request says afterwards."""
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        Watch.objects.filter(pk=watch.pk).update(next_check_at=timezone.now(), not_before=None)
        assert checker.look_at_due(only=watch.pk) == 1
    request = watch.app.requests.get()
    return tuple(getattr(request, name) for name in PROOF)


def names(app):
    return [one.name for one in app.permissions() if one.name != WITNESS]


def test_approval_that_nobody_announced_is_proved_by_the_worker_alone(microsoft, watch):
    ticket = TicketFactory(request=watch.app.requests.get(), waiting=True)
    assert look(watch)[:2] == ("asked", "none")
    microsoft.control(grant("contoso", "acme-calendar"))

    assert look(watch) == ("granted", "witness", "everyone", [], False)

    ticket.refresh_from_db()
    assert ticket.state == "ready"
    look(watch)
    look(watch)
    assert list(Check.objects.order_by("pk").values_list("calls", flat=True)) == [1, 3, 3, 1]


@pytest.mark.parametrize("address", ["ana@contoso.example", "admin@contoso.example"])
def test_somebodys_own_consent_brings_no_witness_and_invites_nobody(microsoft, watch, address):
    look(watch)
    microsoft.control(grant("contoso", "acme-calendar", **{"for": address}))

    assert look(watch) == ("asked", "installed", "", [], False)


def test_block_in_microsofts_queue_brings_no_witness(microsoft, watch):
    look(watch)
    microsoft.control({"tenants": {"contoso.example": {"blocked": ["acme-calendar"]}}})

    assert look(watch) == ("asked", "none", "", [], False)


def test_permissions_without_their_witness_are_not_proved_by_it(microsoft, app, watch):
    microsoft.control(grant("contoso", "acme-calendar", permissions=names(app)))

    assert look(watch) == ("asked", "none", "", [], False)


def test_witness_that_is_gone_three_times_over_is_an_approval_withdrawn(microsoft, app, watch):
    microsoft.control(grant("contoso", "acme-calendar"))
    look(watch)
    microsoft.control(REVOKE)
    # Kept tokens tell nothing new for as long as they live.
    microsoft.control({"tenants": {"contoso.example": {"assignment_required": True}}})

    found = [look(watch, minutes=minutes)[:2] for minutes in (100, 109, 116)]

    assert found == [("granted", "witness"), ("granted", "witness"), ("revoked", "none")]
    missing = sorted(one.name for one in app.needed())
    assert watch.app.requests.get().missing == missing
    assert Ticket.objects.get(opened_by="monitor").change == "revoked"


def test_grant_proved_otherwise_does_not_end_for_want_of_a_witness(microsoft, app):
    request = ConsentRequestFactory(
        granted=True, rung="in_use", tenant=seeded_tenant("contoso"), app=app
    )
    watch = WatchFactory(of=request)
    microsoft.control(grant("contoso", "acme-calendar", permissions=names(app)))

    found = [look(watch, minutes=minutes)[:2] for minutes in (0, 9, 16, 30)]

    assert found == [("granted", "in_use")] * 4


def test_app_that_serves_only_who_is_assigned_has_no_witness_yet(microsoft, watch):
    look(watch)
    microsoft.control({"tenants": {"contoso.example": {"assignment_required": True}}})
    microsoft.control(grant("contoso", "acme-calendar", **{"for": "ana@contoso.example"}))

    assert look(watch) == ("asked", "installed", "", [], False)


def test_witness_proves_nothing_while_entra_asks_for_another_set(microsoft, app, watch):
    look(watch)
    alarms.sound(Alarm.Kind.DRIFT, app=app)
    microsoft.control(grant("contoso", "acme-calendar"))

    assert look(watch) == ("asked", "installed", "", [], True)


def test_witness_that_our_own_tenant_does_not_hold_is_no_witness(microsoft, app, watch):
    microsoft.control({"revoke": [{"tenant": "acme.example", "app": "acme-calendar"}]})
    look(watch)
    microsoft.control(grant("contoso", "acme-calendar", **{"for": "ana@contoso.example"}))

    assert look(watch) == ("asked", "installed", "", [], True)


def test_check_tenant_tells_of_the_witness(microsoft, app):
    microsoft.control(grant("contoso", "acme-calendar"))

    answer = checking.look("contoso.example", slug="acme-calendar").as_dict()

    told = {name: answer[name] for name in ("rung", "missing", "reach", "flags")}
    assert told == {
        "rung": "witness",
        "missing": [],
        "reach": "everyone",
        "flags": ["delegated_not_readable"],
    }
    assert {WITNESS, "Calendars.ReadWrite"} <= set(answer["granted"])
