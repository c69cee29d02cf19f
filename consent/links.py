"""Approval links: made, sent, passed on, closed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from consent import events, requests, sparing, talks, watching
from consent.actors import Actor
from consent.errors import AlreadyAsked, NotOpen, OtherTenant, Stopped, TooManyLinks
from consent.models import ApprovalLink, ConsentRequest, Event, Ticket
from consent.new_links import free_slot, make
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
    no second: a requester's ask is then answered by that one, an agent is told with AlreadyAsked.

    Raises NotOpen when the request was decided, TooManyLinks when three are live, Stopped where
    that person never wants to be written to again, NotAgain where they want no more of this matter
    (an agent may ask even so), RegistrationDiffers while that alarm stands.
    """
    if to.stopped_at:
        raise Stopped
    request = requests.lock(request)
    live = request.links.filter(state=State.LIVE, recipient=to).first()
    if live and live.way != Way.SELF:
        if by.is_agent:
            raise AlreadyAsked
        return live
    if not by.is_agent:
        sparing.refuse_to_bother(to, request)
    if live:
        # He opened it for himself; now somebody asks him.
        ApprovalLink.objects.filter(pk=live.pk).update(way=way, from_ticket=from_ticket)
        live.refresh_from_db()
    link = live or make(request, way, by=by, recipient=to, from_ticket=from_ticket)
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
    link = make(request, Way.SHARED, by=by, recipient=None, from_ticket=ticket)
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
    return live or make(request, Way.SELF, by=by, recipient=ticket.contact, from_ticket=ticket)


def _request_of(ticket: Ticket) -> ConsentRequest:
    if ticket.request is None:
        raise NotOpen
    return requests.lock(ticket.request)


def _mail(link: ApprovalLink) -> None:
    assert link.recipient
    key = f"approval-request:{link.pk}:{link.version}:{link.sent_at:%Y%m%d%H%M%S}"
    to, ticket = link.recipient, link.from_ticket
    messages.queue("approval_request", key=key, to=to, link=link, ticket=ticket)


@transaction.atomic
def resend(link: ApprovalLink, *, by: Actor) -> None:
    """Mail it once more; its 30 days begin anew. Raises NotOpen if closed or without recipient."""
    _hold(link)
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
    _hold(link)
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


def _hold(link: ApprovalLink) -> ConsentRequest:
    """The link read anew, with its request held: requests are locked before links, here as in the
    worker. Raises NotOpen where somebody was faster.
    """
    request = requests.lock(link.request)
    link.refresh_from_db()
    if not link.is_live or not request.is_open or link.request_id != request.pk:
        raise NotOpen
    link.request = request
    return request


@transaction.atomic
def revoke(link: ApprovalLink, *, by: Actor) -> None:
    """Close it; it opens nothing any more, and a decline on it cannot be taken back. Raises
    InvalidTransition where it is closed otherwise.
    """
    request = requests.lock(link.request)
    link.move(State.REVOKED, closed_at=timezone.now(), decline_reason="")
    events.record(Event.Kind.LINK_REVOKED, by=by, link=link)
    requests.back_to_triage(request)


@transaction.atomic
def forward(link: ApprovalLink, *, to: Contact, tenant: Tenant | None) -> ApprovalLink:
    """Pass it on to a colleague. `tenant` is that of the colleague's address.

    Raises OtherTenant (`name_outsider` puts it before an agent), AlreadyAsked, TooManyLinks
    after three, NotAgain where the colleague wants no more of it, NotOpen.
    """
    request = _hold(link)
    by = Actor.administrator(link.recipient)
    if tenant is None or tenant.pk != request.tenant_id:
        raise OtherTenant
    if request.links.filter(state=State.LIVE, recipient=to).exclude(way=Way.SELF).exists():
        raise AlreadyAsked
    _count_forward(link)
    passed = send(request, to=to, by=by, from_ticket=link.from_ticket, way=Way.FORWARDED)
    events.record(Event.Kind.LINK_FORWARDED, by=by, link=link)
    return passed


@transaction.atomic
def name_outsider(link: ApprovalLink, *, email: str) -> None:
    """The colleague's address is of another organisation: an agent decides, with the address before
    his eyes. It is one of the three forwards. Raises TooManyLinks after those, NotOpen.
    """
    _hold(link)
    _count_forward(link)
    talks.write(link, email)
    by = Actor.administrator(link.recipient)
    events.record(Event.Kind.LINK_NAMED_OUTSIDER, by=by, link=link)


def _count_forward(link: ApprovalLink) -> None:
    if link.forwards >= MOST_FORWARDS:
        raise TooManyLinks
    ApprovalLink.objects.filter(pk=link.pk).update(forwards=F("forwards") + 1)


@transaction.atomic
def decline(link: ApprovalLink, *, reason: str, note: str) -> None:
    """Close this link with a reason. The request follows when an agent agrees or no link is live
    after 24 hours; who only needs documents is answered by an agent first. Raises NotOpen.
    """
    request = _hold(link)
    link.move(
        State.DECLINED,
        closed_at=timezone.now(),
        decline_reason=reason,
        decline_note=note.strip()[:500],
    )
    events.record(
        Event.Kind.LINK_DECLINED, by=Actor.administrator(link.recipient), link=link, detail=reason
    )
    if reason == ApprovalLink.Reason.NEED_DOCUMENTS:
        talks.write(link, link.decline_note or str(ApprovalLink.Reason.NEED_DOCUMENTS.label))
    requests.back_to_triage(request)


@transaction.atomic
def undo_decline(link: ApprovalLink) -> None:
    """Take the decline back; where the request was closed for it meanwhile, a successor opens.

    Raises InvalidTransition, TooManyLinks, and NotOpen where the request ended and this decline was
    not what ended it: whoever passed on or opened a link for himself begins nothing anew.
    """
    by = Actor.administrator(link.recipient)
    request = requests.lock(link.request)
    if not request.is_open:
        if not link.was_asked or request.state != ConsentRequest.State.DECLINED:
            raise NotOpen
        request = requests.lock(requests.take_up(request, by=by))
        ApprovalLink.objects.filter(pk=link.pk).update(request=request)
    # Another link may have taken its place meanwhile.
    fields = {"slot": free_slot(request), "decline_reason": "", "decline_note": ""}
    link.move(State.LIVE, closed_at=None, **fields)
    if request.state == ConsentRequest.State.TRIAGE:
        request.move(ConsentRequest.State.ASKED)
    events.record(Event.Kind.LINK_UNDONE, by=by, link=link)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=UTC)


@transaction.atomic
def later(link: ApprovalLink, *, until: date, note: str) -> None:
    """Not now: the mail comes again on that day. No decline."""
    _hold(link)
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
    """The wrong person was asked: the link closes, and an agent finds the right one. Nobody but an
    agent can have them written to about this app again. Raises NotOpen.
    """
    request = _hold(link)
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
