"""Gives a view the link behind the token, and the page's facts."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from consent import attempts, links, presenting, rates, tokens
from consent.errors import BadToken, TooOften
from consent.models import ApprovalLink, ConsentAttempt, ConsentRequest, Event, Reply
from portal.browsers import SeeOther, browser_secrets

State = ConsentRequest.State
View = Callable[[HttpRequest, ApprovalLink], HttpResponse]


def with_link(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """Give the view the link behind the token; a bad one gets its own page."""

    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            link = tokens.read_approval(token)
        except BadToken:
            return render(request, "public/bad_link.html", status=404)
        if link.state == ApprovalLink.State.REVOKED:
            # Whoever still has it learns that it is closed, and nothing else.
            facts = {"link": link, "app": link.request.app, "revoked": True}
            return render(request, "approval/closed.html", facts)
        if request.method == "POST":
            try:
                rates.count_post("link", link.public_id)
            except TooOften:
                return render(request, "429.html", status=429)
            links.acted(link)
        return view(request, link)

    return opened


def back(link: ApprovalLink, said: str = "") -> HttpResponse:
    """To the administrator's page, with the short name of what happened."""
    return SeeOther(presenting.approval_path(link) + (f"?said={said}" if said else ""))


def result_path(link: ApprovalLink) -> str:
    """Where every trip ends."""
    return presenting.approval_path(link) + "result/"


def is_usable(link: ApprovalLink) -> bool:
    """It opens the page with its buttons: the link is live and nobody decided yet."""
    return link.is_live and link.request.is_open


def _is_unproved(link: ApprovalLink) -> bool:
    """Somebody came back through this link with a claim, and no proof came of it."""
    asked = link.request
    return (
        asked.state in {State.ASKED, State.TRIAGE}
        and link.attempts.filter(outcome=ConsentAttempt.Outcome.CLAIMED, request=asked).exists()
        and Event.objects.filter(request_id=asked.pk, kind=Event.Kind.REQUEST_UNPROVED).exists()
    )


def show(
    request: HttpRequest, link: ApprovalLink, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The administrator's page, or what became of the matter."""
    context = {**facts(request, link), "said": request.GET.get("said", "")[:30], **more}
    name = "approval/page.html" if is_usable(link) else "approval/closed.html"
    return render(request, name, context, status=status)


def facts(request: HttpRequest, link: ApprovalLink) -> dict[str, Any]:
    """All that the administrator's pages show. What a stranger typed is cut and defused."""
    asked: ConsentRequest = link.request
    ticket = (
        link.from_ticket or asked.tickets.filter(confirmed_at__isnull=False).order_by("pk").first()
    )
    trip = attempts.latest(link, browser_secrets(request))
    permissions = presenting.asked_permissions(asked)
    return {
        "link": link,
        "token": tokens.approval_token(link),
        "request": asked,
        "app": asked.app,
        "tenant": asked.tenant,
        "permissions": permissions,
        "kinds": {permission.kind for permission in permissions},
        "needed_role": presenting.needed_role(asked),
        "matching_code": tokens.matching_code(asked),
        "portal_way": presenting.portal_way(asked),
        "ticket": ticket,
        "requester": ticket.contact if ticket else None,
        "requester_name": presenting.defused(ticket.who) if ticket else "",
        "note": presenting.defused(ticket.note) if ticket else "",
        "number": ticket.number if ticket else "",
        "waiting": asked.tickets.waiting().count(),
        "reasons": ApprovalLink.Reason.choices,
        "may_undo": link.may_be_taken_back,
        "forwards_left": links.MOST_FORWARDS - link.forwards,
        "talk": Reply.objects.filter(link=link).select_related("agent").order_by("pk"),
        "old_consent": asked.is_open and presenting.was_there_before(asked),
        "told_us": Event.objects.filter(link_id=link.pk, kind=Event.Kind.LINK_SAW).exists(),
        "unproved": _is_unproved(link),
        "trip": trip,
        # Microsoft brings nobody back from an app that is not ours.
        "is_away": bool(
            trip and trip.outcome == ConsentAttempt.Outcome.AWAY and asked.app.credential
        ),
        "today": timezone.localdate(),
    }
