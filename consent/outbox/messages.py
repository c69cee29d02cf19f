"""Queues mails: a row with a unique key first, a bell after."""

from django.db import transaction
from django.utils import timezone

from consent.models import ApprovalLink, InvalidTransition, OutboxMessage, Reply, Ticket
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
            "due_at": timezone.now(),
        },
    )
    if created:
        ring("outbox.deliver", message.pk)
    return message


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
