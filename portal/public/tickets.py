"""A requester's own page: confirm, follow, act."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent import (
    contacts,
    links,
    placing,
    presenting,
    proofs,
    rates,
    replies,
    tickets,
    tokens,
)
from consent.errands import Errand
from consent.errors import BadToken, DomainError, NoMoreTries, TooOften, WrongCode
from consent.models import Ticket
from portal.browsers import SeeOther, follow, may_leave_for_microsoft, tickets_asked_here
from portal.public import status as status_of
from portal.public.forms import MOST_PASTED
from tenants.models import Contact

View = Callable[[HttpRequest, Ticket], HttpResponse]
#: Which form of the status page each refusal belongs to.
REFUSED_FIELD = {
    "empty_message": "reply",
    "long_message": "reply",
    "yes_or_no": "tried",
    "too_many_pictures": "screenshot",
}


def with_ticket(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """Give the view the ticket behind the token; a bad one gets its own page."""

    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            ticket = tokens.read_ticket(token)
        except BadToken:
            return render(request, "public/bad_link.html", status=404)
        if request.method == "POST":
            try:
                rates.count_post("ticket", ticket.public_id)
            except TooOften:
                return render(request, "429.html", status=429)
        return view(request, ticket)

    return opened


def confirmed_only(view: View) -> View:
    """Before the address is confirmed there is only one thing to do."""

    @wraps(view)
    def opened(request: HttpRequest, ticket: Ticket) -> HttpResponse:
        return view(request, ticket) if ticket.is_confirmed else back(ticket)

    return opened


def _path(ticket: Ticket) -> str:
    return f"/t/{tokens.ticket_token(ticket)}/"


def back(ticket: Ticket, said: str = "") -> HttpResponse:
    return SeeOther(_path(ticket) + (f"?said={said}" if said else ""))


@require_safe
@may_leave_for_microsoft
@with_ticket
def page(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """The form to confirm, afterwards the status."""
    if not ticket.is_confirmed:
        return _confirm_page(request, ticket)
    return status_page(request, ticket)


def _confirm_page(
    request: HttpRequest, ticket: Ticket, *, error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "ticket": ticket,
        "app": ticket.app,
        "token": tokens.ticket_token(ticket),
        "asked_here": ticket.public_id in tickets_asked_here(request),
        "error": error,
    }
    return render(request, "public/confirm.html", context, status=status)


def status_page(
    request: HttpRequest, ticket: Ticket, *, status: int = 200, **more: Any
) -> HttpResponse:
    error = more.get("error", "")
    context = {
        "token": tokens.ticket_token(ticket),
        "said": request.GET.get("said", "")[:30],
        "refused": {REFUSED_FIELD[error]: error} if error else {},
        **status_of.page_facts(ticket),
        **more,
    }
    return render(request, "public/status.html", context, status=status)


@require_POST
@with_ticket
def confirm(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """One click in the browser that asked; the six digits in any other."""
    if not ticket.is_confirmed:
        if ticket.public_id not in tickets_asked_here(request):
            try:
                tickets.check_code(ticket, request.POST.get("code", "")[:40])
            except (WrongCode, NoMoreTries) as error:
                return _confirm_page(request, ticket, error=error.code, status=422)
        tickets.confirm(ticket)
        placing.place(ticket)
    return back(ticket)


@require_safe
@with_ticket
def status(_request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """The same for programs: no addresses, no other requester, no notes of agents."""
    return JsonResponse(status_of.as_json(ticket))


@require_POST
@may_leave_for_microsoft
@with_ticket
@confirmed_only
def reply(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Write to our support."""
    body = request.POST.get("message", "").replace("\0", "").strip()
    if not body:
        return status_page(request, ticket, status=422, error="empty_message")
    if len(body) > replies.MOST_CHARACTERS:
        return status_page(request, ticket, status=422, error="long_message", draft=body)
    replies.reply(ticket, body=body)
    return back(ticket, "replied")


@require_POST
@with_ticket
@confirmed_only
def withdraw(_request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Not needed any more."""
    tickets.withdraw(ticket)
    return back(ticket)


@require_POST
@may_leave_for_microsoft
@with_ticket
@confirmed_only
def tried(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """What came of a try."""
    worked = request.POST.get("worked")
    if worked not in {"yes", "no"}:
        return status_page(request, ticket, status=422, error="yes_or_no")
    try:
        tickets.tried(
            ticket, worked=worked == "yes", pasted=request.POST.get("pasted", "")[:MOST_PASTED]
        )
    except DomainError as refusal:
        return back(ticket, refusal.code)
    return back(ticket, "worked" if worked == "yes" else "still_blocked")


@require_POST
@may_leave_for_microsoft
@with_ticket
@confirmed_only
def test(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Over Microsoft's silent sign-in and back: does this user get in?"""
    if ticket.request is None or not proofs.can_prove(ticket.request):
        return back(ticket, "no_test")
    # A visible sign-in asks only who it is. With the app's scopes it could end on a page that makes
    # the very grant that is to be shown.
    is_there = bool(ticket.request.news_at or ticket.request.is_granted)
    visible = "visible" in request.POST and is_there
    errand = Errand(
        request_id=ticket.request.pk,
        ticket_id=ticket.pk,
        back_to=_path(ticket),
        stage=proofs.IDENTITY if visible else proofs.first_stage(ticket.request),
        visible=visible,
        login_hint=ticket.contact.email if ticket.contact else "",
    )
    return follow(proofs.begin(errand))


@require_POST
@with_ticket
@confirmed_only
def share(_request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """A link and ready words to pass on oneself."""
    try:
        links.share(ticket)
    except DomainError as error:
        return back(ticket, error.code)
    return back(ticket)


@require_POST
@with_ticket
@confirmed_only
def administrator(_request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """The requester is the administrator."""
    try:
        link = links.own(ticket)
    except DomainError as error:
        return back(ticket, error.code)
    return SeeOther(presenting.approval_path(link))


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """*Never write to me again*: a page first, for scanners open links; a POST does it."""
    try:
        contact: Contact = tokens.read_stop(token)
    except BadToken:
        return render(request, "public/bad_link.html", status=404)
    again = request.method == "POST" and request.POST.get("again") == "yes"
    if request.method == "POST":
        (contacts.write_again if again else contacts.stop_writing)(contact)
        contact.refresh_from_db()
    context = {"token": token, "stopped": contact.stopped_at is not None, "started_again": again}
    return render(request, "public/stop.html", context)
