"""Mails that were given up, and the switch that holds back all of them."""

from collections.abc import Callable

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from consent.models import InvalidTransition, OutboxMessage
from consent.outbox import messages, stopping
from portal.browsers import SeeOther
from portal.desk.access import agents_only
from portal.desk.queue import PAGE
from tenants.models import User


@require_safe
@agents_only
def index(request: HttpRequest) -> HttpResponse:
    """Those given up, the latest first, with what the server said."""
    rows = messages.given_up().select_related("ticket", "link__request__tenant")
    rows = rows.prefetch_related("link__request__tenant__domains")
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
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
def again(_request: HttpRequest, key: int) -> HttpResponse:
    """Queue one that was given up once more."""
    try:
        messages.send_again(get_object_or_404(OutboxMessage, pk=key))
    except InvalidTransition:
        return _page("not_given_up")
    return _page("again")


ACTIONS: dict[str, Callable[[User], object]] = {
    "stop": lambda agent: stopping.stop(by=agent),
    "resume": lambda agent: stopping.resume(by=agent),
    "all-again": lambda _agent: messages.send_all_again(),
}
