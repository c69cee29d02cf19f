"""Collects what is known of a request: stored evidence and the look just made."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from consent.models import AppRegistration, ConsentRequest, Evidence
from consent.verification.findings import Finding
from consent.verification.ladder import Known, SignIn
from tenants.microsoft.errors import SignInRefusal
from tenants.microsoft.permissions import Kind, Permission

#: A claim without proof is forgotten after this.
CLAIM_HOLDS: Final = timedelta(hours=24)


def gather(request: ConsentRequest, finding: Finding, *, news: bool, at: datetime) -> Known:
    """All that is known of this request's permission version."""
    rows = list(
        Evidence.objects.filter(
            request=request, permission_version=request.permission_version
        ).order_by("at", "pk")
    )
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
        witnessed=is_witnessed(request.app, finding, request.permission_version),
    )


def is_witnessed(app: AppRegistration, finding: Finding, version: int | None = None) -> bool | None:
    """Whether the witness of that permission version was seen; None where there is none to see, or
    the look could not read it.
    """
    witness = app.witness(version)
    if witness is None or finding.application is None:
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
            covers = frozenset(
                Permission(resource, Kind(kind), value) for resource, kind, value in row.permissions
            )
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
