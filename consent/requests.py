"""Consent requests: which one a ticket joins, and how one ends without a grant."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from consent import events, watching
from consent.actors import WORKER, Actor
from consent.errors import NotOpen
from consent.models import AppRegistration, ApprovalLink, ConsentRequest, Event, Ticket
from consent.outbox import messages
from tenants.models import Tenant

VALID_FOR: Final = timedelta(days=30)
DECLINED_HOLDS_FOR: Final = timedelta(days=30)
State = ConsentRequest.State


def lock(request: ConsentRequest) -> ConsentRequest:
    """The same row, read anew and held until the transaction ends."""
    # The row alone: its tenant is locked before it, or not at all.
    rows = ConsentRequest.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("app", "tenant").get(pk=request.pk)


@transaction.atomic
def join(ticket: Ticket, *, by: Actor) -> ConsentRequest:
    """Put a confirmed ticket with a tenant into the request that answers it, opening one where
    there is none.

    The open request, else the granted one of the present permission version, else one declined less
    than 30 days ago; else a new one that points back to the last.
    """
    assert ticket.tenant_id, "a ticket joins with its tenant"
    Tenant.objects.select_for_update(no_key=True).get(pk=ticket.tenant_id)
    request = lock_standing(ticket.tenant_id, ticket.app)
    joined = request is not None
    if request is None:
        request = start(ticket.tenant_id, ticket.app, by=by)
    Ticket.objects.filter(pk=ticket.pk).update(request=request)
    ticket.refresh_from_db()
    if request.state in {State.ASKED, State.CLAIMED, State.GRANTED}:
        ticket.move(Ticket.State.WAITING)
    if joined:
        events.record(Event.Kind.REQUEST_JOINED, by=by, ticket=ticket, request=request)
    if request.is_granted:
        watching.wanted(request)
    return request


def standing(tenant_id: int, app: AppRegistration) -> ConsentRequest | None:
    """The request that a new ask joins, or None where a new one must open."""
    return _standing(ConsentRequest.objects.all(), tenant_id, app)


def lock_standing(tenant_id: int, app: AppRegistration) -> ConsentRequest | None:
    """The same, locked. Call it inside a transaction."""
    rows = ConsentRequest.objects.select_for_update(of=("self",), no_key=True)
    return _standing(rows, tenant_id, app)


def _standing(
    requests: "QuerySet[ConsentRequest]", tenant_id: int, app: AppRegistration
) -> ConsentRequest | None:
    rows = requests.select_related("app", "tenant")
    of_app = rows.filter(tenant_id=tenant_id, app=app)
    recent = timezone.now() - DECLINED_HOLDS_FOR
    return (
        of_app.filter(state__in=ConsentRequest.OPEN).first()
        or of_app.filter(state=State.GRANTED, permission_version=app.permission_version).first()
        or of_app.filter(state=State.DECLINED, closed_at__gt=recent).order_by("-closed_at").first()
    )


def start(tenant_id: int, app: AppRegistration, *, by: Actor) -> ConsentRequest:
    """Open a request for the present permission version; its first look is the baseline that makes
    news news.
    """
    last = ConsentRequest.objects.filter(tenant_id=tenant_id, app=app).order_by("-pk").first()
    request = ConsentRequest.objects.create(
        tenant_id=tenant_id,
        app=app,
        permission_version=app.permission_version,
        previous=last,
        expires_at=timezone.now() + VALID_FOR,
    )
    if last and last.state in ConsentRequest.CLOSED:
        # Who still waits goes along; a told mark goes with its ticket.
        waiting = Ticket.objects.filter(request=last, state__in=Ticket.ACTIVE)
        waiting.update(request=request)
    events.record(Event.Kind.REQUEST_OPENED, by=by, request=request)
    watching.begin(request)
    return request


@transaction.atomic
def succeed(closed: ConsentRequest, *, by: Actor) -> ConsentRequest:
    """What a late claim or a late grant belongs to: the request standing now, else a successor with
    the old tickets.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=closed.tenant_id)
    request = lock_standing(closed.tenant_id, closed.app)
    if request is None or request.state == State.DECLINED:
        request = start(closed.tenant_id, closed.app, by=by)
        # It was opened because an administrator acted, so an administrator was asked.
        request.move(State.ASKED)
    return request


@transaction.atomic
def take_up(request: ConsentRequest, *, by: Actor) -> ConsentRequest:
    """The same request while it is open, else a successor with those who wait, for an agent to ask
    an administrator again. Raises NotOpen where it is granted.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=request.tenant_id)
    standing_now = lock_standing(request.tenant_id, request.app)
    if standing_now and standing_now.is_open:
        return standing_now
    if standing_now and standing_now.is_granted:
        raise NotOpen
    return start(request.tenant_id, request.app, by=by)


@transaction.atomic
def supersede_open(app: AppRegistration, *, by: Actor) -> int:
    """After a new permission version: open requests get successors; tickets and live links move
    along, unheard.
    """
    moved = 0
    for request in ConsentRequest.objects.select_for_update().filter(
        app=app, state__in=ConsentRequest.OPEN
    ):
        request.move(State.SUPERSEDED, closed_at=timezone.now(), looks_approved=False)
        successor = start(request.tenant_id, app, by=by)
        Ticket.objects.filter(request=request).update(request=successor)
        if request.news_at is None:
            # What was missing until now is news for the successor too, before its own first look.
            ConsentRequest.objects.filter(pk=successor.pk).update(absent_at=request.absent_at)
        live = ApprovalLink.objects.filter(request=request, state=ApprovalLink.State.LIVE).update(
            request=successor
        )
        if live:
            successor.move(State.ASKED, expires_at=request.expires_at)
        else:
            _with_us(successor)
        events.record(Event.Kind.REQUEST_SUPERSEDED, by=by, request=request)
        moved += 1
    return moved


@transaction.atomic
def decline(request: ConsentRequest, *, by: Actor) -> None:
    """Close it as declined: its tickets are with us again, and each requester is told. Raises
    InvalidTransition.
    """
    _close(request, State.DECLINED, Event.Kind.REQUEST_DECLINED, "request_declined", by=by)


@transaction.atomic
def expire(request: ConsentRequest) -> None:
    """Close an unanswered request. A claim that comes later opens a successor instead of reviving
    it.
    """
    # Entra keeps consent links valid for ever; our promise to the requester does not.
    _close(request, State.EXPIRED, Event.Kind.REQUEST_EXPIRED, "request_expired", by=WORKER)


def _close(request: ConsentRequest, to: str, kind: Event.Kind, mail: str, *, by: Actor) -> None:
    now = timezone.now()
    request.move(to, closed_at=now, looks_approved=False)
    for link in request.links.filter(state=ApprovalLink.State.LIVE):
        link.move(ApprovalLink.State.EXPIRED, closed_at=now)
    events.record(kind, by=by, request=request)
    waiting = request.tickets.filter(state__in=Ticket.WAITS)
    for ticket in waiting.select_related("contact"):
        ticket.move(Ticket.State.OPEN)
        if ticket.contact:
            messages.queue(
                mail, key=f"{mail}:{request.pk}:{ticket.pk}", to=ticket.contact, ticket=ticket
            )


@transaction.atomic
def look_now(request: ConsentRequest, *, by: Actor, ticket: Ticket | None = None) -> None:
    """Somebody wants to know now: one line in the trail, and a look at once."""
    events.record(Event.Kind.LOOKED, by=by, ticket=ticket, request=request)
    watching.demanded(request)


@transaction.atomic
def withdraw_if_nobody_waits(request: ConsentRequest, *, by: Actor) -> None:
    """When the last ticket left, the request goes too, and its links open nothing any more, those
    with a decline on them included.
    """
    request = lock(request)
    waits = request.tickets.filter(state__in=Ticket.ACTIVE, contact__isnull=False)
    if not request.is_open or waits.exists():
        return
    now = timezone.now()
    request.move(State.WITHDRAWN, closed_at=now, looks_approved=False)
    usable = [ApprovalLink.State.LIVE, ApprovalLink.State.DECLINED]
    for link in request.links.filter(state__in=usable):
        link.move(ApprovalLink.State.REVOKED, closed_at=now, decline_reason="")
    events.record(Event.Kind.REQUEST_WITHDRAWN, by=by, request=request)


def _still_says(link: ApprovalLink) -> bool:
    """It is open, or somebody whom we asked declined on it. Whoever has a link from a requester may
    be anybody: his decline closes his own link alone.
    """
    return link.is_live or (link.state == ApprovalLink.State.DECLINED and link.was_asked)


def back_to_triage(request: ConsentRequest) -> None:
    """When the last live link is gone and nobody declined, an agent has to find the next
    administrator.
    """
    if request.state != State.ASKED or any(_still_says(link) for link in request.links.all()):
        return
    request.move(State.TRIAGE)
    _with_us(request)
    events.record(Event.Kind.REQUEST_BACK, by=WORKER, request=request)


def _with_us(request: ConsentRequest) -> None:
    """No administrator has a way in: an agent has to act."""
    for ticket in request.tickets.filter(state=Ticket.State.WAITING):
        ticket.move(Ticket.State.OPEN)
