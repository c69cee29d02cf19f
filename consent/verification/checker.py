"""The worker's looks: claim what is due, ask Microsoft about many at once, conclude one by one."""

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from consent.canaries import stopped_apps
from consent.models import Check, InvalidTransition, Watch
from consent.verification import canary
from consent.verification.concluding import conclude
from consent.verification.findings import Finding
from tenants.microsoft import graph, login
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.credentials import CredentialUnreadable, credential
from tenants.microsoft.errors import (
    BlockedByTenant,
    MicrosoftError,
    NotYetGranted,
    OwnCredentialBroken,
    Throttled,
    Transient,
)
from tenants.microsoft.permissions import GRAPH, Kind, Permission
from tenants.tracing import about

logger = logging.getLogger(__name__)
#: Longer than a look can take: token and Graph have timeouts of 10 and 20 s.
LEASE: Final = timedelta(seconds=45)
SOON: Final = timedelta(seconds=20)
POISONED: Final = timedelta(hours=1)
AT_ONCE: Final = 50
OUTCOMES: Final = (
    (NotYetGranted, Check.Outcome.ABSENT),
    (BlockedByTenant, Check.Outcome.DISABLED),
    (OwnCredentialBroken, Check.Outcome.CREDENTIAL),
    (CredentialUnreadable, Check.Outcome.CREDENTIAL),
    (Throttled, Check.Outcome.THROTTLED),
    (Transient, Check.Outcome.UNREACHABLE),
)


@dataclass(frozen=True)
class Errand:
    """One claimed look: plain values, so that no query runs while Microsoft is asked."""

    watch_id: int
    signals: int
    cloud: Cloud
    tenant_id: str
    client_id: str
    home_tenant_id: str
    credential: str
    resources: tuple[str, ...]
    reads_application: bool


def claim(limit: int = AT_ONCE, *, only: int | None = None) -> list[Errand]:
    """Take a lease on due watches (or on that one, if it is due), so that no other worker looks at
    them.
    """
    now = timezone.now()
    due = (
        Watch.objects.filter(next_check_at__lte=now)
        .filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
        .order_by("next_check_at")
    )
    if stopped := stopped_apps():
        due = due.exclude(app__in=stopped)
    if only is not None:
        due = due.filter(pk=only)
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        keys = list(due.values_list("pk", flat=True)[:limit])
        if not keys:
            return []
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        Watch.objects.filter(free, pk__in=keys).update(lease_until=now + LEASE)
    rows = Watch.objects.filter(pk__in=keys, lease_until=now + LEASE).select_related(
        "app", "tenant"
    )
    return [errand_of(watch) for watch in rows.prefetch_related("app__required_permissions")]


def errand_of(watch: Watch) -> Errand:
    """What a look at that watch needs to know; the row may be unsaved."""
    permissions = watch.app.permissions()
    return Errand(
        watch_id=watch.pk,
        signals=watch.signals,
        cloud=watch.app.microsoft,
        tenant_id=watch.tenant.tenant_id,
        client_id=watch.app.client_id,
        home_tenant_id=watch.app.home_tenant_id,
        credential=watch.app.credential,
        resources=tuple(sorted({permission.resource_client_id for permission in permissions})),
        reads_application=any(permission.kind == Kind.APPLICATION for permission in permissions),
    )


def look_at_due(*, only: int | None = None) -> int:
    """Look at what is due and conclude; returns how many were looked at. Safe to run in many
    workers at once.
    """
    errands = claim(only=only)
    if not errands:
        return 0
    async_to_sync(_look_at_all)(errands)
    return len(errands)


def _conclude(errand: Errand, finding: Finding) -> None:
    with about(errand.tenant_id):
        _conclude_or_postpone(errand, finding)


def _conclude_or_postpone(errand: Errand, finding: Finding) -> None:
    try:
        conclude(errand.watch_id, finding, signals_seen=errand.signals)
    except (OperationalError, InvalidTransition) as error:  # a race or a deadlock: it passes
        logger.warning("watch %s is concluded later: %s", errand.watch_id, type(error).__name__)
        _postpone(errand, SOON)
    except Exception:  # one poisoned row must not stop the others; it comes again, and loudly
        logger.exception("could not conclude watch %s", errand.watch_id)
        _postpone(errand, POISONED)


def _postpone(errand: Errand, wait: timedelta) -> None:
    """Look again then; whoever rang meanwhile is heard before."""
    rows = Watch.objects.filter(pk=errand.watch_id)
    rows.filter(signals=errand.signals).update(next_check_at=timezone.now() + wait)
    rows.update(lease_until=None)


async def _look_at_all(errands: list[Errand]) -> None:
    """Ask about all at once and conclude each as it answers, in the caller's thread: one slow
    tenant delays nobody.
    """

    async def asked(session: graph.Session, errand: Errand) -> tuple[Errand, Finding]:
        return errand, await look(session, errand)

    async with graph.new_session() as session:
        for answered in asyncio.as_completed([asked(session, errand) for errand in errands]):
            errand, finding = await answered
            await sync_to_async(_conclude)(errand, finding)


async def look(session: graph.Session, errand: Errand) -> Finding:
    """One look at one tenant: a fresh app-only token, then what Graph shows of our service
    principal.
    """
    at, started = timezone.now(), time.monotonic()
    if not errand.credential:
        return Finding(None, at)
    with about(errand.tenant_id):
        finding = await _asked(session, errand, at)
    return replace(finding, milliseconds=int((time.monotonic() - started) * 1000))


async def _asked(session: graph.Session, errand: Errand, at: datetime) -> Finding:
    calls = 1
    try:
        key = credential(errand.credential, errand.client_id)
        token = await login.app_token_async(errand.cloud, errand.tenant_id, key)
        calls += 1
        view = await graph.look(
            session, errand.cloud, token, errand.client_id, resources=errand.resources
        )
        finding = _found(at, errand, token, view)
    except (NotYetGranted, BlockedByTenant) as error:
        finding = await _refused(at, errand, error)
    except (MicrosoftError, CredentialUnreadable) as error:
        finding = _failed(at, error)
    return replace(finding, calls=calls)


async def _refused(at: datetime, errand: Errand, error: NotYetGranted | BlockedByTenant) -> Finding:
    """Nobody approved it there, or somebody switched it off there; unless it is our own
    registration that is missing or switched off.
    """
    try:
        key = credential(errand.credential, errand.client_id)
        await canary.listen(errand.cloud, errand.home_tenant_id, key)
    except canary.CanarySilent as silent:
        logger.error("our own app cannot get a token at home: %s", silent.code)
        return Finding(Check.Outcome.CREDENTIAL, at, code=silent.code)
    except MicrosoftError as unknown:
        return _failed(at, unknown)
    return _failed(at, error)


def _found(
    at: datetime, errand: Errand, token: login.AppToken, view: graph.DirectoryView
) -> Finding:
    principal = view.service_principal
    if principal is None:
        return Finding(Check.Outcome.ABSENT, at)
    application = _application(token, view) if errand.reads_application else None
    return Finding(
        Check.Outcome.PRESENT if principal.enabled else Check.Outcome.DISABLED,
        at,
        assignment_required=principal.assignment_required,
        application=application,
        grants=view.delegated_grants,
    )


def _application(token: login.AppToken, view: graph.DirectoryView) -> frozenset[Permission]:
    """The roles in the fresh token, which are Graph's; what other APIs granted stands in Graph."""
    of_others = {p for p in view.application_permissions or () if p.resource_client_id != GRAPH}
    return frozenset(
        {Permission(GRAPH, Kind.APPLICATION, role) for role in token.roles} | of_others
    )


def _failed(at: datetime, error: MicrosoftError | CredentialUnreadable) -> Finding:
    code = getattr(error, "code", None) or ""
    outcome = next(
        (found for kind, found in OUTCOMES if isinstance(error, kind)), Check.Outcome.UNKNOWN
    )
    about_it = {"correlation_id": getattr(error, "correlation_id", None)}
    name = code or type(error).__name__
    if outcome == Check.Outcome.CREDENTIAL:
        logger.error("our own credential does not work: %s", name, extra=about_it)
    elif outcome == Check.Outcome.UNKNOWN:
        logger.warning("Microsoft answered with something new: %s", name, extra=about_it)
    return Finding(outcome, at, code=code, retry_after=getattr(error, "retry_after", 0.0) or 0.0)
