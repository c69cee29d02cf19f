"""The talk between an administrator and our support, kept with the ticket it is about."""

from django.db import transaction
from django.utils import timezone

from consent import events, replies
from consent.actors import Actor
from consent.errors import NotOpen
from consent.models import ApprovalLink, Event, Reply, Ticket
from consent.outbox import messages
from tenants.models import User


@transaction.atomic
def question(link: ApprovalLink, *, message: str) -> None:
    """The administrator asks our support something. Raises NotOpen for a link that ended."""
    _keep(link)
    write(link, message)
    events.record(Event.Kind.QUESTION_ASKED, by=Actor.administrator(link.recipient), link=link)


@transaction.atomic
def saw(link: ApprovalLink, *, seen: str) -> None:
    """What Microsoft showed to somebody who did not come back, as one of the diagnosis' words.
    Raises NotOpen.
    """
    _keep(link)
    by = Actor.administrator(link.recipient)
    events.record(Event.Kind.LINK_SAW, by=by, link=link, detail=seen)


def _keep(link: ApprovalLink) -> None:
    """Who declined or was too late may still talk; the wrong person, or who lost it, may not."""
    if link.state in {ApprovalLink.State.REVOKED, ApprovalLink.State.NOT_ME}:
        raise NotOpen


@transaction.atomic
def answer(link: ApprovalLink, *, body: str, by: User) -> Reply:
    """An agent writes to the administrator; the ticket waits then, as after `replies.answer`.
    Raises NotOpen where the link has no recipient.
    """
    if link.recipient is None:
        raise NotOpen
    ticket = _ticket_of(link)
    written = Reply.objects.create(
        ticket=ticket,
        link=link,
        author=Reply.Author.AGENT,
        agent=by,
        body=body[: replies.MOST_CHARACTERS],
        is_public=False,
        to_administrator=True,
    )
    key = f"reply:{written.pk}:{link.recipient.pk}"
    messages.queue(
        "administrator_reply", key=key, to=link.recipient, link=link, ticket=ticket, reply=written
    )
    events.record(Event.Kind.TICKET_REPLIED, by=Actor.agent(by), link=link, ticket=ticket)
    replies.wait_for_answer(ticket)
    return written


def _ticket_of(link: ApprovalLink) -> Ticket:
    """The one it was sent for while somebody waits there, else the oldest of its request on which
    somebody does; tickets may have moved on.
    """
    if link.from_ticket and link.from_ticket.state in Ticket.ACTIVE:
        return link.from_ticket
    of_request = link.request.tickets.order_by("pk")
    of_app = Ticket.objects.filter(tenant=link.request.tenant_id, app=link.request.app_id)
    active = of_request.filter(state__in=Ticket.ACTIVE).first()
    return active or link.from_ticket or of_request.first() or of_app.latest("pk")


def write(link: ApprovalLink, message: str) -> None:
    """Keep the administrator's words. Call it inside a transaction."""
    ticket = _ticket_of(link)
    Reply.objects.create(
        ticket=ticket,
        link=link,
        author=Reply.Author.ADMINISTRATOR,
        contact=link.recipient,
        body=message.replace("\0", "").strip()[: replies.MOST_CHARACTERS],
        to_administrator=True,
    )
    if ticket.state in {Ticket.State.WAITING, Ticket.State.READY}:
        # Agents look at open tickets; whoever waits is told of the approval from there as well.
        ticket.move(Ticket.State.OPEN)
    Ticket.objects.filter(pk=ticket.pk).update(touched_at=timezone.now())
