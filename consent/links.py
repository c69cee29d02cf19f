"""Approval links: made, sent, passed on, closed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from consent import alarms, events, requests, talks, watching
from consent.actors import Actor
from consent.errors import AlreadyAsked, NotOpen, OtherTenant, Stopped, TooManyLinks
from consent.models import ApprovalLink, ConsentRequest, Event, Ticket
from consent.models.link import MOST_LIVE
from consent.outbox import messages
from tenants.models import Contact, Tenant

MOST_FORWARDS: Final = 3
#: Who wanted to decide later has this long after the day he named.
ANSWER_WITHIN: Final = timedelta(days=14)
#: A GET so soon after delivery is a mail scanner's, not a person's.
SCANNERS: Final = timedelta(minutes=2)
State, Way = ApprovalLink.State, ApprovalLink.Way


@transaction.atomic
def send(
    request: ConsentRequest,
    *,
    to: Contact,
    by: Actor,
    from_ticket: Ticket | None = None,
    way: ApprovalLink.Way = Way.MAILED,
) -> ApprovalLink:
    """Make a live link for that administrator and queue its mail. Who has a live one already gets
    no second.

    Raises NotOpen when the request was decided, TooManyLinks when three are live, Stopped where
    that person never wants to be written to again, RegistrationDiffers while that alarm stands.
    """
    if to.stopped_at:
        raise Stopped
    request = requests.lock(request)
    live = request.links.filter(state=State.LIVE, recipient=to).first()
    if live and live.way != Way.SELF:
        return live
    if live:
        # He opened it for himself; now somebody asks him.
        ApprovalLink.objects.filter(pk=live.pk).update(way=way, from_ticket=from_ticket)
        live.refresh_from_db()
    link = live or _make(request, way, by=by, recipient=to, from_ticket=from_ticket)
    _mail(link)
    events.record(Event.Kind.LINK_SENT, by=by, link=link, ticket=from_ticket)
    return link


@transaction.atomic
def share(ticket: Ticket) -> ApprovalLink:
    """A link that the requester passes on himself; the same one when asked again. Raises as own."""
    request = _request_of(ticket)
    live = request.links.filter(state=State.LIVE, way=Way.SHARED, from_ticket=ticket).first()
    if live:
        return live
    by = Actor.requester(ticket.contact)
    link = _make(request, Way.SHARED, by=by, recipient=None, from_ticket=ticket)
    events.record(Event.Kind.LINK_SHARED, by=by, link=link, ticket=ticket)
    return link


@transaction.atomic
def own(ticket: Ticket) -> ApprovalLink:
    """The requester is the administrator: a link for himself, without a mail. Raises NotOpen,
    TooManyLinks, RegistrationDiffers.
    """
    request = _request_of(ticket)
    live = request.links.filter(state=State.LIVE, recipient=ticket.contact).first()
    by = Actor.requester(ticket.contact)
    return live or _make(request, Way.SELF, by=by, recipient=ticket.contact, from_ticket=ticket)


def _request_of(ticket: Ticket) -> ConsentRequest:
    if ticket.request is None:
        raise NotOpen
    return requests.lock(ticket.request)


def _make(
    request: ConsentRequest,
    way: ApprovalLink.Way,
    *,
    by: Actor,
    recipient: Contact | None,
    from_ticket: Ticket | None,
) -> ApprovalLink:
    if not request.is_open:
        raise NotOpen
    alarms.refuse_new_links(request.app)
    now = timezone.now()
    link = ApprovalLink.objects.create(
        request=request,
        slot=_free_slot(request),
        way=way,
        recipient=recipient,
        from_ticket=from_ticket,
        sent_at=now,
        expires_at=now + requests.VALID_FOR,
    )
    ConsentRequest.objects.filter(pk=request.pk).update(expires_at=link.expires_at)
    waiting = request.tickets.filter(state=Ticket.State.OPEN)
    if request.state == ConsentRequest.State.TRIAGE:
        request.move(ConsentRequest.State.ASKED)
        events.record(Event.Kind.REQUEST_ASKED, by=by, request=request, link=link)
    else:
        # The others were waiting before; who is open now talks with us.
        waiting = waiting.filter(pk=from_ticket.pk) if from_ticket else waiting.none()
    for ticket in waiting:
        ticket.move(Ticket.State.WAITING)
    return link


def _free_slot(request: ConsentRequest) -> int:
    taken = set(request.links.filter(state=State.LIVE).values_list("slot", flat=True))
    free = [slot for slot in range(1, MOST_LIVE + 1) if slot not in taken]
    if not free:
        raise TooManyLinks
    return free[0]


def _mail(link: ApprovalLink) -> None:
    assert link.recipient
    key = f"approval-request:{link.pk}:{link.version}:{link.sent_at:%Y%m%d%H%M%S}"
    to, ticket = link.recipient, link.from_ticket
    messages.queue("approval_request", key=key, to=to, link=link, ticket=ticket)


@transaction.atomic
def resend(link: ApprovalLink, *, by: Actor) -> None:
    """Mail it once more; its 30 days begin anew. Raises NotOpen if closed or without recipient."""
    _keep(link)
    if link.recipient is None:
        raise NotOpen
    _renew(link)
    _mail(link)
    events.record(Event.Kind.LINK_SENT, by=by, link=link)


@transaction.atomic
def rotate(link: ApprovalLink, *, by: Actor) -> None:
    """Give it a new address; the old one opens nothing any more. A recipient gets the new one by
    mail.
    """
    _keep(link)
    ApprovalLink.objects.filter(pk=link.pk).update(version=F("version") + 1)
    _renew(link)
    if link.recipient and link.way != Way.SELF:
        _mail(link)
    events.record(Event.Kind.LINK_ROTATED, by=by, link=link)


def _renew(link: ApprovalLink) -> None:
    now = timezone.now()
    ApprovalLink.objects.filter(pk=link.pk).update(sent_at=now, expires_at=now + requests.VALID_FOR)
    ConsentRequest.objects.filter(pk=link.request_id).update(expires_at=now + requests.VALID_FOR)
    link.refresh_from_db()


def _keep(link: ApprovalLink) -> None:
    if not link.is_live or not link.request.is_open:
        raise NotOpen


@transaction.atomic
def revoke(link: ApprovalLink, *, by: Actor) -> None:
    """Close it; it opens nothing any more. Raises InvalidTransition where it is closed already."""
    request = requests.lock(link.request)
    link.move(State.REVOKED, closed_at=timezone.now())
    events.record(Event.Kind.LINK_REVOKED, by=by, link=link)
    requests.back_to_triage(request)


@transaction.atomic
def forward(link: ApprovalLink, *, to: Contact, tenant: Tenant | None) -> ApprovalLink:
    """Pass it on to a colleague. `tenant` is that of the colleague's address.

    Raises OtherTenant (an agent is told and decides), TooManyLinks after three, NotOpen.
    """
    _keep(link)
    by = Actor.administrator(link.recipient)
    if tenant is None or tenant.pk != link.request.tenant_id:
        raise OtherTenant
    if link.request.links.filter(state=State.LIVE, recipient=to).exclude(way=Way.SELF).exists():
        raise AlreadyAsked
    if not ApprovalLink.objects.filter(pk=link.pk, forwards__lt=MOST_FORWARDS).update(
        forwards=F("forwards") + 1
    ):
        raise TooManyLinks
    passed = send(link.request, to=to, by=by, from_ticket=link.from_ticket, way=Way.FORWARDED)
    events.record(Event.Kind.LINK_FORWARDED, by=by, link=link)
    return passed


@transaction.atomic
def decline(link: ApprovalLink, *, reason: str, note: str) -> None:
    """Close this link with a reason. The request follows when an agent agrees or no link is live
    after 24 hours.
    """
    request = requests.lock(link.request)
    _keep(link)
    link.move(
        State.DECLINED,
        closed_at=timezone.now(),
        decline_reason=reason,
        decline_note=note.strip()[:500],
    )
    events.record(
        Event.Kind.LINK_DECLINED, by=Actor.administrator(link.recipient), link=link, detail=reason
    )
    requests.back_to_triage(request)


@transaction.atomic
def undo_decline(link: ApprovalLink) -> None:
    """Take the decline back; where the request was closed for it meanwhile, a successor opens.

    Raises InvalidTransition, NotOpen, TooManyLinks.
    """
    by = Actor.administrator(link.recipient)
    request = requests.lock(link.request)
    if not request.is_open:
        request = requests.lock(requests.take_up(request, by=by))
        ApprovalLink.objects.filter(pk=link.pk).update(request=request)
    # Another link may have taken its place meanwhile.
    fields = {"slot": _free_slot(request), "decline_reason": "", "decline_note": ""}
    link.move(State.LIVE, closed_at=None, **fields)
    if request.state == ConsentRequest.State.TRIAGE:
        request.move(ConsentRequest.State.ASKED)
    events.record(Event.Kind.LINK_UNDONE, by=by, link=link)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=UTC)


@transaction.atomic
def later(link: ApprovalLink, *, until: date, note: str) -> None:
    """Not now: the mail comes again on that day. No decline."""
    _keep(link)
    lives = max(link.expires_at, _end_of(until) + ANSWER_WITHIN)
    ApprovalLink.objects.filter(pk=link.pk).update(later_until=until, expires_at=lives)
    ConsentRequest.objects.filter(pk=link.request_id, expires_at__lt=lives).update(expires_at=lives)
    if note.strip():
        talks.write(link, note)
    events.record(
        Event.Kind.LINK_LATER,
        by=Actor.administrator(link.recipient),
        link=link,
        detail=until.isoformat(),
    )


@transaction.atomic
def not_me(link: ApprovalLink) -> None:
    """The wrong person was asked: the link closes, and an agent finds the right one."""
    request = requests.lock(link.request)
    _keep(link)
    link.move(State.NOT_ME, closed_at=timezone.now())
    events.record(Event.Kind.LINK_NOT_ME, by=Actor.administrator(link.recipient), link=link)
    requests.back_to_triage(request)


def acted(link: ApprovalLink) -> None:
    """Its reader sent a form, so a person has it open."""
    ApprovalLink.objects.filter(pk=link.pk).update(opened_at=timezone.now())


def opened(link: ApprovalLink, *, method: str, at: datetime) -> None:
    """Somebody opened the page. HEAD, and GET soon after delivery, are scanners; a person's visit
    brings a look.

    Nothing that anybody sees depends on it, so a scanner that is taken for a person does no harm.
    """
    delivered = (
        link.mails.filter(kind="approval_request", sent_at__isnull=False)
        .order_by("-sent_at")
        .first()
    )
    fresh = bool(delivered and delivered.sent_at and at - delivered.sent_at < SCANNERS)
    if method != "GET" or fresh or not link.is_live:
        return
    due = ApprovalLink.objects.filter(pk=link.pk).filter(
        Q(opened_at__isnull=True) | Q(opened_at__lt=at - timedelta(minutes=5))
    )
    with transaction.atomic():
        if due.update(opened_at=at):
            events.record(Event.Kind.LINK_OPENED, by=Actor.administrator(link.recipient), link=link)
            watching.opened(link.request)
