"""Queues mails: a row with a unique key first, a bell after."""

from django.utils import timezone

from consent.models import ApprovalLink, OutboxMessage, Reply, Ticket
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
