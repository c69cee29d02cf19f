"""Sets the time of the next look after one was concluded."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consent import changes
from consent.models import Check, ConsentRequest, Watch
from consent.verification import recovering, telling
from consent.verification.findings import Finding
from consent.verification.schedule import Signals, next_look

#: Microsoft's number for too many requests of a tenant, whatever app makes them.
TENANT_THROTTLED: Final = "AADSTS90055"
_DICE: Final = random.SystemRandom()


def set_next_look(
    watch: Watch,
    finding: Finding,
    concerned: Iterable[ConsentRequest],
    *,
    changed: bool,
    signals_seen: int,
    kept: str,
) -> None:
    """Write down when to look next and what to keep of this look (`kept`), and give the lease back.
    Call it in the look's transaction.

    A signal that came while the look was on its way (`signals_seen` is older) brings another look.
    """
    now, requests = timezone.now(), list(concerned)
    failing_since = _failing_since(watch, finding)
    fields: dict[str, object] = {
        "lease_until": None,
        "last_look_at": finding.at,
        "settled": kept,
        "settled_signals": signals_seen,
        "failing_since": failing_since,
    }
    if changed:
        fields["news_at"] = watch.news_at = finding.at
    due = _due(_signals(watch, finding, requests, failing_since), requests, now)
    if finding.retry_after:
        rest_until = now + timedelta(seconds=finding.retry_after)
        _rest(watch, finding, rest_until)
        due = max(due, rest_until)
    fields["next_check_at"] = due if requests and watch.app.credential else None
    if finding.is_telling and watch.failing_since:
        failed_for = finding.at - watch.failing_since
        about = partial(recovering.answered_again, watch.app.cloud, failed_for)
        transaction.on_commit(about, robust=True)
    rows = Watch.objects.filter(pk=watch.pk)
    if not rows.filter(signals=signals_seen).update(**fields):
        # Somebody rang meanwhile: that time stands, everything else holds as well.
        del fields["next_check_at"]
        rows.update(**fields)


def _rest(watch: Watch, finding: Finding, until: datetime) -> None:
    rows = Watch.objects.filter(pk=watch.pk)
    if finding.code == TENANT_THROTTLED:
        # All apps' looks there; the tenant is locked, so nobody concludes one of them just now.
        rows = Watch.objects.filter(tenant=watch.tenant_id)
    rows.update(not_before=until)


def _due(signals: Signals, requests: list[ConsentRequest], now: datetime) -> datetime:
    pace, monitor = settings.CHECK_PACE, settings.MONITOR_EVERY
    due = next_look(signals, now, pace=pace, monitor=monitor, dice=_DICE)
    invitations = filter(None, map(telling.invitation_due_at, requests))
    soon = now + timedelta(seconds=1)
    return min([due, *(max(at, soon) for at in invitations)])


def _signals(
    watch: Watch,
    finding: Finding,
    requests: list[ConsentRequest],
    failing_since: datetime | None,
) -> Signals:
    return Signals(
        waiting=any(request.is_open for request in requests),
        granted=any(request.is_granted for request in requests),
        uncertain=watch.negatives > 0,
        failing_for=finding.at - failing_since if failing_since else None,
        unclear=finding.outcome in {Check.Outcome.UNKNOWN, Check.Outcome.THROTTLED},
        baseline_missing=failing_since is not None and _never_looked(watch),
        waited_for=any(request.is_granted and telling.waiting(request) for request in requests),
        second_look_due_at=_second_look_due_at(watch, finding, requests),
        asked_at=watch.asked_at,
        opened_at=watch.opened_at,
        left_at=watch.left_at,
        returned_at=watch.returned_at,
        news_at=watch.news_at,
    )


def _second_look_due_at(
    watch: Watch, finding: Finding, requests: list[ConsentRequest]
) -> datetime | None:
    """None also where this look did not see the app: a blind one is made again for itself."""
    if watch.app.credential and not finding.present:
        return None
    return next(filter(None, map(telling.second_look_due_at, requests)), None)


def _failing_since(watch: Watch, finding: Finding) -> datetime | None:
    """The first of the looks in a row, up to this one, that could not find out; None where it told
    something or was none. A tenant that Microsoft does not know is no trouble that passes.
    """
    if finding.is_telling or not finding.outcome or finding.code == changes.NO_SUCH_TENANT:
        return None
    return min(watch.failing_since or finding.at, finding.at)


def _never_looked(watch: Watch) -> bool:
    """No look has told anything yet, so what comes next could not be news."""
    return not watch.checks.filter(outcome__in=Check.TELLING).exists()
