"""What a look could read, as facts and as rows."""

from datetime import timedelta

import pytest

from consent.models import Grant
from consent.verification.findings import Finding
from consent.verification.observing import observe
from tenants.microsoft.permissions import EXCHANGE_ONLINE, Kind, Permission
from tests.consent.verification.look_stage import NOON, finding, grant
from tests.factories import WatchFactory, guid, permissions

ANA, BEN = guid("ana"), guid("ben")


def found(*args, minutes=0, **more):
    return Finding(at=NOON + timedelta(minutes=minutes), **finding(*args, **more))


@pytest.mark.parametrize(
    ("outcome", "telling", "present"),
    [
        ("present", True, True),
        ("absent", True, False),
        ("disabled", True, False),
        ("credential", False, False),
        ("throttled", False, False),
        ("unreachable", False, False),
        ("unknown", False, False),
        (None, False, False),
    ],
)
def test_finding_says_something_about_the_tenant_or_not(outcome, telling, present):
    one = found(outcome)

    assert (one.is_telling, one.present) == (telling, present)


def test_finding_tells_what_is_granted_to_everyone_and_what_to_persons():
    imap = Permission(EXCHANGE_ONLINE, Kind.DELEGATED, "IMAP.AccessAsUser.All")
    one = Finding(
        "present",
        NOON,
        grants=(
            grant("User.Read", "Mail.Read"),
            grant("IMAP.AccessAsUser.All", resource=EXCHANGE_ONLINE),
            grant("Files.Read", resource=None),
            grant("Mail.Read", person=ANA),
            grant("Mail.Send", person=ANA),
            grant("User.Read", person=BEN),
        ),
    )

    assert one.for_everyone == permissions("User.Read", "Mail.Read") | {imap}
    assert one.of_persons == {
        ANA: permissions("Mail.Read", "Mail.Send"),
        BEN: permissions("User.Read"),
    }


def test_finding_that_could_not_read_the_grants_knows_of_none():
    one = found("present")

    assert (one.for_everyone, one.of_persons) == (None, {})


def test_finding_without_the_app_knows_that_nothing_is_granted_only_where_it_could_read():
    assert found("absent").for_everyone is None
    assert found("absent", everyone=["User.Read"]).for_everyone == frozenset()


def rows():
    return [
        (grant.kind, grant.value, grant.person, grant.gone_at is None)
        for grant in Grant.objects.order_by("pk")
    ]


@pytest.mark.django_db
def test_grants_seen_are_written_down_once():
    watch = WatchFactory()
    look = {"everyone": ["User.Read"], "application": ["Mail.Read"]}
    person = grant("Mail.Read", person=ANA)

    assert observe(watch, found(**look, persons=[person])) is True
    assert observe(watch, found(**look, persons=[person], minutes=5)) is False

    assert rows() == [
        ("application", "Mail.Read", "", True),
        ("delegated", "User.Read", "", True),
        ("delegated", "Mail.Read", ANA, True),
    ]
    assert {(row.observed_at, row.last_seen_at) for row in Grant.objects.all()} == {
        (NOON, NOON + timedelta(minutes=5))
    }


@pytest.mark.django_db
def test_grants_are_the_same_whatever_their_case():
    watch = WatchFactory()
    observe(watch, found(everyone=["Mail.Read"]))

    assert observe(watch, found(everyone=["mail.read", "MAIL.READ"])) is False
    assert len(rows()) == 1


@pytest.mark.django_db
def test_grant_that_is_gone_stays_written_and_may_come_again():
    watch = WatchFactory()
    observe(watch, found(everyone=["Mail.Read", "User.Read"]))

    assert observe(watch, found(everyone=["User.Read"], minutes=1)) is True
    assert observe(watch, found(everyone=["Mail.Read", "User.Read"], minutes=2)) is True

    assert rows() == [
        ("delegated", "Mail.Read", "", False),
        ("delegated", "User.Read", "", True),
        ("delegated", "Mail.Read", "", True),
    ]
    assert Grant.objects.first().gone_at == NOON + timedelta(minutes=1)


@pytest.mark.django_db
def test_grants_that_could_not_be_read_stay_as_known():
    watch = WatchFactory()
    observe(watch, found(everyone=["User.Read"], application=["Mail.Read"]))

    assert observe(watch, found("present")) is False
    assert observe(watch, found("present", application=[])) is True

    assert rows() == [
        ("application", "Mail.Read", "", False),
        ("delegated", "User.Read", "", True),
    ]


@pytest.mark.django_db
def test_grants_of_other_tenants_are_left_alone():
    observe(WatchFactory(), found(everyone=["Mail.Read"]))

    assert observe(WatchFactory(), found(everyone=[])) is False
    assert rows() == [("delegated", "Mail.Read", "", True)]
