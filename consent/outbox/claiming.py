"""Which mails a worker may take now: due, nobody else's, in order for each recipient, within the
provider's limit, and none while mails are stopped.
"""

import sys
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from consent.models import MailStop, OutboxMessage

State = OutboxMessage.State
#: Longer than the mail server's timeout of 10 s a step: who holds a row longer than this has died.
LEASE: Final = timedelta(seconds=45)
A_MINUTE: Final = timedelta(minutes=1)
#: One instance for all rows of a batch that share it, and one statement each.
_LETTERS_ROWS: Final = (
    "to",
    "ticket__app",
    "ticket__contact",
    "ticket__request__app",
    "ticket__request__tenant__domains",
    "link__request__app",
    "link__request__tenant__domains",
    "link__recipient",
    "reply__agent",
    "alarm__app",
)


def claim(limit: int, *, to: int | None = None) -> list[OutboxMessage]:
    """Take due mails (to that contact), oldest first, with all that a letter needs; nobody else
    takes them. Give back with `give_back` what is not tried.
    """
    now = timezone.now()
    limit = min(limit, _room(now))
    if limit <= 0:
        return []
    with transaction.atomic():
        due = _due(now) if to is None else _due(now).filter(to=to)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        keys = _in_turn(dict(due.values_list("pk", "to")[:limit]))
        if not keys:
            return []
        OutboxMessage.move_all(keys, State.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    keys = _within_limit(keys, now)
    rows = OutboxMessage.objects.filter(pk__in=keys, state=State.SENDING, claimed_at=now)
    return list(rows.prefetch_related(*_LETTERS_ROWS).order_by("due_at", "pk"))


def give_back(keys: Collection[int]) -> None:
    """Mails that were taken and not tried: they go when somebody takes them next, and no try of
    theirs is spent.
    """
    if keys:
        OutboxMessage.move_all(keys, State.QUEUED, attempts=F("attempts") - 1, claimed_at=None)


def renew(keys: Collection[int]) -> None:
    """Hold these for another lease."""
    held = OutboxMessage.objects.filter(pk__in=keys, state=State.SENDING)
    held.update(claimed_at=timezone.now())


def _due(now: datetime) -> "QuerySet[OutboxMessage]":
    """Who has an earlier mail that somebody sends just now, or that waits for its next try, gets no
    later one before it.
    """
    earlier = OutboxMessage.objects.filter(to=OuterRef("to"), pk__lt=OuterRef("pk"))
    first = Q(state=State.SENDING) | Q(state=State.QUEUED, due_at__gt=OuterRef("due_at"))
    return (
        OutboxMessage.objects.filter(state=State.QUEUED, due_at__lte=now)
        .exclude(Exists(earlier.filter(first)))
        .exclude(Exists(MailStop.objects.standing()))
        .order_by("due_at", "pk")
    )


def _in_turn(chosen: dict[int, int]) -> list[int]:
    """Without those whose recipient has an earlier mail that was not chosen, because another worker
    takes it at this very moment or because its own turn has not come.
    """
    left_out = OutboxMessage.objects.filter(
        to__in=set(chosen.values()), state__in=OutboxMessage.UNSENT
    ).exclude(pk__in=chosen)
    first = dict(left_out.values_list("to").annotate(Min("pk")).order_by())
    return [key for key, to in chosen.items() if key < first.get(to, key + 1)]


def _room(now: datetime) -> int:
    """How many more mails may be taken in this minute."""
    limit: int = settings.MAILS_PER_MINUTE
    return limit - _taken_since(now - A_MINUTE) if limit else sys.maxsize


def _taken_since(start: datetime) -> int:
    return OutboxMessage.objects.filter(claimed_at__gt=start).count()


def _within_limit(keys: list[int], now: datetime) -> list[int]:
    """Another worker may have taken its share in the same moment. Both look again after they have
    written down what they took, so that at least one of them sees both, and what is too much goes
    back: together they stay below the limit without waiting for each other.
    """
    kept = max(0, len(keys) + min(0, _room(now)))
    give_back(keys[kept:])
    return keys[:kept]
