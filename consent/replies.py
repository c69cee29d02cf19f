"""What is written on a ticket, and whether somebody waits for our answer to it."""

from django.db import transaction
from django.utils import timezone

from consent import events
from consent.actors import Actor
from consent.errors import NotOpen
from consent.models import Event, Reply, Ticket
from consent.outbox import messages
from tenants.models import User

MOST_CHARACTERS = 5000


@transaction.atomic
def reply(ticket: Ticket, *, body: str) -> Reply:
    """The requester writes to us; whatever its state, the ticket is open. Raises NotOpen for an
    address that nobody confirmed.
    """
    if not ticket.is_confirmed:
        raise NotOpen
    written = Reply.objects.create(
        ticket=ticket,
        author=Reply.Author.REQUESTER,
        contact=ticket.contact,
        body=body[:MOST_CHARACTERS],
    )
    if ticket.state != Ticket.State.OPEN:
        ticket.move(Ticket.State.OPEN)
    _record(ticket, Actor.requester(ticket.contact))
    return written


@transaction.atomic
def answer(ticket: Ticket, *, body: str, by: User) -> Reply:
    """An agent writes to the requester. An open ticket waits then, unless somebody else still waits
    for an answer on it; what was said of any other state stays true. Raises NotOpen for an address
    that nobody confirmed, for we write to no stranger, and where there is none.
    """
    if not ticket.is_confirmed or ticket.contact is None:
        raise NotOpen
    written = Reply.objects.create(
        ticket=ticket, author=Reply.Author.AGENT, agent=by, body=body[:MOST_CHARACTERS]
    )
    messages.queue(
        "ticket_reply",
        key=f"reply:{written.pk}:{ticket.contact.pk}",
        to=ticket.contact,
        ticket=ticket,
        reply=written,
    )
    _record(ticket, Actor.agent(by))
    wait_for_answer(ticket)
    return written


def _record(ticket: Ticket, by: Actor) -> None:
    events.record(Event.Kind.TICKET_REPLIED, by=by, ticket=ticket, request=ticket.request)
    Ticket.objects.filter(pk=ticket.pk).update(touched_at=timezone.now())


@transaction.atomic
def note(ticket: Ticket, *, body: str, by: User) -> Reply:
    """A note among agents."""
    written = Reply.objects.create(
        ticket=ticket,
        author=Reply.Author.AGENT,
        agent=by,
        body=body[:MOST_CHARACTERS],
        is_public=False,
    )
    events.record(Event.Kind.TICKET_NOTED, by=Actor.agent(by), ticket=ticket)
    return written


def wait_for_answer(ticket: Ticket) -> None:
    """An agent has written: it is somebody else's turn, unless another person still waits for us.
    Call it inside a transaction.
    """
    if ticket.state == Ticket.State.OPEN and unanswered(ticket) is None:
        ticket.move(Ticket.State.WAITING)


def unanswered(ticket: Ticket) -> Reply | None:
    """The latest message that no agent has answered: the requester's, or that of an administrator,
    each of whom has a talk of their own with us.
    """
    last: dict[int | None, Reply] = {}
    said = ticket.replies.exclude(is_public=False, to_administrator=False).order_by("pk")
    for one in said.select_related("link__recipient"):
        last[one.link_id if one.to_administrator else None] = one
    waiting = [one for one in last.values() if one.author != Reply.Author.AGENT]
    return max(waiting, key=lambda one: one.pk, default=None)
