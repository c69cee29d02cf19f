"""Who may sit at the desk."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from consent.models import Ticket
from portal.browsers import SeeOther


def agents_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Signed in, and one of us."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def ticket_or_404(number: str) -> Ticket:
    """The ticket with that number."""
    try:
        key = Ticket.key_of(number)
    except ValueError:
        raise Http404 from None
    rows = Ticket.objects.select_related(
        "app", "contact", "tenant", "request__app", "request__tenant", "agent", "administrator"
    )
    ticket = rows.filter(pk=key).first()
    if ticket is None:
        raise Http404
    return ticket


def ticket_page(ticket: Ticket, said: str = "") -> HttpResponse:
    """Back to the ticket's page, with what came of an action."""
    address = reverse("desk:ticket", args=[ticket.number])
    return SeeOther(f"{address}?said={said}" if said else address)
