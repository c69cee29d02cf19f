"""Takes queued mails, renders and delivers them: at least once, with the same Message-ID, and
practically once.
"""

import logging
from datetime import timedelta
from typing import Final

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
MOST_TRIES: Final = len(RETRY_AFTER) + 3


def deliver(message_id: int) -> bool:
    """Deliver that mail if it is queued and due; tells whether it left. Safe to call any number of
    times.
    """
    now = timezone.now()
    message = (
        OutboxMessage.objects.select_related(
            "to",
            "ticket__app",
            "ticket__request__app",
            "ticket__request__tenant",
            "link__request__app",
            "link__request__tenant",
            "link__recipient",
            "reply__agent",
        )
        .filter(pk=message_id, state=State.QUEUED, due_at__lte=now)
        .first()
    )
    if message is None:
        return False
    try:
        message.move(State.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    except InvalidTransition:
        return False
    return _send(message)


def _send(message: OutboxMessage) -> bool:
    try:
        letter = render(message)
    except NoLongerTrue as reason:
        message.move(State.DROPPED, error=str(reason)[:200])
        return False
    try:
        mail.deliver(letter)
    except mail.NotDelivered as failure:
        _try_again(message, failure)
        return False
    try:
        message.move(State.SENT, sent_at=timezone.now(), error="")
    except InvalidTransition:  # a server so slow that the lease ended: its twin goes out as well
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
    """Return rows of a dead worker to the queue, and ring for due ones whose bell was lost; returns
    how many.
    """
    now = timezone.now()
    for message in OutboxMessage.objects.filter(state=State.SENDING, claimed_at__lt=now - LEASE)[
        :AT_ONCE
    ]:
        try:
            # A row that ends its worker again and again is set aside for an agent to see.
            message.move(State.FAILED if message.attempts > MOST_TRIES else State.QUEUED)
        except InvalidTransition:
            continue
    due = OutboxMessage.objects.filter(
        state=State.QUEUED, due_at__lt=now - timedelta(seconds=5)
    ).order_by("due_at")
    keys = list(due.values_list("pk", flat=True)[:AT_ONCE])
    for key in keys:
        ring("outbox.deliver", key)
    return len(keys)
