"""Looks that found nothing new: written down many at a time, without judging again.

A look is judged from what it found and from our own rows. Where a whole judgement changed nothing,
fingerprints of both are kept on the watch. While they stay the same, the next judgement would
change nothing either, so it is left out. Whatever is different goes the full way.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import (
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
)
from django.utils import timezone

from consent import alarms
from consent.models import Check, ConsentRequest, Evidence, Grant, Ticket, Watch
from consent.models.instants import InstantByKey
from consent.verification.claiming import ClaimedLook
from consent.verification.findings import Finding, digest
from consent.verification.gathering import CLAIM_HOLDS
from consent.verification.schedule import next_look
from consent.verification.telling import INVITED_AT_MOST
from tenants.microsoft.permissions import Kind

State = ConsentRequest.State
#: How long after the end of a request a grant that nobody announced still opens a successor.
LOOKED_AT_AFTERWARDS: Final = timedelta(days=90)
ENDED: Final = (State.DECLINED, State.EXPIRED, State.REVOKED)
ROWS_A_STATEMENT: Final = 500
_DICE: Final = SystemRandom()
#: A watch's tenant and app, by primary keys.
Place = tuple[int, int]
Looked = tuple[ClaimedLook, Finding]
_FACTS: Final = (
    *("pk", "state", "permission_version", "rung", "looks_approved", "missing"),
    *("disabled_at", "absent_at", "news_at", "confirmed_again_at"),
)
#: What the judgement asks of the registration.
_OF_THE_APP: Final = (
    *("app__credential", "app__weakest_proof", "app__shows_roles", "app__permission_version"),
    "differs",
)


@dataclass(frozen=True)
class World:
    """What a finding is judged against at one place.

    `fingerprint` covers the requests concerned, their evidence and who waits. At rest: nothing here
    changes by time alone.
    """

    fingerprint: str
    is_open: bool
    is_granted: bool
    is_at_rest: bool


def worlds(places: Collection[Place]) -> dict[Place, World]:
    """The world at each of these places; those without a request concerned are not in it."""
    by_place: dict[Place, list[dict[str, Any]]] = defaultdict(list)
    differing = alarms.differing_apps()
    for row in _requests(places):
        row["differs"] = row["app_id"] in differing
        by_place[row["tenant_id"], row["app_id"]].append(row)
    concerned = {place: _concerned(by_place[place]) for place in places if place in by_place}
    waiting = _waiting([row["pk"] for rows in concerned.values() for row in rows])
    return {place: _world(rows, waiting) for place, rows in concerned.items()}


def _requests(places: Collection[Place]) -> list[dict[str, Any]]:
    now = timezone.now()
    evidence = Evidence.objects.filter(request=OuterRef("pk"))
    claims = evidence.filter(kind=Evidence.Kind.CLAIM, said="yes", at__gt=now - CLAIM_HOLDS)
    standing = Q(state__in=[*ConsentRequest.OPEN, State.GRANTED])
    lately = Q(state__in=ENDED, closed_at__gt=now - LOOKED_AT_AFTERWARDS)
    rows = (
        ConsentRequest.objects.filter(
            standing | lately, tenant__in={tenant for tenant, _app in places}
        )
        .order_by("pk")
        .annotate(
            newest=Subquery(evidence.order_by("-pk").values("pk")[:1]),
            is_claimed=Exists(claims),
        )
        .values(*_FACTS, *_OF_THE_APP[:-1], "tenant_id", "app_id", "newest", "is_claimed")
    )
    return list(rows)


def _concerned(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The granted and the open one, else the last that ended; as `concluding` chooses."""
    standing = [row for row in rows if row["state"] not in ENDED]
    return standing or rows[-1:]


class Waiting(NamedTuple):
    """Of one request: who waits, who of them could be invited, and how many were."""

    waiting: int = 0
    invitable: int = 0
    invited: int = 0


def _waiting(requests: list[int]) -> dict[int, Waiting]:
    waits = Ticket.PERSON_WAITS & Q(told_version__lt=F("request__permission_version"))
    rows = (
        Ticket.objects.filter(request__in=requests)
        .order_by()
        .values_list("request_id")
        .annotate(
            waiting=Count("pk", filter=waits),
            invitable=Count("pk", filter=waits & Q(invited_at=None)),
            invited=Count("invited_at"),
        )
    )
    return {request: Waiting(*numbers) for request, *numbers in rows}


def _world(rows: list[dict[str, Any]], waiting: dict[int, Waiting]) -> World:
    people = [waiting.get(row["pk"], Waiting()) for row in rows]
    facts: list[object] = []
    for row, who in zip(rows, people, strict=True):
        known = [row[name] for name in (*_FACTS, *_OF_THE_APP)]
        facts.append((*map(_plain, known), row["newest"], who))
    return World(
        digest(tuple(facts)),
        is_open=any(row["state"] in ConsentRequest.OPEN for row in rows),
        is_granted=any(row["state"] == State.GRANTED for row in rows),
        is_at_rest=all(map(_is_at_rest, rows, people)),
    )


def _is_at_rest(row: dict[str, Any], who: Waiting) -> bool:
    """Nothing about that request changes by time alone."""
    if row["is_claimed"]:
        return False
    if row["looks_approved"] and who.invitable and who.invited < INVITED_AT_MOST:
        return False
    return not (row["state"] == State.GRANTED and who.waiting)


def _plain(value: object) -> object:
    # Since when something is absent is written anew by each look; that it is, counts.
    return "set" if isinstance(value, datetime) else value


def world_of(watch: Watch) -> World | None:
    """The same for one watch; None where no request is concerned."""
    place = watch.tenant_id, watch.app_id
    return worlds([place]).get(place)


def settled(watch: Watch, finding: Finding, before: World | None) -> str:
    """What to keep on the watch after a judgement that brought no news: the fingerprints, where the
    world is still as it was `before`.
    """
    if before is None or not before.is_at_rest:
        return ""
    after = world_of(watch)
    return finding.fingerprint + before.fingerprint if after == before else ""


def conclude_unchanged(looked: list[Looked]) -> list[Looked]:
    """Write down all those looks that found nothing new, and when to look next; returns the others.

    A watch whose bell rang meanwhile is among the others.
    """
    same = [one for one in looked if _is_as_found(*one) and not one[0].is_late]
    if not same:
        return looked
    known = worlds({(claimed.tenant_pk, claimed.app.pk) for claimed, _finding in same})
    quiet: dict[int, tuple[ClaimedLook, Finding, World]] = {}
    for claimed, finding in same:
        world = known.get((claimed.tenant_pk, claimed.app.pk))
        if world and claimed.settled.endswith(world.fingerprint) and world.is_at_rest:
            quiet[claimed.watch_id] = claimed, finding, world
    written: set[int] = set()
    keys = list(quiet)
    for start in range(0, len(keys), ROWS_A_STATEMENT):
        written |= _write([quiet[key] for key in keys[start : start + ROWS_A_STATEMENT]])
    return [one for one in looked if one[0].watch_id not in written]


def _is_as_found(claimed: ClaimedLook, finding: Finding) -> bool:
    return bool(claimed.settled) and claimed.settled.startswith(finding.fingerprint)


@transaction.atomic
def _write(quiet: list[tuple[ClaimedLook, Finding, World]]) -> set[int]:
    """Returns the watches written; the others have had a signal, or their lease is another's."""
    now = timezone.now()
    keys = [claimed.watch_id for claimed, _finding, _world in quiet]
    due = InstantByKey(
        {claimed.watch_id: _due(claimed, world, now) for claimed, _f, world in quiet}
    )
    seen = InstantByKey({claimed.watch_id: finding.at for claimed, finding, _world in quiet})
    leases = {claimed.lease_until for claimed, _finding, _world in quiet}
    rows = Watch.objects.filter(pk__in=keys)
    untouched = rows.filter(signals=F("settled_signals"), lease_until__in=leases).exclude(
        settled=""
    )
    if untouched.update(next_check_at=due, last_look_at=seen, lease_until=None) == len(keys):
        written = set(keys)
    else:
        written = set(rows.filter(lease_until=None).values_list("pk", flat=True))
    done = [(claimed, finding) for claimed, finding, _world in quiet if claimed.watch_id in written]
    Check.objects.bulk_create([check_of(claimed.watch_id, finding) for claimed, finding in done])
    _see_again(done)
    return written


def _due(claimed: ClaimedLook, world: World, now: datetime) -> datetime:
    signals = replace(claimed.instants, waiting=world.is_open, granted=world.is_granted)
    pace, monitor = settings.CHECK_PACE, settings.MONITOR_EVERY
    return next_look(signals, now, pace=pace, monitor=monitor, dice=_DICE)


def check_of(watch_id: int, finding: Finding) -> Check:
    """The row, not yet saved, that says what a look found and what it cost."""
    assert finding.outcome, "there was a look"
    return Check(
        watch_id=watch_id,
        at=finding.at,
        outcome=finding.outcome,
        code=finding.code,
        calls=finding.calls,
        milliseconds=finding.milliseconds,
    )


def _see_again(done: list[Looked]) -> None:
    """The grants that these looks read were seen again."""
    read: dict[tuple[int, tuple[Kind, ...], frozenset[str]], list[Looked]] = defaultdict(list)
    for claimed, finding in done:
        if kinds := finding.readable_kinds:
            read[claimed.app.pk, kinds, finding.unread].append((claimed, finding))
    for (app, kinds, unread), several in read.items():
        standing = Grant.objects.filter(app=app, kind__in=kinds, gone_at=None)
        if unread:
            standing = standing.exclude(kind=Kind.APPLICATION, resource_client_id__in=unread)
        tenants = [claimed.tenant_pk for claimed, _finding in several]
        # The clocks of two workers may differ by more than the time between their looks.
        seen_at = min(finding.at for _claimed_look, finding in several)
        standing.filter(tenant__in=tenants, last_seen_at__lt=seen_at).update(last_seen_at=seen_at)
