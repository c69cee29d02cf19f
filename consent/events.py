"""Writes the timeline."""

from collections.abc import Collection

from consent.actors import Actor
from consent.models import ApprovalLink, ConsentRequest, Event, Ticket


def record(
    kind: Event.Kind,
    *,
    by: Actor,
    ticket: Ticket | None = None,
    request: ConsentRequest | None = None,
    link: ApprovalLink | None = None,
    detail: str = "",
) -> Event:
    """Add one line. Call it inside the transaction that makes it true. `detail` is one of our own
    short words.
    """
    request = request or (link.request if link else None)
    tenant_id = request.tenant_id if request else (ticket.tenant_id if ticket else None)
    return Event.objects.create(
        kind=kind,
        actor=by.kind,
        actor_id=by.key,
        ticket_id=ticket.pk if ticket else None,
        request_id=request.pk if request else None,
        link_id=link.pk if link else None,
        tenant_id=tenant_id,
        detail=detail,
    )


def record_many(
    kind: Event.Kind,
    *,
    by: Actor,
    tickets: Collection[int],
    request: ConsentRequest,
    detail: str = "",
) -> None:
    """One line for each of many tickets (by key) of one request, in a few statements."""
    rows = [
        Event(
            kind=kind,
            actor=by.kind,
            actor_id=by.key,
            ticket_id=key,
            request_id=request.pk,
            tenant_id=request.tenant_id,
            detail=detail,
        )
        for key in tickets
    ]
    Event.objects.bulk_create(rows, batch_size=500)
