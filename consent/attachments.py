"""Screenshots for the agents."""

from typing import Final

from django.db import transaction
from django.utils import timezone

from consent import events
from consent.actors import Actor
from consent.errors import TooManyPictures
from consent.models import Attachment, Event, Ticket
from consent.pictures import Picture

MOST_A_TICKET: Final = 5


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
