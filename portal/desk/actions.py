"""What agents do. Each action is one service; a refusal is a sentence on the same page."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from consent import links, placing, replies, requests, talks, tickets
from consent.actors import Actor
from consent.errors import DomainError, NotOpen
from consent.models import AppRegistration, ApprovalLink, Ticket
from portal.desk.access import agents_only, ticket_or_404, ticket_page
from portal.desk.forms import NewTicketForm, SendForm, WordsForm
from portal.desk.queue import show_ticket
from tenants.models import User

Act = Callable[[HttpRequest, Ticket, User], HttpResponse | None]


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def new(request: HttpRequest) -> HttpResponse:
    """Open a ticket for somebody; the address needs no confirmation, for an agent knows whom he
    talks to.
    """
    typed = {"email": request.GET.get("email", "")[:254], "app": request.GET.get("app", "")[:80]}
    form = NewTicketForm(request.POST or None, initial=typed)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        ticket = tickets.open_for(
            app=given["app"],
            email=given["email"],
            pasted=given["pasted"],
            note=given["note"],
            administrator_email=given["admin_email"],
            by=request.user,
        )
        placing.place(ticket)
        return ticket_page(ticket)
    products = {app.slug: app for app in AppRegistration.objects.order_by("-pk")}
    context = {"form": form, "products": list(products.values())[::-1]}
    return render(
        request, "desk/new.html", context, status=422 if request.method == "POST" else 200
    )


@require_POST
@agents_only
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Do that to the ticket."""
    ticket = ticket_or_404(number)
    chosen = ACTIONS.get(action)
    if chosen is None:
        raise Http404
    try:
        return chosen(request, ticket, request.user) or ticket_page(ticket, action)
    except DomainError as refusal:
        return _refused(request, number, refusal.code)


def _refused(request: HttpRequest, number: str, code: str, answer_to: int = 0) -> HttpResponse:
    """The page as it stands now, with what was typed: nobody types it twice. `answer_to` is the
    link whose reader it was for.
    """
    ticket = ticket_or_404(number)
    typed: dict[str, Any] = {}
    if answer_to:
        typed = {"answer_form": WordsForm(request.POST), "answer_to": answer_to}
    elif "message" in request.POST:
        typed = {"words_form": WordsForm(request.POST)}
    elif "email" in request.POST:
        typed = {"send_form": SendForm(request.POST)}
    if not typed:
        return ticket_page(ticket, code)
    return show_ticket(request, ticket, status=409, said=code, **typed)


def _take(_request: HttpRequest, ticket: Ticket, agent: User) -> None:
    tickets.take(ticket, by=agent)


def _reply(request: HttpRequest, ticket: Ticket, agent: User) -> HttpResponse | None:
    form = WordsForm(request.POST)
    if not form.is_valid():
        return show_ticket(request, ticket, status=422, words_form=form)
    replies.answer(ticket, body=form.cleaned_data["message"], by=agent)
    return None


def _note(request: HttpRequest, ticket: Ticket, agent: User) -> HttpResponse | None:
    form = WordsForm(request.POST)
    if not form.is_valid():
        return show_ticket(request, ticket, status=422, words_form=form)
    replies.note(ticket, body=form.cleaned_data["message"], by=agent)
    return None


def _send(request: HttpRequest, ticket: Ticket, agent: User) -> HttpResponse | None:
    form = SendForm(request.POST)
    if not form.is_valid():
        return show_ticket(request, ticket, status=422, send_form=form)
    if ticket.request is None:
        raise NotOpen
    links.send(
        requests.take_up(ticket.request, by=Actor.agent(agent)),
        to=tickets.contact_of(form.cleaned_data["email"]),
        by=Actor.agent(agent),
        from_ticket=ticket,
    )
    return None


def _check(_request: HttpRequest, ticket: Ticket, agent: User) -> None:
    if ticket.request is None:
        raise NotOpen
    requests.look_now(ticket.request, by=Actor.agent(agent), ticket=ticket)


def _close(_request: HttpRequest, ticket: Ticket, agent: User) -> None:
    tickets.close(ticket, by=Actor.agent(agent))


def _move(_request: HttpRequest, ticket: Ticket, agent: User) -> None:
    """The status page gets a new address."""
    tickets.move_status_page(ticket, by=agent)


def _agree(_request: HttpRequest, ticket: Ticket, agent: User) -> None:
    """The agent agrees with an administrator's decline."""
    if ticket.request is None:
        raise NotOpen
    requests.decline(ticket.request, by=Actor.agent(agent))


ACTIONS: dict[str, Act] = {
    "take": _take,
    "reply": _reply,
    "note": _note,
    "send": _send,
    "check": _check,
    "close": _close,
    "agree": _agree,
    "move": _move,
}


@require_POST
@agents_only
def act_on_link(request: HttpRequest, key: int, action: str) -> HttpResponse:
    """Resend, rotate or revoke a link, or answer its reader; back to the ticket it came from."""
    rows = ApprovalLink.objects.select_related(
        "request__app", "request__tenant", "recipient", "from_ticket"
    )
    link = get_object_or_404(rows, pk=key)
    ticket = ticket_or_404(request.POST.get("ticket", ""))
    by = Actor.agent(request.user)
    said, number = action, ticket.number
    answers = link.pk if action == "answer" else 0
    try:
        if action == "resend":
            links.resend(link, by=by)
        elif action == "rotate":
            links.rotate(link, by=by)
            is_mailed = link.recipient and link.way != ApprovalLink.Way.SELF
            said = "rotate" if is_mailed else "rotate_unmailed"
        elif action == "revoke":
            links.revoke(link, by=by)
        elif action == "answer":
            form = WordsForm(request.POST)
            if not form.is_valid():
                more = {"answer_form": form, "answer_to": link.pk}
                return show_ticket(request, ticket, status=422, **more)
            talks.answer(link, body=form.cleaned_data["message"], by=request.user)
        else:
            raise Http404
    except DomainError as refusal:
        return _refused(request, number, refusal.code, answers)
    return ticket_page(ticket, said)
