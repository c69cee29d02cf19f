"""Attempts, evidence, grants, watches and looks: the rows a proof leaves behind."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from consent.models import Grant
from tests.factories import (
    CheckFactory,
    ConsentAttemptFactory,
    EvidenceFactory,
    GrantFactory,
    WatchFactory,
    guid,
)

pytestmark = pytest.mark.django_db

BACK = ["claimed", "cancelled", "refused", "wrong_tenant", "too_little"]


@pytest.mark.parametrize("outcome", BACK)
def test_attempt_can_come_back_with_every_outcome(outcome):
    attempt = ConsentAttemptFactory(**{outcome: True})

    assert (attempt.outcome, str(attempt)) == (outcome, attempt.public_id)


@pytest.mark.parametrize("outcome", BACK)
def test_attempt_with_an_outcome_and_no_return_is_refused(outcome):
    with pytest.raises(IntegrityError, match="attempt_returned_exactly_with_outcome"):
        ConsentAttemptFactory(outcome=outcome, returned_at=None)


def test_attempt_away_with_a_return_is_refused():
    with pytest.raises(IntegrityError, match="attempt_returned_exactly_with_outcome"):
        ConsentAttemptFactory(outcome="away", returned_at=timezone.now())


def test_attempt_with_an_unknown_outcome_is_refused():
    with pytest.raises(IntegrityError, match="attempt_outcome_is_known"):
        ConsentAttemptFactory(outcome="lost", returned_at=timezone.now())


@pytest.mark.parametrize("field", ["state_hash", "public_id"])
def test_attempt_with_a_state_or_public_id_used_before_is_refused(field):
    ConsentAttemptFactory(**{field: "abc"})

    with pytest.raises(IntegrityError):
        ConsentAttemptFactory(**{field: "abc"})


@pytest.mark.parametrize("kind", ["identity", "coverage"])
def test_evidence_of_a_sign_in_by_nobody_is_refused(kind):
    with pytest.raises(IntegrityError, match="evidence_of_a_sign_in_names_the_person"):
        EvidenceFactory(kind=kind, said="yes", person="")


@pytest.mark.parametrize("fields", [{"kind": "claim"}, {"kind": "identity", "said": "other"}])
def test_evidence_without_a_sign_in_names_nobody(fields):
    evidence = EvidenceFactory(person="", **fields)

    assert str(evidence) == f"{evidence.kind}: {evidence.said}"


def test_grant_that_stands_already_is_refused_whatever_its_case():
    grant = GrantFactory(value="Mail.Read")

    with pytest.raises(IntegrityError):
        GrantFactory(tenant=grant.tenant, app=grant.app, value="mail.read")


@pytest.mark.parametrize(
    "other",
    [
        {"value": "Mail.Send"},
        {"kind": "application"},
        {"resource_client_id": guid("another API")},
        {"person": guid("ana")},
    ],
)
def test_grant_beside_a_different_one_stands(other):
    grant = GrantFactory(value="Mail.Read")
    GrantFactory(tenant=grant.tenant, app=grant.app, **other)

    assert Grant.objects.count() == 2


def test_grant_may_come_again_after_it_was_gone():
    gone = GrantFactory(gone_at=timezone.now())
    again = GrantFactory(tenant=gone.tenant, app=gone.app)

    assert [str(grant) for grant in Grant.objects.order_by("pk")] == [str(again)] * 2


def test_grant_seen_last_before_it_was_seen_first_is_refused():
    now = timezone.now()

    with pytest.raises(IntegrityError, match="grant_seen_in_order"):
        GrantFactory(observed_at=now, last_seen_at=now - timedelta(seconds=1))


def test_watch_of_the_same_tenant_and_app_is_refused():
    watch = WatchFactory(of__app__name="Acme Calendar", of__tenant__name="Contoso")
    assert str(watch) == "Acme Calendar at Contoso"

    with pytest.raises(IntegrityError):
        WatchFactory(tenant=watch.tenant, app=watch.app)


@pytest.mark.parametrize(
    ("code", "said"), [("", "present"), ("AADSTS90002", "present AADSTS90002")]
)
def test_check_says_what_it_found(code, said):
    assert str(CheckFactory(outcome="present", code=code)) == said
