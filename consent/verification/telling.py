"""Tells everybody who waits, once."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from consent import events
from consent.actors import WORKER
from consent.models import (
    ApprovalLink,
    ConsentRequest,
    Event,
    OutboxMessage,
    Reach,
    Ticket,
)
from consent.outbox import messages
from consent.outbox.messages import Addressed
from consent.verification.schedule import shortened

#: More people than these are told only after a second look.
MANY: Final = 10
#: People told with one statement.
SOME: Final = 500
SECOND_LOOK: Final = timedelta(seconds=60)
INVITE_AFTER: Final = timedelta(minutes=2)
INVITED_AT_MOST: Final = 3
#: What the keys of these mails begin with.
GOOD_NEWS: Final = "consent-granted"


def _unheard(request: ConsentRequest) -> "QuerySet[Ticket]":
    """Confirmed tickets of people who have not heard the good news of this permission version."""
    waits = request.tickets.waiting().filter(told_version__lt=request.permission_version)
    return waits.order_by("pk")


def waiting(request: ConsentRequest) -> int:
    """How many people wait to hear of this permission version."""
    return _unheard(request).count()


def tell(request: ConsentRequest) -> int:
    """Queue the good news for each who waits and mark them ready; returns how many. Call it in the
    look's transaction.

    Nobody is told while the app is switched off, where only named people get in, or, beyond ten
    people, before a second look saw it again.
    """
    if not request.is_granted or request.disabled_at or request.reach == Reach.NAMED:
        return 0
    waits = _unheard(request)
    if request.confirmed_again_at is None and waits.count() > MANY:
        return 0
    keys = list(waits.select_for_update().values_list("pk", flat=True))
    ending = _key_ending(request)
    return sum(_tell_some(request, keys[i : i + SOME], ending) for i in range(0, len(keys), SOME))


def _tell_some(request: ConsentRequest, keys: list[int], ending: str) -> int:
    """A few statements for many people. Whoever withdrew in this very moment is left out."""
    version, ready = request.permission_version, Ticket.State.READY
    Ticket.move_all(keys, ready, told_version=version)
    told = list(
        Ticket.objects.filter(pk__in=keys, state=ready, told_version=version).values_list(
            "pk", "contact_id"
        )
    )
    tickets = [key for key, _contact in told]
    kind = Event.Kind.TICKET_READY
    events.record_many(kind, by=WORKER, tickets=tickets, request=request, detail=request.reach)
    messages.queue_many(
        "consent_granted",
        [
            Addressed(f"{GOOD_NEWS}:{ticket}:{ending}", contact, ticket)
            for ticket, contact in told
            if contact
        ],
    )
    return len(told)


def _key_ending(request: ConsentRequest) -> str:
    """The news is told once a ticket and permission version; and once more where an approval of
    that version was withdrawn meanwhile.
    """
    version = request.permission_version
    withdrawn = ConsentRequest.objects.filter(
        tenant=request.tenant_id,
        app=request.app_id,
        permission_version=version,
        state=ConsentRequest.State.REVOKED,
        pk__lt=request.pk,
    )
    return f"{version}:{request.pk}" if withdrawn.exists() else f"{version}"


def tell_held_back(request: ConsentRequest) -> int:
    """Good news that was not sent because the app was switched off between telling and sending goes
    out after all; returns how many. Call it when the app is switched on again.
    """
    ready = request.tickets.filter(
        state=Ticket.State.READY, told_version=request.permission_version
    )
    ending = _key_ending(request)
    keys = [f"{GOOD_NEWS}:{ticket}:{ending}" for ticket in ready.values_list("pk", flat=True)]
    held = OutboxMessage.objects.filter(key__in=keys, state=OutboxMessage.State.DROPPED)
    return messages.queue_again(list(held.values_list("pk", flat=True)))


def receipts(request: ConsentRequest) -> None:
    """The administrators who had a link hear that it is done, and how to undo it."""
    links = request.links.filter(state=ApprovalLink.State.LIVE, recipient__isnull=False)
    for link in links.select_related("recipient"):
        assert link.recipient
        key = f"consent-receipt:{link.pk}:{request.permission_version}"
        messages.queue(
            "consent_receipt", key=key, to=link.recipient, link=link, ticket=link.from_ticket
        )


def second_look_due_at(request: ConsentRequest) -> datetime | None:
    """When to look again before the many are told; None where that is not needed."""
    if not request.is_granted or request.granted_at is None or request.confirmed_again_at:
        return None
    if waiting(request) <= MANY:
        return None
    return request.granted_at + shortened(SECOND_LOOK, settings.CHECK_PACE)


def invite(request: ConsentRequest, *, at: datetime) -> int:
    """It looks approved since two minutes: ask up to three who wait whether they get in; returns
    how many.

    One invitation a ticket and request, even where replicas make the news come and go.
    """
    due = invitation_due_at(request)
    if due is None or at < due:
        return 0
    chosen = _uninvited(request)
    for ticket in chosen:
        assert ticket.contact
        Ticket.objects.filter(pk=ticket.pk).update(invited_at=at)
        events.record(Event.Kind.TICKET_INVITED, by=WORKER, ticket=ticket, request=request)
        key = f"try-connection:{ticket.pk}:{request.pk}"
        messages.queue("try_connection", key=key, to=ticket.contact, ticket=ticket)
    return len(chosen)


def invitation_due_at(request: ConsentRequest) -> datetime | None:
    """When to invite; None where it does not look approved or nobody is left to invite."""
    if not request.looks_approved or request.news_at is None or not _uninvited(request):
        return None
    return request.news_at + shortened(INVITE_AFTER, settings.CHECK_PACE)


def _uninvited(request: ConsentRequest) -> "list[Ticket]":
    room = INVITED_AT_MOST - request.tickets.filter(invited_at__isnull=False).count()
    people = _unheard(request).filter(invited_at__isnull=True)
    return list(people.select_related("contact")[: max(0, room)])
