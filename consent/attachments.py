"""Screenshots for the agents."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from consent import events, rates
from consent.actors import Actor
from consent.errors import TooManyPictures, TooOften
from consent.models import Attachment, Event, Ticket
from consent.pictures import Picture

MOST_A_TICKET: Final = 5
#: What all tickets together may hold whose address nobody has confirmed. Whoever comes later shows
#: the picture on the ticket's own page.
MOST_OF_STRANGERS: Final = 500 * 1024 * 1024


def may_show(shown: Picture, *, network: str) -> bool:
    """Whether a picture of somebody is kept who has not confirmed an address; counts it for that
    network. There is an end to what one network sends in a day, and to what all have sent.
    """
    limit = settings.PICTURES_PER_NETWORK_A_DAY
    try:
        rates.count("picture", network, limit=limit, span=timedelta(days=1))
    except TooOften:
        return False
    strangers = Attachment.objects.filter(ticket__state=Ticket.State.UNCONFIRMED)
    held: int = strangers.aggregate(held=Sum("size"))["held"] or 0
    return held + len(shown.content) <= MOST_OF_STRANGERS


def keep(ticket: Ticket, shown: Picture) -> Attachment:
    """Write a picture down with a ticket."""
    return Attachment.objects.create(
        ticket=ticket,
        kind=shown.kind,
        width=shown.width,
        height=shown.height,
        size=len(shown.content),
        content=shown.content,
    )


@transaction.atomic
def attach(ticket: Ticket, shown: Picture) -> Attachment:
    """The requester shows us a picture: like a reply it brings the ticket back to us.

    Raises TooManyPictures once the ticket has five.
    """
    # Held, so that two uploads at once do not both become the fifth.
    ticket.refresh_from_db(from_queryset=Ticket.objects.select_for_update())
    if ticket.attachments.count() >= MOST_A_TICKET:
        raise TooManyPictures
    kept = keep(ticket, shown)
    if ticket.state != Ticket.State.OPEN:
        ticket.move(Ticket.State.OPEN)
    by = Actor.requester(ticket.contact)
    events.record(
        Event.Kind.TICKET_REPLIED,
        by=by,
        ticket=ticket,
        request=ticket.request,
        detail="screenshot",
    )
    Ticket.objects.filter(pk=ticket.pk).update(touched_at=timezone.now())
    return kept
