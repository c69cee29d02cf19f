"""Finds a confirmed ticket's tenant, lets it join a request, and asks the administrator that was
named.
"""

from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from consent import links, requests
from consent.actors import Actor
from consent.errors import NotAgain, NotOpen, RegistrationDiffers, Stopped, TooManyLinks
from consent.models import AppRegistration, Ticket
from tenants.discovery import belongs_to, tenant_of
from tenants.microsoft.errors import MicrosoftError
from tenants.models import Tenant


@dataclass(frozen=True)
class Found:
    """What Microsoft's metadata says of the two addresses on a ticket."""

    tenant: Tenant | None
    is_administrators_too: bool


def place(ticket: Ticket) -> bool:
    """Ask Microsoft for the tenant (outside any transaction), then join. Tells whether it is done.

    When Microsoft cannot be asked, the ticket stays unplaced and the sweep tries again. Placing
    twice changes nothing.
    """
    if ticket.placed_at or not ticket.is_confirmed or ticket.contact is None:
        return True
    try:
        tenant = ticket.tenant or tenant_of(ticket.contact.domain)
        domain = ticket.administrator.domain if ticket.administrator else ""
        found = Found(tenant, bool(tenant and domain and belongs_to(tenant, domain)))
    except MicrosoftError:
        return False
    _join(ticket, found)
    return True


@transaction.atomic
def _join(ticket: Ticket, found: Found) -> None:
    app = app_in_cloud(ticket.app, found.tenant.cloud) if found.tenant else None
    # Microsoft was asked meanwhile: who withdrew or asked anew in that time joins nothing.
    waits = Ticket.objects.filter(pk=ticket.pk, placed_at__isnull=True, state=Ticket.State.OPEN)
    won = waits.update(placed_at=timezone.now(), tenant=found.tenant, app=app or ticket.app)
    ticket.refresh_from_db()
    if not won or found.tenant is None or app is None:
        return  # no tenant, or a cloud where the app is not registered: an agent takes over
    by = Actor.requester(ticket.contact)
    request = requests.join(ticket, by=by)
    if request.is_open and ticket.administrator and found.is_administrators_too:
        # Three may have a link already; the requester sees that on the status page. Where our own
        # registration is not in order, or that person wants no more of it, an agent goes on.
        with suppress(TooManyLinks, NotOpen, Stopped, NotAgain, RegistrationDiffers):
            links.send(request, to=ticket.administrator, by=by, from_ticket=ticket)


def app_in_cloud(app: AppRegistration, cloud: str) -> AppRegistration | None:
    """The registration of the same product in that cloud, if there is one."""
    if app.cloud == cloud:
        return app
    return AppRegistration.objects.filter(slug=app.slug, cloud=cloud).first()
