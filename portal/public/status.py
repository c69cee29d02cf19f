"""What a requester may know of his own matter: as a page's facts and as JSON."""

from typing import Any

from django.utils import timezone

from consent import doctor, presenting, proofs, tokens
from consent.diagnosis import SecretKind
from consent.models import ApprovalLink, ConsentAttempt, ConsentRequest, Event, Ticket
from consent.models.link import MOST_LIVE

_AGENTS_ONLY = {
    Event.Kind.TICKET_NOTED,
    Event.Kind.LOOKED,
    Event.Kind.LINK_OPENED,
    Event.Kind.LINK_ROTATED,
    Event.Kind.REQUEST_JOINED,
    Event.Kind.REQUEST_SUPERSEDED,
    Event.Kind.LINK_SAW,
    # Undo is possible for 24 hours: who waits is told when it has become the request's answer.
    Event.Kind.LINK_DECLINED,
    Event.Kind.LINK_UNDONE,
}
#: What the page shows at once; the rest stands folded.
_MILESTONES = {
    Event.Kind.TICKET_OPENED,
    Event.Kind.TICKET_CONFIRMED,
    Event.Kind.REQUEST_ASKED,
    Event.Kind.LINK_SHARED,
    Event.Kind.LINK_LATER,
    Event.Kind.REQUEST_CLAIMED,
    Event.Kind.REQUEST_UNPROVED,
    Event.Kind.REQUEST_INSTALLED,
    Event.Kind.REQUEST_GRANTED,
    Event.Kind.REQUEST_DECLINED,
    Event.Kind.REQUEST_EXPIRED,
    Event.Kind.REQUEST_REVOKED,
    Event.Kind.REQUEST_BACK,
    Event.Kind.TICKET_INVITED,
    Event.Kind.TICKET_READY,
    Event.Kind.TICKET_STILL_BLOCKED,
    Event.Kind.TICKET_SOLVED,
    Event.Kind.TICKET_WITHDRAWN,
    Event.Kind.TICKET_CLOSED,
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
        "rung_words": str(request.get_rung_display()),
        "reach": request.reach or None,
        "looks_approved": request.looks_approved,
        "missing": request.missing,
        "waiting": waiting(request),
    }


def waiting(request: ConsentRequest) -> int:
    """How many people wait in this request."""
    return request.tickets.waiting().count()


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
    told, turn = timeline(ticket), _whose_turn(ticket)
    # With a link to pass on nobody was asked yet, whatever the request's state says.
    asked = {Event.Kind.REQUEST_ASKED} if turn.get("passes_on") else {Event.Kind.LINK_SHARED}
    return {
        "ticket": ticket,
        "app": ticket.app,
        "request": request,
        "milestones": _milestones(ticket, [e for e in told if e["kind"] not in asked]),
        "old_consent": bool(request) and request.is_open and presenting.was_there_before(request),
        **turn,
        "rung_words": request.get_rung_display() if request else "",
        "timeline": told,
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
        if ticket.says_still_blocked()
        else None,
    }


def _milestones(ticket: Ticket, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The few points that count, from this person's own first one on, the last of each kind."""
    opened = next((e["at"] for e in told if e["kind"] == Event.Kind.TICKET_OPENED), None)
    own = [e for e in told if e["kind"] in _MILESTONES and (not opened or e["at"] >= opened)]
    last = {event["kind"]: event for event in own}
    return [event for event in own if last[event["kind"]] is event]


def _whose_turn(ticket: Ticket) -> dict[str, Any]:
    """Whether anybody was mailed at all: a link to pass on, or one's own, waits for the requester.

    `unasked` says why the administrator whom the requester named got no mail.
    """
    request = ticket.request
    if request is None or not request.is_open:
        return {}
    live = list(request.links.filter(state=ApprovalLink.State.LIVE))
    own = next((link for link in live if link.way == ApprovalLink.Way.SELF), None)
    mine = own if own and own.recipient_id == ticket.contact_id else None
    named = ticket.administrator
    unasked = named and not request.links.filter(recipient=named).exists()
    return {
        "passes_on": bool(live) and not any(link.was_asked for link in live),
        "own_page": presenting.approval_path(mine) if mine else "",
        "unasked": ("three" if len(live) >= MOST_LIVE else "other") if unasked else "",
        "written_to": _written_to(ticket, live),
        "later_until": min((ln.later_until for ln in live if ln.later_until), default=None),
    }


def _is_away(request: ConsentRequest) -> bool:
    """An administrator went to Microsoft's page more than five minutes ago and is not back."""
    last = request.attempts.order_by("-left_at").first()
    return bool(last and last.outcome == ConsentAttempt.Outcome.AWAY and last.asked_about_at)


def _written_to(ticket: Ticket, live: list[ApprovalLink]) -> str:
    """The address of the administrator whom this requester named and we mailed; empty where that
    is no news any more. Nobody else's administrator.
    """
    request, named = ticket.request, ticket.administrator
    if not (request and named and ticket.waits) or request.looks_approved:
        return ""
    mailed = any(link.was_asked and link.recipient_id == named.pk for link in live)
    return named.email if mailed and request.state == ConsentRequest.State.ASKED else ""
