"""After the grant: what changed at a customer's becomes a ticket of the monitor's, for an agent to
see before people run into it; and the ticket ends by itself where the change does.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from consent import events
from consent.actors import WORKER
from consent.models import Check, ConsentRequest, Event, Reply, Ticket, Watch
from tenants.microsoft.permissions import Permission

Change = Ticket.Change
#: Microsoft's number for a tenant that it does not know.
NO_SUCH_TENANT: Final = "AADSTS90002"
#: A tenant that Microsoft did not know for so long, with no look that found it, is gone.
GONE_AFTER: Final = timedelta(days=3)


@transaction.atomic
def found(
    request: ConsentRequest,
    change: Ticket.Change,
    *,
    missing: Iterable[Permission] = (),
    code: str = "",
) -> Ticket | None:
    """Open a ticket with the difference as its note; None where one is open already.

    Call it in the look's transaction, which holds the tenant: no other look is at it.
    """
    of_kind = Ticket.objects.filter(tenant=request.tenant_id, app=request.app_id, change=change)
    if of_kind.filter(state__in=Ticket.ACTIVE).exists():
        return None
    ticket = Ticket.objects.create(
        app=request.app,
        tenant=request.tenant,
        request=request,
        opened_by=Ticket.OpenedBy.MONITOR,
        change=change,
        state=Ticket.State.OPEN,
        confirmed_at=timezone.now(),
        placed_at=timezone.now(),
    )
    events.record(
        Event.Kind.TICKET_FOUND, by=WORKER, ticket=ticket, request=request, detail=change.value
    )
    names = sorted({f"{one.name} ({one.kind.value})" for one in missing})
    _note(ticket, missing=names, code=code)
    return ticket


@transaction.atomic
def over(request: ConsentRequest, *changes: Ticket.Change) -> None:
    """What changed is as it was: a note says so, and the ticket closes unless an agent has it."""
    tickets = Ticket.objects.filter(
        tenant=request.tenant_id, app=request.app_id, change__in=changes, state__in=Ticket.ACTIVE
    )
    for ticket in tickets.order_by("pk"):
        _note(ticket, is_over=True)
        if ticket.agent_id is None:
            ticket.move(Ticket.State.CLOSED)
            events.record(Event.Kind.TICKET_CLOSED, by=WORKER, ticket=ticket, request=request)


def _note(ticket: Ticket, **facts: object) -> None:
    """A note among agents, in the words of the template."""
    context = {"ticket": ticket, "change": ticket.change, **facts}
    body = render_to_string("desk/monitors_note.txt", context).strip()
    Reply.objects.create(ticket=ticket, author=Reply.Author.AGENT, is_public=False, body=body)


def mind_the_tenant(watch: Watch, request: ConsentRequest, code: str) -> None:
    """A look met `code`: where Microsoft has not known the tenant for days, it was deleted."""
    if code != NO_SUCH_TENANT:
        return
    telling = watch.checks.filter(outcome__in=Check.TELLING).order_by("-at").first()
    unknown = watch.checks.filter(code=NO_SUCH_TENANT)
    if telling:
        unknown = unknown.filter(at__gt=telling.at)
    first = unknown.order_by("at").first()
    if first is None or timezone.now() - first.at < GONE_AFTER:
        return
    # An agent who closed it knows.
    told = Ticket.objects.filter(tenant=request.tenant_id, app=request.app_id)
    if not told.filter(change=Change.DELETED, created_at__gt=first.at).exists():
        found(request, Change.DELETED, code=code)
