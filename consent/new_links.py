"""Makes an approval link, where there is room for one."""

from django.utils import timezone

from consent import alarms, events, requests
from consent.actors import Actor
from consent.errors import NotOpen, TooManyLinks
from consent.models import ApprovalLink, ConsentRequest, Event, Ticket
from consent.models.link import MOST_LIVE
from tenants.models import Contact


def make(
    request: ConsentRequest,
    way: ApprovalLink.Way,
    *,
    by: Actor,
    recipient: Contact | None,
    from_ticket: Ticket | None,
) -> ApprovalLink:
    """A live link of that request, which is then asked. The caller holds the request.

    Raises NotOpen when it was decided, TooManyLinks when three are live, RegistrationDiffers while
    that alarm stands.
    """
    if not request.is_open:
        raise NotOpen
    alarms.refuse_new_links(request.app)
    now = timezone.now()
    link = ApprovalLink.objects.create(
        request=request,
        slot=free_slot(request),
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


def free_slot(request: ConsentRequest) -> int:
    """The lowest place that no live link has; raises TooManyLinks when all three are taken."""
    live = request.links.filter(state=ApprovalLink.State.LIVE)
    taken = set(live.values_list("slot", flat=True))
    free = [slot for slot in range(1, MOST_LIVE + 1) if slot not in taken]
    if not free:
        raise TooManyLinks
    return free[0]
