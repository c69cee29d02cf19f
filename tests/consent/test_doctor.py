"""Approved, still asked: every reason found and ruled out, by what we know of the tenant."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent.diagnosis import Actor
from consent.doctor import Examination, Finding, Reason, Source, examine
from tests.consent.doctors_visit import (
    FOUND,
    LONG_AGO,
    NOW,
    OPEN,
    OUT,
    grants,
    looked,
    of,
)
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    guid,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(db):
    """Somebody in an organisation whose grant is three days old and for everyone."""
    return TicketFactory(
        request=ConsentRequestFactory(granted=True, granted_at=LONG_AGO),
        ready=True,
        contact=ContactFactory(email="ana@contoso.example"),
    )


def test_examination_of_a_perfect_grant_finds_nothing(ticket):
    looked(ticket, "present")
    examination = examine(ticket, at=NOW)

    assert examination.likeliest is None
    assert examination.found == ()
    others = examination.ruled_out + examination.not_known
    assert {each.reason: each.standing for each in others} == {
        Reason.SWITCHED_OFF: OUT,
        Reason.NOT_GRANTED: OUT,
        Reason.OLDER_VERSION: OUT,
        Reason.ASSIGNMENT: OUT,
        Reason.MISSING: OUT,
        Reason.OTHER_APP: OPEN,
        Reason.OTHER_TENANT: OPEN,
        Reason.OTHER_ACCOUNT: OPEN,
        Reason.SPREADING: OUT,
        Reason.FORCED_CONSENT: OUT,
        Reason.SIGN_IN_RULE: OPEN,
    }
    assert examination.looked_at == LONG_AGO


def test_examination_walks_in_the_order_of_likelihood(ticket):
    assert [each.reason for each in examine(ticket, at=NOW).findings] == list(Reason)


def test_examination_takes_the_first_that_was_found_for_the_likeliest():
    request = ConsentRequestFactory(asked=True, disabled_at=LONG_AGO)
    examination = examine(TicketFactory(request=request), at=NOW)

    assert [each.reason for each in examination.found] == [
        Reason.SWITCHED_OFF,
        Reason.NOT_GRANTED,
    ]
    assert examination.likeliest == Finding(
        Reason.SWITCHED_OFF,
        FOUND,
        Source.LOOK,
        "The app is switched off",
        LONG_AGO,
        Actor.TENANT_ADMIN,
    )


def test_examination_of_a_ticket_without_a_tenant_knows_little():
    examination = examine(TicketFactory(), at=NOW)

    assert examination.likeliest.reason == Reason.NOT_GRANTED
    assert (examination.likeliest.seen, examination.looked_at) == ("", None)
    assert of(TicketFactory(pasted=f"tenant id {guid('a')}"), Reason.OTHER_TENANT).standing == OPEN


def test_examination_reads_and_writes_nothing(ticket):
    looked(ticket, "present")
    with CaptureQueriesContext(connection) as captured:
        examine(ticket, at=NOW)

    assert {query["sql"].split()[0] for query in captured} == {"SELECT"}


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], (OPEN, "")),
        (["present"], (OUT, "The app is there")),
        (["absent"], (OUT, "The app is not there")),
        (["disabled"], (FOUND, "The app is switched off")),
        # Looks that could not find out say nothing; the last one that could, counts.
        (["present", "unreachable"], (OUT, "The app is there")),
        (["present", "disabled"], (FOUND, "The app is switched off")),
        (["disabled", "present"], (OUT, "The app is there")),
        (["credential"], (OPEN, "")),
    ],
)
def test_switched_off_by_the_last_look(ticket, outcomes, expected):
    for minutes, outcome in enumerate(outcomes):
        looked(ticket, outcome, at=LONG_AGO + timedelta(minutes=minutes))

    found = of(ticket, Reason.SWITCHED_OFF)

    assert (found.standing, found.seen) == expected


@pytest.mark.parametrize("state", ["asked", "claimed", "declined", "expired", "revoked"])
def test_not_granted_says_where_it_stands(state):
    request = ConsentRequestFactory(**{state: True})
    found = of(TicketFactory(request=request), Reason.NOT_GRANTED)

    assert (found.standing, found.actor) == (FOUND, Actor.TENANT_ADMIN)
    assert found.seen == request.get_state_display()


def test_granted_rules_out_that_it_is_not(ticket):
    assert of(ticket, Reason.NOT_GRANTED) == Finding(
        Reason.NOT_GRANTED,
        OUT,
        Source.LOOK,
        "Microsoft's directory shows the approval",
        LONG_AGO,
        Actor.NOBODY,
    )


def test_older_version_was_granted(ticket):
    app = ticket.app
    app.permission_version = 2
    app.save()

    found = of(ticket, Reason.OLDER_VERSION)

    assert (found.standing, found.seen, found.needed) == (FOUND, "1", "2")


def test_older_version_counts_a_grant_that_is_over():
    app = AppRegistrationFactory(permission_version=3)
    before = ConsentRequestFactory(revoked=True, app=app, permission_version=2)
    now = ConsentRequestFactory(asked=True, app=app, tenant=before.tenant)

    found = of(TicketFactory(request=now), Reason.OLDER_VERSION)
    assert (found.seen, found.needed) == ("2", "3")


def test_older_version_of_another_tenant_says_nothing():
    app = AppRegistrationFactory(permission_version=2)
    ConsentRequestFactory(granted=True, app=app, permission_version=1)
    request = ConsentRequestFactory(asked=True, app=app)

    assert of(TicketFactory(request=request), Reason.OLDER_VERSION).standing == OUT


@pytest.mark.parametrize(
    ("reach", "standing"), [("everyone", OUT), ("assigned", FOUND), ("named", FOUND)]
)
def test_assignment_by_the_reach_of_the_grant(reach, standing):
    request = ConsentRequestFactory(granted=True, reach=reach)
    found = of(TicketFactory(request=request), Reason.ASSIGNMENT)

    assert (found.standing, found.source) == (standing, Source.LOOK)
    assert found.seen == request.get_reach_display()


def test_assignment_is_not_known_before_a_grant():
    request = ConsentRequestFactory(asked=True)

    assert of(TicketFactory(request=request), Reason.ASSIGNMENT).standing == OPEN


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["User.Read"], (FOUND, "Mail.Read")),
        (["User.Read", "mail.read"], (OUT, "")),
        (["Mail.Read", "User.Read", "Mail.Send"], (OUT, "")),
    ],
)
def test_missing_by_the_directory(ticket, values, expected):
    grants(ticket, *values)

    found = of(ticket, Reason.MISSING)

    assert (found.standing, found.seen, found.at) == (*expected, LONG_AGO)


def test_missing_counts_no_grant_that_is_gone_or_of_one_person(ticket):
    grants(ticket, "User.Read")
    grants(ticket, "Mail.Read", gone_at=NOW)
    grants(ticket, "Mail.Read", person=guid("somebody"))

    assert of(ticket, Reason.MISSING).seen == "Mail.Read"


def test_missing_says_nothing_of_a_kind_that_could_not_be_read():
    app = AppRegistrationFactory(needs=["Mail.Read", "application Directory.Read.All"])
    request = ConsentRequestFactory(granted=True, app=app)
    ticket = TicketFactory(request=request)
    grants(ticket, "Directory.Read.All", kind="application")

    assert of(ticket, Reason.MISSING).standing == OUT


def test_missing_never_counts_what_belongs_to_signing_in():
    app = AppRegistrationFactory(needs=["Mail.Read", "offline_access"])
    ticket = TicketFactory(request=ConsentRequestFactory(granted=True, app=app))
    grants(ticket, "Mail.Read")

    assert of(ticket, Reason.MISSING).standing == OUT


@pytest.mark.parametrize(("minutes", "standing"), [(0, FOUND), (14, FOUND), (15, OUT), (60, OUT)])
def test_spreading_for_a_quarter_of_an_hour(minutes, standing):
    at = NOW - timedelta(minutes=minutes)
    request = ConsentRequestFactory(granted=True, granted_at=at)

    found = of(TicketFactory(request=request), Reason.SPREADING)

    assert (found.standing, found.at, found.actor) == (standing, at, Actor.NOBODY)


def test_spreading_is_nothing_before_a_grant():
    request = ConsentRequestFactory(asked=True)

    assert of(TicketFactory(request=request), Reason.SPREADING).standing == OUT


def test_examination_without_findings_has_none():
    assert Examination((), None).likeliest is None
