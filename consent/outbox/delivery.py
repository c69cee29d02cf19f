"""Takes queued mails, renders and delivers them: at least once, with the same Message-ID, and
practically once.
"""

import logging
from contextlib import suppress
from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from consent.models import InvalidTransition, OutboxMessage
from consent.outbox import mail
from consent.outbox.doorbell import ring
from consent.outbox.rendering import NoLongerTrue, render

logger = logging.getLogger(__name__)
State = OutboxMessage.State
#: Longer than the mail server's timeout of 10 s a step: who holds a row longer than this has died.
LEASE: Final = timedelta(seconds=45)
#: Three days, so that a mail server which is down over a weekend loses nothing.
RETRY_AFTER: Final = tuple(
    timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 120, 240, *(480,) * 9)
)
AT_ONCE: Final = 100
BATCH: Final = 50
#: A bell is lost when its mail still waits after this.
LATE: Final = timedelta(seconds=5)
_LETTERS_ROWS: Final = (
    "to",
    "ticket__app",
    "ticket__contact",
    "ticket__request__app",
    "ticket__request__tenant",
    "link__request__app",
    "link__request__tenant",
    "link__recipient",
    "reply__agent",
    "alarm__app",
)
MOST_TRIES: Final = len(RETRY_AFTER) + 3


def deliver(message_id: int) -> bool:
    """Deliver that mail if it is queued and due; tells whether it left. Safe to call any number of
    times.
    """
    with mail.Line() as line:
        return any(_send(message, line) for message in _claim(1, only=message_id))


def deliver_due() -> int:
    """Deliver whatever is due, batch after batch over one connection; returns how many left.

    Several workers may do so at once: a row belongs to one of them. Each mail is marked before the
    next one leaves, so that a death in between repeats one mail at most.
    """
    left = 0
    with mail.Line() as line:
        while batch := _claim(BATCH):
            left += _send_all(batch, line)
            if line.is_broken:
                break  # the server is away, and the next bell tries it anew
    return left


def _claim(limit: int, *, only: int | None = None) -> list[OutboxMessage]:
    """Take due rows, oldest first, with all that a letter needs; nobody else takes them."""
    now = timezone.now()
    due = OutboxMessage.objects.filter(state=State.QUEUED, due_at__lte=now)
    due = due.order_by("due_at", "pk") if only is None else due.filter(pk=only)
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        keys = list(due.values_list("pk", flat=True)[:limit])
        if not keys:
            return []
        OutboxMessage.move_all(keys, State.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    rows = OutboxMessage.objects.filter(pk__in=keys, state=State.SENDING, claimed_at=now)
    return list(rows.select_related(*_LETTERS_ROWS).order_by("due_at", "pk"))


def _send_all(batch: list[OutboxMessage], line: mail.Line) -> int:
    """Send them one by one. When the mail server is away the rest goes back to the queue at once,
    so that nobody holds rows while waiting for it.
    """
    left, renewed_at = 0, timezone.now()
    for position, message in enumerate(batch):
        rest = [other.pk for other in batch[position:]]
        if timezone.now() - renewed_at > LEASE / 3:
            renewed_at = timezone.now()
            OutboxMessage.objects.filter(pk__in=rest, state=State.SENDING).update(
                claimed_at=renewed_at
            )
        sent = _send(message, line)
        left += sent
        if line.is_broken:
            OutboxMessage.move_all(rest[1:], State.QUEUED, attempts=F("attempts") - 1)
            break
    return left


def _send(message: OutboxMessage, line: mail.Line) -> bool:
    try:
        letter = render(message)
    except NoLongerTrue as reason:
        message.move(State.DROPPED, error=str(reason)[:200])
        return False
    try:
        line.send(letter)
    except mail.NotDelivered as failure:
        _try_again(message, failure)
        return False
    if not OutboxMessage.move_all([message.pk], State.SENT, sent_at=timezone.now(), error=""):
        # A server so slow that the lease ended: its twin goes out as well.
        logger.warning("mail %s left after its lease", message.pk)
    return True


def _try_again(message: OutboxMessage, failure: mail.NotDelivered) -> None:
    logger.warning("mail %s (%s) did not leave: %s", message.pk, message.kind, failure)
    if failure.permanent or message.attempts > len(RETRY_AFTER):
        message.move(State.FAILED, error=str(failure)[:200])
    else:
        wait = RETRY_AFTER[message.attempts - 1]
        message.move(State.QUEUED, due_at=timezone.now() + wait, error=str(failure)[:200])


def sweep() -> int:
    """Return rows of a dead worker to the queue, and ring where due ones wait whose bell was lost;
    returns how many do.
    """
    now = timezone.now()
    dead = OutboxMessage.objects.filter(state=State.SENDING, claimed_at__lt=now - LEASE)
    for message in dead[:AT_ONCE]:
        # A row that ends its worker again and again is set aside for an agent to see.
        with suppress(InvalidTransition):
            message.move(State.FAILED if message.attempts > MOST_TRIES else State.QUEUED)
    late = OutboxMessage.objects.filter(state=State.QUEUED, due_at__lt=now - LATE)
    waiting = late.count()
    if waiting:
        ring("outbox.deliver_due")
    return waiting
