"""Queues mails: a row with a unique key first, a bell after."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from consent.models import Alarm, ApprovalLink, InvalidTransition, OutboxMessage, Reply, Ticket
from consent.outbox.doorbell import ring
from tenants.models import Contact

#: Rows changed with one statement.
SOME: Final = 500


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
        OutboxMessage.objects.bulk_create(rows, batch_size=SOME, ignore_conflicts=True)
        ring("outbox.deliver_due")


@dataclass(frozen=True)
class Counts:
    """How many mails have not left: those that still may by themselves, and those given up."""

    waiting: int
    given_up: int


def counts() -> Counts:
    """How it stands now."""
    unsent, failed = Q(state__in=OutboxMessage.UNSENT), Q(state=OutboxMessage.State.FAILED)
    found = OutboxMessage.objects.filter(unsent | failed).aggregate(
        waiting=Count("pk", filter=unsent), given_up=Count("pk", filter=failed)
    )
    return Counts(**found)


def given_up() -> "QuerySet[OutboxMessage]":
    """The mails that were given up, the latest first; an agent decides about each."""
    failed = OutboxMessage.objects.filter(state=OutboxMessage.State.FAILED)
    return failed.order_by("-claimed_at", "-pk")


@transaction.atomic
def send_again(message: OutboxMessage) -> None:
    """Queue a mail once more that was given up. Raises InvalidTransition for any other.

    What is no longer true by then is not sent, as always.
    """
    row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    # A mail in flight may be queued again as well, but only by the sweep that knows its lease.
    if row.state != OutboxMessage.State.FAILED:
        raise InvalidTransition(f"mail {row.pk} is {row.state}, not given up")
    row.move(OutboxMessage.State.QUEUED, **_anew())
    ring("outbox.deliver", row.pk)


@transaction.atomic
def send_all_again() -> int:
    """The same for every mail that was given up; returns how many."""
    # Locked, so that none of them is on its way by now.
    return queue_again(list(given_up().select_for_update().values_list("pk", flat=True)))


def queue_again(keys: list[int]) -> int:
    """Queue these mails once more, as if they had never been tried; returns how many. For the
    caller's transaction, which knows that none of them is on its way.
    """
    some = [keys[start : start + SOME] for start in range(0, len(keys), SOME)]
    queued = sum(
        OutboxMessage.move_all(part, OutboxMessage.State.QUEUED, **_anew()) for part in some
    )
    if queued:
        ring("outbox.deliver_due")
    return queued


def _anew() -> dict[str, Any]:
    return {"due_at": timezone.now(), "claimed_at": None, "attempts": 0, "error": ""}
