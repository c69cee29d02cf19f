"""Mails that were given up, and the switch that holds back all of them."""

from collections.abc import Callable

from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from consent.models import InvalidTransition, OutboxMessage, Ticket
from consent.outbox import messages, stopping
from portal.browsers import SeeOther
from portal.desk.access import agents_only, ticket_or_404, ticket_page
from portal.desk.queue import PAGE
from tenants.models import User


@require_safe
@agents_only
def index(request: HttpRequest) -> HttpResponse:
    """Those given up, the latest first, with what the server said."""
    beside = Ticket.objects.filter(request=OuterRef("link__request")).order_by("pk").values("pk")
    rows = messages.given_up().select_related("ticket", "to", "link__request__tenant")
    rows = rows.prefetch_related("link__request__tenant__domains")
    rows = rows.annotate(beside=Subquery(beside[:1]))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for mail in page:
        mail.at_ticket = mail.ticket or (Ticket(pk=mail.beside) if mail.beside else None)
    context = {
        "page": page,
        "counts": messages.counts(),
        "stop": stopping.standing(),
        "said": request.GET.get("said", "")[:30],
    }
    return render(request, "desk/mails.html", context)


def _page(said: str) -> HttpResponse:
    return SeeOther(f"{reverse('desk:mails')}?said={said}")


@require_POST
@agents_only
def act(request: HttpRequest, action: str) -> HttpResponse:
    """Do that to all mails."""
    chosen = ACTIONS.get(action)
    if chosen is None:
        raise Http404
    chosen(request.user)
    return _page(action)


@require_POST
@agents_only
def again(request: HttpRequest, key: int) -> HttpResponse:
    """Queue one that was given up once more; back to the ticket it was pressed on, if there is
    one.
    """
    said, number = "again", request.POST.get("ticket", "")
    try:
        messages.send_again(get_object_or_404(OutboxMessage, pk=key))
    except InvalidTransition:
        said = "not_given_up"
    return ticket_page(ticket_or_404(number), said) if number else _page(said)


ACTIONS: dict[str, Callable[[User], object]] = {
    "stop": lambda agent: stopping.stop(by=agent),
    "resume": lambda agent: stopping.resume(by=agent),
    "all-again": lambda _agent: messages.send_all_again(),
}
