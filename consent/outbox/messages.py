"""Queues mails: a row with a unique key first, a bell after."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from consent.models import Alarm, ApprovalLink, InvalidTransition, OutboxMessage, Reply, Ticket
from consent.outbox.doorbell import ring
from tenants.models import Contact


def queue(
    kind: str,
    *,
    key: str,
    to: Contact,
    ticket: Ticket | None = None,
    link: ApprovalLink | None = None,
    reply: Reply | None = None,
    alarm: Alarm | None = None,
) -> OutboxMessage:
    """Queue one mail inside the caller's transaction; the same key queues nothing twice."""
    message, created = OutboxMessage.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "to": to,
            "ticket": ticket,
            "link": link,
            "reply": reply,
            "alarm": alarm,
            "due_at": timezone.now(),
        },
    )
    if created:
        ring("outbox.deliver", message.pk)
    return message


@dataclass(frozen=True)
class Addressed:
    """One of many mails of a kind: its key, whom it tells, and the ticket it is about."""

    key: str
    to_id: int
    ticket_id: int


def queue_many(kind: str, mails: Collection[Addressed]) -> None:
    """Queue many mails of one kind inside the caller's transaction, in a few statements and with
    one bell; the same key queues nothing twice.
    """
    now = timezone.now()
    rows = [
        OutboxMessage(
            key=mail.key, kind=kind, to_id=mail.to_id, ticket_id=mail.ticket_id, due_at=now
        )
        for mail in mails
    ]
    if rows:
        OutboxMessage.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
        ring("outbox.deliver_due")


@transaction.atomic
def send_again(message: OutboxMessage) -> None:
    """Queue a mail once more that was given up. Raises InvalidTransition for any other.

    What is no longer true by then is not sent, as always.
    """
    row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    # A mail in flight may be queued again as well, but only by the sweep that knows its lease.
    if row.state != OutboxMessage.State.FAILED:
        raise InvalidTransition(f"mail {row.pk} is {row.state}, not given up")
    row.move(OutboxMessage.State.QUEUED, due_at=timezone.now(), attempts=0, error="")
    ring("outbox.deliver", row.pk)
