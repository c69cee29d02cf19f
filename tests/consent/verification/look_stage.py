"""What tests of the worker's conclusions stand on: findings in few words, and a look that ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import time_machine

from consent.models import Watch
from consent.verification.claiming import look_without_lease
from consent.verification.concluding import conclude
from consent.verification.findings import Finding
from portal.sandbox.microsoft.seed import Role
from tenants.microsoft.graph import DelegatedGrant
from tenants.microsoft.permissions import GRAPH
from tests.factories import (
    ApprovalLinkFactory,
    ConsentAttemptFactory,
    EvidenceFactory,
    permissions,
)

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SET = ("User.Read", "Mail.Read")


def grant(*scopes, person=None, resource=GRAPH):
    """A consent that a look reads in the directory."""
    return DelegatedGrant(resource, "object-of-the-api", frozenset(scopes), person is None, person)


def finding(outcome="present", *, everyone=None, application=None, persons=(), **more):
    """A look's finding. `everyone` and `application` are names; None where it could not read."""
    grants = None if everyone is None else (grant(*everyone), *persons)
    roles = None if application is None else permissions(*(f"application {a}" for a in application))
    return {"outcome": outcome, "grants": grants, "application": roles, **more}


GRANTED = finding(everyone=SET)


def look(request, found, *, minutes=0.0, signals_seen=None):
    """One look at the request's tenant, so many minutes after noon, and what it leads to."""
    at = NOON + timedelta(minutes=minutes)
    with time_machine.travel(at, tick=False):
        watch, _new = Watch.objects.get_or_create(tenant=request.tenant, app=request.app)
        seen = watch.signals if signals_seen is None else signals_seen
        conclude(replace(look_without_lease(watch), signals=seen), Finding(at=at, **found))
    request.refresh_from_db()
    watch.refresh_from_db()
    return watch


def proof(request, *, roles=(Role.GLOBAL_ADMINISTRATOR,), version=1, covers=SET):
    """An administrator came back at noon and was let in."""
    attempt = ConsentAttemptFactory(
        link=ApprovalLinkFactory(request=request), claimed=True, permission_version=version
    )
    common = {"request": request, "attempt": attempt, "at": NOON, "permission_version": version}
    shown = None if roles is None else [role.value for role in roles]
    EvidenceFactory(identity=True, roles=shown, **common)
    EvidenceFactory(coverage=True, covers=covers, **common)
