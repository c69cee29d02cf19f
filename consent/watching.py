"""Tells the worker that something happened which makes a look worthwhile."""

from datetime import timedelta
from typing import Final

from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from consent.models import ConsentRequest, Evidence, Watch
from consent.outbox.doorbell import ring
from consent.verification.schedule import BURST, HOUR, QUIET

MOST_QUICK_LOOKS: Final = 5


def begin(request: ConsentRequest) -> None:
    """A request begins: look at once, so that we know what was there before anybody approved
    anything.
    """
    _signal(request, at_once=True, asked_at=timezone.now())


def opened(request: ConsentRequest) -> None:
    """A person opened an approval link."""
    _signal(request, opened_at=timezone.now())


def left(request: ConsentRequest) -> None:
    """A person pressed Continue: a quick look, at most five for one request's trips in a row."""
    trips = request.attempts.filter(left_at__gte=timezone.now() - HOUR).count()
    if trips <= MOST_QUICK_LOOKS:
        _signal(request, left_at=timezone.now())


def returned(request: ConsentRequest) -> None:
    """A browser came back from Microsoft: the burst begins."""
    now = timezone.now()
    _signal(request, at_once=True, returned_at=now)


def learnt(request: ConsentRequest) -> None:
    """Somebody's sign-in or connection was stored as evidence: a quick look, also in the quiet
    time, but after the burst for the first five of them in an hour alone.
    """
    _signal(request, at_once=_told_lately(request) <= MOST_QUICK_LOOKS)


def _told_lately(request: ConsentRequest) -> int:
    """How many sign-ins and connections became evidence in the last hour, the burst not counted."""
    since = timezone.now() - HOUR
    watch = Watch.objects.filter(tenant=request.tenant_id, app=request.app_id).first()
    if watch and watch.returned_at:
        since = max(since, watch.returned_at + BURST[-1])
    # A sign-in that goes on from the identity to the coverage is one.
    told = request.evidence.filter(at__gt=since).exclude(kind=Evidence.Kind.IDENTITY, said="yes")
    return told.exclude(kind__in=[Evidence.Kind.CLAIM, Evidence.Kind.LOOK]).count()


def demanded(request: ConsentRequest) -> None:
    """An agent wants to know now."""
    _signal(request, at_once=True)


def wanted(request: ConsentRequest) -> None:
    """A customer wants to know, or a deadline passed: soon, and not more often than one look in the
    quiet time.
    """
    _signal(request)


def hinted(request: ConsentRequest) -> None:
    """A return that nobody knows: bring the next look forward, at most once a minute."""
    now = timezone.now()
    brought = Watch.objects.filter(tenant=request.tenant_id, app=request.app_id).exclude(
        hinted_at__gt=now - timedelta(minutes=1)
    )
    if brought.update(hinted_at=now):
        _signal(request)


def _signal(request: ConsentRequest, *, at_once: bool = False, **times: object) -> None:
    watch, _created = Watch.objects.get_or_create(
        tenant_id=request.tenant_id, app_id=request.app_id
    )
    now = timezone.now()
    # While a look is under way, that is the last one.
    is_looked_at = watch.lease_until is not None and watch.lease_until > now
    last, back = now if is_looked_at else watch.last_look_at, watch.returned_at
    soon = now
    if not at_once and last and not (back and now - back < BURST[-1]):
        soon = max(now, last + QUIET)
    # The row may have changed since it was read: what is due earlier stays so, but for the time of
    # the look that is under way.
    earliest = Case(
        When(lease_until__gt=now, next_check_at__lte=now, then=Value(soon)),
        default=Least(Coalesce("next_check_at", Value(soon)), Value(soon)),
    )
    Watch.objects.filter(pk=watch.pk).update(
        signals=F("signals") + 1, next_check_at=earliest, **times
    )
    if soon <= now:
        ring("consent.look", watch.pk)
