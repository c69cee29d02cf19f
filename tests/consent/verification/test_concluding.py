"""What a look makes of an unanswered request."""

from datetime import timedelta

import pytest

from consent.models import Check, Evidence, Watch
from consent.verification.claiming import look_without_lease
from consent.verification.concluding import conclude
from consent.verification.findings import Finding
from portal.sandbox.microsoft.seed import Role
from tests.consent.rows_stage import kinds, mails
from tests.consent.verification.look_stage import GRANTED, NOON, SET, finding, look, proof
from tests.factories import (
    AppRegistrationFactory,
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    EvidenceFactory,
    TicketFactory,
    WatchFactory,
    guid,
)

pytestmark = pytest.mark.django_db

ABSENT, PRESENT, DISABLED = finding("absent"), finding(), finding("disabled")
FAILED = finding("throttled", retry_after=2.5, code="AADSTS90055")


@pytest.fixture
def request_(db):
    """Asked, and one waits."""
    request = ConsentRequestFactory(asked=True)
    TicketFactory(
        request=request, waiting=True, contact=ContactFactory(email="ana@contoso.example")
    )
    return request


def known(request):
    return (request.state, request.rung, request.missing, request.looks_approved)


def claim(request, minutes=0, **fields):
    return EvidenceFactory(request=request, at=NOON + timedelta(minutes=minutes), **fields)


def test_present_at_the_first_look_says_nothing(request_):
    look(request_, PRESENT)

    assert known(request_) == ("asked", "none", [], False)
    assert (kinds(), mails(), Evidence.objects.count()) == ([], [], 0)


@pytest.mark.parametrize("first", [ABSENT, DISABLED])
def test_there_after_it_was_missing_or_disabled_is_news(request_, first):
    look(request_, first)
    assert (known(request_), request_.absent_at) == (("asked", "none", [], False), NOON)

    watch = look(request_, PRESENT, minutes=1)

    assert known(request_) == ("asked", "installed", [], True)
    assert (request_.news_at, request_.disabled_at) == (NOON + timedelta(minutes=1), None)
    assert watch.news_at == request_.news_at
    assert (kinds(), [str(row) for row in Evidence.objects.order_by("pk")]) == (
        ["request_installed"],
        ["look: present"],
    )


def test_news_that_vanish_are_no_news(request_):
    for minutes, found in enumerate([ABSENT, PRESENT, ABSENT]):
        look(request_, found, minutes=minutes)

    assert (known(request_), request_.news_at) == (("asked", "none", [], False), None)


def test_disabled_keeps_the_time_when_it_was_seen_first(request_):
    look(request_, DISABLED)
    look(request_, DISABLED, minutes=5)

    assert request_.disabled_at == NOON


def test_claim_moves_an_asked_request_once(request_):
    claim(request_)
    look(request_, ABSENT)
    claim(request_, minutes=1)
    look(request_, ABSENT, minutes=2)

    assert (known(request_), request_.claimed_at) == (("claimed", "claimed", [], False), NOON)
    assert kinds() == ["request_claimed"]


def test_claim_on_a_request_without_a_live_link_shows_and_leaves_it_in_triage():
    request = ConsentRequestFactory()
    claim(request)

    look(request, ABSENT)

    assert known(request) == ("triage", "claimed", [], False)


def test_claim_is_forgotten_after_a_day(request_):
    claim(request_)
    look(request_, ABSENT, minutes=24 * 60 - 1)
    assert request_.rung == "claimed"

    look(request_, ABSENT, minutes=24 * 60)
    assert request_.rung == "none"


@pytest.mark.parametrize("said", ["cancelled", "refused", "wrong_tenant", "too_little"])
def test_return_without_a_claim_is_none(request_, said):
    claim(request_, said=said)

    look(request_, ABSENT)

    assert known(request_) == ("asked", "none", [], False)


def test_claim_with_news_stands_on_the_higher_rung(request_):
    claim(request_)
    look(request_, ABSENT)
    look(request_, PRESENT, minutes=1)

    assert known(request_) == ("claimed", "installed", [], True)


def test_missing_names_are_shown_and_nothing_looks_approved(request_):
    look(request_, ABSENT)
    look(request_, finding(everyone=["Mail.ReadWrite"]), minutes=1)

    assert known(request_) == ("asked", "installed", ["Mail.Read", "User.Read"], False)


@pytest.mark.parametrize("state", ["triage", "asked", "claimed"])
def test_directory_proves_the_grant_whatever_the_state_was(state):
    request = ConsentRequestFactory(**({} if state == "triage" else {state: True}))
    ticket = TicketFactory(request=request)
    link = ApprovalLinkFactory(request=request)
    ApprovalLinkFactory(request=request, shared=True)

    look(request, GRANTED)

    ticket.refresh_from_db()
    assert known(request) == ("granted", "directory", [], False)
    assert (request.reach, request.granted_at) == ("everyone", NOON)
    assert (ticket.state, ticket.told_version) == ("ready", 1)
    assert kinds() == ["request_granted", "ticket_ready"]
    assert mails() == [
        ("consent_granted", ticket.contact.email),
        ("consent_receipt", link.recipient.email),
    ]


def test_grant_for_the_assigned_carries_its_reach(request_):
    look(request_, {**GRANTED, "assignment_required": True})

    assert (request_.state, request_.reach) == ("granted", "assigned")


def test_sign_in_of_an_administrator_proves_it_once_a_look_finds_the_app(request_):
    proof(request_)
    look(request_, ABSENT)
    assert request_.state == "asked"

    look(request_, PRESENT, minutes=1)
    assert known(request_) == ("granted", "sign_in", [], False)


@pytest.mark.parametrize(
    "weak",
    [
        {"roles": None},
        {"roles": [Role.GLOBAL_READER]},
        {"covers": ["User.Read"]},
        {"version": 2},
    ],
)
def test_sign_in_without_role_coverage_or_of_another_version_proves_nothing(request_, weak):
    proof(request_, **weak)

    look(request_, PRESENT)

    assert request_.state == "asked"


def test_evidence_of_an_older_version_is_ignored():
    app = AppRegistrationFactory(permission_version=2)
    request = ConsentRequestFactory(asked=True, app=app)
    claim(request, permission_version=1)
    proof(request, version=1)

    look(request, PRESENT)

    assert known(request) == ("asked", "none", [], False)


def test_two_users_who_get_in_prove_it(request_):
    for person in ("ana", "ben"):
        EvidenceFactory(request=request_, coverage=True, person=guid(person), covers=SET, at=NOON)

    look(request_, PRESENT)

    assert known(request_) == ("granted", "in_use", [], False)


@pytest.mark.parametrize("failed", [FAILED, finding("credential"), finding("unreachable")])
def test_look_that_failed_takes_nothing_away(request_, failed):
    look(request_, ABSENT)
    look(request_, PRESENT, minutes=1)
    before = known(request_)

    look(request_, failed, minutes=2)

    assert known(request_) == before == ("asked", "installed", [], True)


def test_look_that_failed_still_hears_the_claim(request_):
    claim(request_)

    look(request_, FAILED)

    assert known(request_) == ("claimed", "claimed", [], False)


def test_look_that_failed_grants_nothing(request_):
    proof(request_)

    look(request_, FAILED)

    assert request_.state == "asked"


def test_grant_says_what_was_seen(request_):
    look(request_, finding(everyone=SET, application=["Mail.Send"]))

    proved = request_.evidence.get()
    assert (proved.kind, proved.said) == ("look", "granted")
    assert [(kind, value) for _api, kind, value in proved.permissions] == [
        ("delegated", "Mail.Read"),
        ("application", "Mail.Send"),
        ("delegated", "User.Read"),
    ]


def test_look_is_written_down(request_):
    watch = look(request_, {**FAILED, "calls": 2, "milliseconds": 70})

    check = watch.checks.get()
    assert (check.outcome, check.code, check.calls, check.milliseconds, check.at) == (
        "throttled",
        "AADSTS90055",
        2,
        70,
        NOON,
    )


def test_app_that_is_not_ours_is_granted_by_reports_alone():
    app = AppRegistrationFactory(credential="", needs=["Group.Read.All"])
    request = ConsentRequestFactory(asked=True, app=app)
    EvidenceFactory(
        request=request,
        kind="report",
        person=guid("ana"),
        roles=[Role.GLOBAL_READER.value],
        covers=["Group.Read.All"],
        at=NOON,
    )

    watch = look(request, finding(None))

    assert (request.state, request.rung) == ("granted", "in_use")
    assert (watch.checks.count(), watch.next_check_at) == (0, None)


def test_look_at_a_watch_that_is_gone_ends_quietly():
    watch = WatchFactory()
    gone = look_without_lease(watch)
    watch.delete()

    assert conclude(gone, Finding("absent", NOON)) is False
    assert (Check.objects.count(), Watch.objects.count()) == (0, 0)
