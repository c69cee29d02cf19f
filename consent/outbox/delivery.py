"""Renders and delivers queued mails: at least once, with the same Message-ID, and practically
once.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from time import monotonic
from typing import Final

from django.db import transaction
from django.utils import timezone

from consent.models import InvalidTransition, MailStop, OutboxMessage
from consent.outbox import mail
from consent.outbox.claiming import LEASE, claim, give_back, renew
from consent.outbox.doorbell import ring
from consent.outbox.rendering import NoLongerTrue, Press

logger = logging.getLogger(__name__)
State = OutboxMessage.State
#: Three days, so that a mail server which is down over a weekend loses nothing.
RETRY_AFTER: Final = tuple(
    timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 120, 240, *(480,) * 9)
)
MOST_TRIES: Final = len(RETRY_AFTER) + 3
#: Mails taken together.
BATCH: Final = 100
#: Mails marked as sent together.
MARKED: Final = 50
#: A mark waits no longer than this for the marks of the next letters, so that a death in between
#: repeats few mails.
MARK_WITHIN_S: Final = 0.1
#: After this the task ends and rings for the next: looks and other bells have their turn.
TURN_S: Final = 5.0
#: Held rows are renewed after this part of their lease; a letter takes less than the rest of it.
RENEW_S: Final = LEASE.total_seconds() / 9
#: So many threads of a process deliver what is due; the others are left to looks and to the mails
#: that somebody waits for just now. More connections at once come from more workers.
LINES: Final = BoundedSemaphore(2)
AT_ONCE: Final = 100
#: A bell is lost when its mail still waits after this.
LATE: Final = timedelta(seconds=5)


def deliver(message_id: int) -> bool:
    """Deliver that mail if it is queued and due, after those which its recipient waits for longer;
    tells whether it left. Safe to call any number of times.
    """
    left: list[int] = []
    row = OutboxMessage.objects.filter(pk=message_id, state=State.QUEUED)
    for to in row.values_list("to", flat=True):
        with mail.Line() as line:
            while not line.is_broken and (batch := claim(BATCH, to=to)):
                left += _Round(line).send(batch)
    return message_id in left


def deliver_due() -> int:
    """Deliver whatever is due, batch after batch over one connection; returns how many left.

    Several workers may do so at once: a row belongs to one of them. A first batch that is full
    rings for one more of them, and so does the end of a turn.
    """
    if not LINES.acquire(blocking=False):
        return 0
    try:
        return _take_turn()
    finally:
        LINES.release()


def _take_turn() -> int:
    left, started, is_first = 0, monotonic(), True
    with mail.Line() as line:
        while batch := claim(BATCH):
            if is_first and len(batch) == BATCH:
                ring("outbox.deliver_due")
            is_first = False
            left += len(_Round(line).send(batch))
            if line.is_broken:
                break  # the server is away, and the sweep's next bell tries it anew
            if monotonic() - started > TURN_S:
                ring("outbox.deliver_due")
                break
    return left


class _Round:
    """One batch on its way: what was sent and not yet marked, and who has to wait."""

    def __init__(self, line: mail.Line) -> None:
        self._line, self._press = line, Press()
        self._unmarked: list[int] = []
        self._marked_at = self._renewed_at = monotonic()
        self._waiting: set[int] = set()
        self._back: list[int] = []

    def send(self, batch: list[OutboxMessage]) -> list[int]:
        """Send them one by one; returns the keys of those that left. What is not tried goes back at
        once, so that nobody holds rows while waiting for a server, an earlier mail or an operator.
        """
        left, back = list[int](), self._back
        try:
            for position, message in enumerate(batch):
                if message.to_id in self._waiting:
                    back.append(message.pk)
                    continue
                if self._send(message):
                    left.append(message.pk)
                rest = [other.pk for other in batch[position + 1 :]]
                if self._line.is_broken or self._is_stopped(rest):
                    back += rest
                    break
        finally:
            self._mark()
            give_back(back)
        return left

    def _send(self, message: OutboxMessage) -> bool:
        try:
            self._line.send(self._press.print(message))
        except NoLongerTrue as reason:
            _settle(message, State.DROPPED, error=str(reason)[:200])
            return False
        except mail.NotDelivered as failure:
            if failure.spends_try:
                self._try_again(message, str(failure), permanent=failure.permanent)
            else:
                self._keep(message, str(failure))
            return False
        except Exception as error:
            # A row that cannot become a letter must not hold up the others behind it.
            logger.exception("mail %s (%s) could not be rendered", message.pk, message.kind)
            self._try_again(message, type(error).__name__, permanent=False)
            return False
        self._unmarked.append(message.pk)
        return True

    def _is_stopped(self, rest: list[int]) -> bool:
        """After each letter: mark, renew and look at the switch, but none of them too often."""
        now = monotonic()
        if now - self._marked_at < MARK_WITHIN_S and len(self._unmarked) < MARKED:
            return False
        self._mark()
        if now - self._renewed_at > RENEW_S:
            self._renewed_at = now
            renew(rest)
        return MailStop.objects.standing().exists()

    def _mark(self) -> None:
        unmarked, self._unmarked, self._marked_at = self._unmarked, [], monotonic()
        if not unmarked:
            return
        marked = OutboxMessage.move_all(unmarked, State.SENT, sent_at=timezone.now(), error="")
        if marked < len(unmarked):
            # A server so slow that the lease ended: the twin goes out as well.
            logger.warning(
                "%s of mails %s left after their lease", len(unmarked) - marked, unmarked
            )

    def _keep(self, message: OutboxMessage, words: str) -> None:
        """The server is away, or wants none of our mails: that is not this one's fault."""
        logger.warning("mails do not leave: %s", words)
        OutboxMessage.objects.filter(pk=message.pk, state=State.SENDING).update(error=words)
        self._back.append(message.pk)

    def _try_again(self, message: OutboxMessage, words: str, *, permanent: bool) -> None:
        logger.warning("mail %s (%s) did not leave: %s", message.pk, message.kind, words)
        if permanent or message.attempts > len(RETRY_AFTER):
            _settle(message, State.FAILED, error=words[:200])
            return
        wait = RETRY_AFTER[message.attempts - 1]
        _settle(message, State.QUEUED, due_at=timezone.now() + wait, error=words[:200])
        self._waiting.add(message.to_id)


def _settle(message: OutboxMessage, to: str, **fields: object) -> None:
    # After the end of the lease it is somebody else's, who settles it anew.
    with suppress(InvalidTransition):
        message.move(to, **fields)


@transaction.atomic
def _take_back(key: int, claimed_at: datetime | None) -> None:
    """A dead worker's mail, unless somebody has taken it back, or taken it on, meanwhile."""
    rows = OutboxMessage.objects.select_for_update().filter(pk=key, state=State.SENDING)
    message = rows.filter(claimed_at=claimed_at).first()
    if message:
        # A row that ends its worker again and again is set aside for an agent to see.
        _settle(message, State.FAILED if message.attempts > MOST_TRIES else State.QUEUED)


def sweep() -> int:
    """Return rows of a dead worker to the queue, and ring where due ones wait whose bell was lost;
    returns how many do.
    """
    now = timezone.now()
    dead = OutboxMessage.objects.filter(state=State.SENDING, claimed_at__lt=now - LEASE)
    for key, claimed_at in dead.values_list("pk", "claimed_at")[:AT_ONCE]:
        _take_back(key, claimed_at)
    late = OutboxMessage.objects.filter(state=State.QUEUED, due_at__lt=now - LATE)
    waiting = late.count()
    if waiting and not MailStop.objects.standing().exists():
        ring("outbox.deliver_due")
    return waiting
