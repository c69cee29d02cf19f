"""What a requester may know of his own matter: as a page's facts and as JSON."""

from typing import Any

from django.utils import timezone

from consent import doctor, presenting, proofs, tokens
from consent.diagnosis import SecretKind
from consent.models import ApprovalLink, ConsentAttempt, ConsentRequest, Event, Ticket

_AGENTS_ONLY = {
    Event.Kind.TICKET_NOTED,
    Event.Kind.LOOKED,
    Event.Kind.LINK_OPENED,
    Event.Kind.LINK_ROTATED,
    Event.Kind.REQUEST_JOINED,
    Event.Kind.REQUEST_SUPERSEDED,
}


def timeline(ticket: Ticket) -> list[dict[str, Any]]:
    """The ticket's own events and those of its request, never another requester's; oldest first."""
    if not ticket.is_confirmed:
        return []
    own = Event.objects.filter(ticket_id=ticket.pk)
    shared = Event.objects.none()
    if ticket.request_id:
        shared = Event.objects.filter(request_id=ticket.request_id, ticket_id__isnull=True)
    rows = [event for event in (*own, *shared) if event.kind not in _AGENTS_ONLY]
    rows.sort(key=lambda event: event.pk)
    return [
        {"at": event.at, "kind": event.kind, "text": str(event.get_kind_display())}
        for event in rows
    ]


def as_json(ticket: Ticket) -> dict[str, Any]:
    """The contract's status.json."""
    request = ticket.request if ticket.is_confirmed else None
    return {
        "number": ticket.number,
        "state": ticket.state,
        "request": _request_as_json(request) if request else None,
        "events": [{**event, "at": event["at"].isoformat()} for event in timeline(ticket)],
    }


def _request_as_json(request: ConsentRequest) -> dict[str, Any]:
    return {
        "state": request.state,
        "rung": request.rung,
        "reach": request.reach or None,
        "looks_approved": request.looks_approved,
        "missing": request.missing,
        "waiting": waiting(request),
    }


def waiting(request: ConsentRequest) -> int:
    """How many people wait in this request."""
    return request.tickets.filter(state__in=[Ticket.State.OPEN, Ticket.State.WAITING]).count()


def page_facts(ticket: Ticket) -> dict[str, Any]:
    """What the status page shows."""
    request = ticket.request
    shared = (
        request.links.filter(
            state=ApprovalLink.State.LIVE, way=ApprovalLink.Way.SHARED, from_ticket=ticket
        ).first()
        if request
        else None
    )
    return {
        "ticket": ticket,
        "app": ticket.app,
        "request": request,
        "rung_words": request.get_rung_display() if request else "",
        "timeline": timeline(ticket),
        "waiting": waiting(request) if request else 0,
        "matching_code": tokens.matching_code(request) if request else "",
        "replies": ticket.replies.filter(is_public=True, to_administrator=False).select_related(
            "agent"
        ),
        "live_links": request.links.filter(state=ApprovalLink.State.LIVE).count() if request else 0,
        "share_address": presenting.approval_address(shared) if shared else "",
        "can_test": bool(request)
        and proofs.can_prove(request)
        and bool(request.news_at or request.is_granted),
        "away": bool(request) and request.is_open and _is_away(request),
        "permissions": presenting.asked_permissions(request) if request else [],
        "secrets": [SecretKind(kind) for kind in ticket.diagnosis.get("secrets_removed", [])],
        "pictures": ticket.attachments.count(),
        "examination": doctor.examine(ticket, at=timezone.now())
        if _is_still_blocked(ticket)
        else None,
    }


def _is_still_blocked(ticket: Ticket) -> bool:
    """The person has tried, and said that it did not work."""
    tries = Event.objects.filter(ticket_id=ticket.pk, kind=Event.Kind.TICKET_STILL_BLOCKED)
    return ticket.state in Ticket.ACTIVE and tries.exists()


def _is_away(request: ConsentRequest) -> bool:
    """An administrator went to Microsoft's page more than five minutes ago and is not back."""
    last = request.attempts.order_by("-left_at").first()
    return bool(last and last.outcome == ConsentAttempt.Outcome.AWAY and last.asked_about_at)
