"""The worker's looks, against the simulated Microsoft."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from consent.models import Check, Watch
from consent.verification import checker
from consent.verification.claiming import look_without_lease
from consent.verification.looking import _failed
from tenants.microsoft.errors import graph_error
from tenants.microsoft.guids import is_guid
from tests.consent.rows_stage import fresh
from tests.consent.verification.look_stage import NOON
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    TicketFactory,
    WatchFactory,
    seeded_app,
    seeded_tenant,
)
from tests.tenants.microsoft.stage import grant

pytestmark = pytest.mark.django_db


def watch_of(tenant="contoso", app="acme-calendar", **fields):
    request = ConsentRequestFactory(asked=True, tenant=seeded_tenant(tenant), app=seeded_app(app))
    return WatchFactory(of=request, **fields)


def request_of(watch):
    return watch.tenant.requests.get(app=watch.app)


def found():
    return [(check.outcome, check.code) for check in Check.objects.order_by("pk")]


def look(watch):
    Watch.objects.filter(pk=watch.pk).update(next_check_at=timezone.now(), not_before=None)
    assert checker.look_at_due(only=watch.pk) == 1
    return fresh(watch)


def test_nothing_due_is_no_look():
    assert checker.look_at_due() == 0
    assert found() == []


def test_app_that_is_not_there_is_absent(microsoft):
    watch = look(watch_of())

    assert (found(), watch.lease_until) == ([("absent", "AADSTS7000229")], None)
    assert watch.next_check_at > timezone.now()
    check = Check.objects.get()
    assert (check.calls, check.milliseconds > 0) == (1, True)


def test_app_that_appears_is_news(microsoft):
    watch = watch_of()
    look(watch)
    microsoft.control(grant("contoso", "acme-calendar"))

    look(watch)

    request = request_of(watch)
    assert [outcome for outcome, _code in found()] == ["absent", "present"]
    assert (request.rung, request.looks_approved, request.missing) == ("installed", True, [])
    assert Check.objects.last().calls == 2


@pytest.mark.parametrize("app", ["acme-archive", "acme-suite"])
def test_grant_that_the_directory_shows_is_proved(microsoft, app):
    microsoft.control(grant("contoso", app))
    watch = watch_of(app=app)
    ticket = TicketFactory(request=request_of(watch), waiting=True)

    look(watch)

    request = request_of(watch)
    ticket.refresh_from_db()
    assert (request.state, request.rung, request.reach) == ("granted", "directory", "everyone")
    assert ticket.state == "ready"


def test_grant_without_a_part_names_what_is_missing(microsoft):
    microsoft.control(
        grant("contoso", "acme-suite", permissions=["Directory.Read.All", "User.Read"])
    )
    watch = look(watch_of(app="acme-suite"))

    request = request_of(watch)
    assert (request.state, request.missing) == (
        "asked",
        ["Calendars.ReadWrite", "Mail.ReadWrite"],
    )


def test_grant_where_assignment_is_required_reaches_those_assigned(microsoft):
    microsoft.control({"tenants": {"contoso.example": {"assignment_required": True}}})
    microsoft.control(grant("contoso", "acme-suite"))

    watch = look(watch_of(app="acme-suite"))

    assert (request_of(watch).state, request_of(watch).reach) == ("granted", "assigned")


def test_app_switched_off_is_disabled(microsoft):
    watch = look(watch_of("litware"))

    assert found() == [("disabled", "AADSTS7000112")]
    assert request_of(watch).disabled_at is not None


def test_throttled_worker_leaves_the_tenant_alone_as_long_as_it_was_told(microsoft):
    microsoft.control(grant("contoso", "acme-calendar"))
    microsoft.control({"faults": {"batch": {"429": 1, "retry_after": 117.5}}})
    before = timezone.now()

    watch = look(watch_of())

    told = before + timedelta(seconds=117.5)
    assert [outcome for outcome, _code in found()] == ["throttled"]
    assert told <= watch.not_before < told + timedelta(seconds=30)
    assert watch.next_check_at >= watch.not_before
    Watch.objects.update(next_check_at=timezone.now())
    assert checker.claim() == []


@pytest.mark.parametrize(("where", "told"), [("token", 42), ("batch", 17.5), ("graph", 8)])
def test_worker_leaves_a_tenant_alone_as_long_as_an_outage_says(microsoft, where, told):
    microsoft.control(grant("contoso", "acme-calendar"))
    microsoft.control({"faults": {where: {"503": 1, "retry_after": told}}})
    before = timezone.now()

    watch = look(watch_of())

    until = before + timedelta(seconds=told)
    assert [outcome for outcome, _code in found()] == ["unreachable"]
    assert until <= watch.not_before < until + timedelta(seconds=30)
    assert watch.next_check_at >= watch.not_before


@pytest.mark.parametrize(
    ("faults", "line"),
    [
        ({"batch": {"429": 1}}, "look failed, throttled: TooManyRequests"),
        ({"batch": {"503": 1}}, "look failed, unreachable: ServiceUnavailable"),
        ({"graph": {"half": 1}}, "look failed, unreachable: Transient"),
        ({"token": {"503": 1}}, "look failed, unreachable: AADSTS90033"),
        ({"graph": {"garbage": 1}}, "Microsoft answered with something new: UnknownAnswer"),
    ],
)
def test_look_that_failed_says_so_in_one_line(microsoft, caplog, faults, line):
    microsoft.control(grant("contoso", "acme-calendar"))
    microsoft.control({"faults": faults})
    watch = watch_of()

    with caplog.at_level(logging.INFO, "consent.verification"):
        look(watch)

    [told] = caplog.records
    answered = "batch" in faults or "garbage" in faults.get("graph", {})
    assert (told.message, is_guid(told.correlation_id or "")) == (line, answered)


def test_microsoft_out_of_order_is_unreachable_and_nothing_changes(microsoft):
    microsoft.control({"faults": {"token": {"503": 1}}})
    watch = look(watch_of())

    assert [outcome for outcome, _code in found()] == ["unreachable"]
    assert (request_of(watch).state, request_of(watch).absent_at) == ("asked", None)


@pytest.mark.parametrize("credential", ["none_such", "acme_archive"])
def test_own_credential_that_does_not_work_is_loud_and_nobodys_fault(microsoft, caplog, credential):
    microsoft.control(grant("contoso", "acme-calendar"))
    watch = watch_of()
    watch.app.credential = credential
    watch.app.save()

    with caplog.at_level(logging.ERROR, "consent.verification.checker"):
        look(watch)

    assert [outcome for outcome, _code in found()] == ["credential"]
    assert request_of(watch).absent_at is None
    assert ["our own credential does not work" in line for line in caplog.messages] == [True]


def test_tenant_that_microsoft_does_not_know_is_an_unknown_answer(microsoft):
    watch = WatchFactory(of__app=seeded_app("acme-calendar"))

    look(watch)

    assert found() == [("unknown", "AADSTS90002")]


def test_app_that_is_not_ours_asks_microsoft_nothing():
    watch = WatchFactory(of__app=AppRegistrationFactory(credential=""))

    assert checker.look_at_due() == 1

    assert (found(), fresh(watch).next_check_at, watch.lease_until) == ([], None, None)


def test_several_looks_are_concluded_each_for_itself(microsoft):
    microsoft.control(grant("contoso", "acme-calendar"))
    app = seeded_app("acme-calendar")
    for name in ("contoso", "fabrikam", "litware"):
        WatchFactory(of=ConsentRequestFactory(asked=True, tenant=seeded_tenant(name), app=app))

    assert checker.look_at_due() == 3

    assert {check.watch.tenant.domain: check.outcome for check in Check.objects.all()} == {
        "contoso.example": "present",
        "fabrikam.example": "absent",
        "litware.example": "disabled",
    }


def test_app_that_microsoft_itself_has_banned_is_disabled(microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    microsoft.control({"apps": {"acme-suite": {"disabled_by_microsoft": True}}})
    watch = watch_of(app="acme-suite")

    look(watch)

    assert found() == [("disabled", "disabledByMicrosoftStatus")]
    assert request_of(watch).state == "asked"


def test_round_ends_where_a_watch_cannot_even_be_given_back(microsoft, caplog, monkeypatch):
    broken = watch_of()
    monkeypatch.setattr(checker, "look", _raise(ValueError("poison")))
    monkeypatch.setattr(checker, "give_back", _raise(OperationalError("the database is away")))

    assert checker.look_at_due() == 1

    assert found() == []
    assert caplog.messages == [
        f"could not look at watch {broken.pk}",
        f"could not give watch {broken.pk} back",
    ]


def _raise(error):
    def _raising(*_arguments):
        raise error

    return _raising


def test_poisoned_row_stops_no_other_and_comes_again_in_an_hour(caplog):
    app = AppRegistrationFactory(credential="")
    poisoned, healthy = (
        WatchFactory(of=ConsentRequestFactory(asked=True, app=app)) for _ in range(2)
    )
    # Evidence that nobody can read.
    request = request_of(poisoned)
    request.evidence.create(
        kind="report",
        said="yes",
        at=timezone.now(),
        permission_version=1,
        permissions=["not a permission"],
    )

    assert checker.look_at_due() == 2

    assert fresh(poisoned).lease_until is None
    assert timedelta(minutes=59) < poisoned.next_check_at - timezone.now() <= timedelta(hours=1)
    assert (fresh(healthy).next_check_at, healthy.last_look_at is None) == (None, False)
    assert caplog.messages == [f"could not conclude watch {poisoned.pk}"]


def test_signal_during_a_look_brings_another_one():
    watch = WatchFactory(of__app=AppRegistrationFactory(credential=""))
    [claimed] = checker.claim()
    soon = timezone.now()
    Watch.objects.filter(pk=watch.pk).update(signals=7, next_check_at=soon)

    checker._conclude(claimed, checker.Finding(None, soon))

    assert (fresh(watch).next_check_at, watch.lease_until) == (soon, None)


@pytest.mark.parametrize("word", ["Authorization_IdentityNotFound", "A" * 64])
def test_word_of_graphs_is_kept_whole(word):
    refused = graph_error(401, word)
    watch = WatchFactory()

    checker._conclude(look_without_lease(watch), _failed(NOON, refused))

    assert Check.objects.get().code == word
