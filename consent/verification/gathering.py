"""Collects what is known of a request: stored evidence and the look just made."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Max, Q

from consent import alarms
from consent.models import AppRegistration, Check, ConsentRequest, Evidence, Rung
from consent.verification.findings import Finding
from consent.verification.ladder import Known, SignIn
from tenants.microsoft.errors import SWITCHED_OFF, SignInRefusal
from tenants.microsoft.permissions import Permission

#: Evidence of what a person's sign-in covered at that time.
SIGN_INS: Final = (Evidence.Kind.IDENTITY, Evidence.Kind.COVERAGE, Evidence.Kind.REPORT)
#: A claim without proof is forgotten after this.
CLAIM_HOLDS: Final = timedelta(hours=24)


def gather(request: ConsentRequest, finding: Finding, *, news: bool, at: datetime) -> Known:
    """All that is known of this request's permission version."""
    rows = list(
        Evidence.objects.filter(
            request=request, permission_version=request.permission_version
        ).order_by("at", "pk")
    )
    rows = _not_outlived(rows, request)
    administrators, people = _sign_ins(rows)
    claims = (row for row in rows if row.kind == Evidence.Kind.CLAIM and row.said == "yes")
    return Known(
        required=request.app.needed(request.permission_version),
        claimed=any(at - row.at < CLAIM_HOLDS for row in claims),
        present=finding.present,
        news=news,
        assignment_required=finding.assignment_required,
        application=finding.application,
        for_everyone=finding.for_everyone,
        administrators=administrators,
        people=people,
        refused_since_news=_refused_since(request.news_at, rows),
        looks_needed=bool(request.app.credential),
        # Nobody says what the sign-ins of somebody else's app show.
        shows_roles=request.app.shows_roles and bool(request.app.credential),
        weakest=Rung(request.app.weakest_proof),
        unread=finding.unread,
        witnessed=is_witnessed(request.app, finding, request.permission_version),
    )


def _not_outlived(rows: list[Evidence], request: ConsentRequest) -> list[Evidence]:
    """Without sign-ins from before the approval ended: what they covered says nothing of now."""
    if not any(row.kind in SIGN_INS for row in rows):
        return rows
    ends = [request.closed_at] if request.state == ConsentRequest.State.REVOKED else []
    # Nobody signs in while the app is switched off, so what was taken away meanwhile shows nowhere.
    # Conditional Access that keeps out the app itself says nothing of people.
    switched_off = Q(outcome=Check.Outcome.DISABLED, code__in=["", SWITCHED_OFF])
    looks = Check.objects.filter(watch__tenant=request.tenant_id, watch__app=request.app_id)
    shut = looks.filter(Q(outcome=Check.Outcome.ABSENT) | switched_off)
    shut_at = shut.aggregate(last=Max("at"))["last"]
    if shut_at:
        # A replica that lags shows for minutes what no longer is.
        ends.append(shut_at - settings.REVOKED_AFTER)
    ended = max(filter(None, ends), default=None)
    return [row for row in rows if ended is None or row.kind not in SIGN_INS or row.at > ended]


def is_witnessed(app: AppRegistration, finding: Finding, version: int | None = None) -> bool | None:
    """Whether the witness of that permission version was seen. None where it could say nothing:
    there is none, the look could not read it, the directory shows all of it, or the registration at
    Entra differs from ours, so that something else was approved.
    """
    witness = app.witness(version)
    if witness is None or finding.application is None or finding.for_everyone is not None:
        return None
    if witness.resource_client_id in finding.unread or alarms.registration_differs(app):
        return None
    return witness in finding.application


def _sign_ins(rows: Iterable[Evidence]) -> tuple[tuple[SignIn, ...], tuple[SignIn, ...]]:
    """Those of a claim, with the roles that its identity hop showed; and everybody else's."""
    roles: dict[tuple[int | None, str], frozenset[str] | None] = {}
    administrators: list[SignIn] = []
    people: list[SignIn] = []
    for row in rows:
        if row.kind == Evidence.Kind.IDENTITY and row.said == "yes":
            roles[row.attempt_id, row.person] = None if row.roles is None else frozenset(row.roles)
        elif row.kind in {Evidence.Kind.COVERAGE, Evidence.Kind.REPORT} and row.said == "yes":
            shown = roles.get((row.attempt_id, row.person)) if row.attempt_id else None
            if shown is None and row.roles is not None:
                shown = frozenset(row.roles)
            covers = frozenset(map(Permission.of_row, row.permissions))
            (administrators if row.attempt_id else people).append(SignIn(row.person, shown, covers))
    return tuple(administrators), tuple(people)


def _refused_since(news_at: datetime | None, rows: Iterable[Evidence]) -> bool:
    """An invited person's test said *not covered* after the last news."""
    return any(
        row.kind == Evidence.Kind.COVERAGE
        and row.said == SignInRefusal.NOT_COVERED.value
        and row.ticket_id is not None
        and news_at is not None
        and row.at > news_at
        for row in rows
    )
