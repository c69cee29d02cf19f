"""What agents look at: the queue, a ticket, a tenant."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consent import presenting, tokens
from consent.doctor import examine
from consent.models import (
    ApprovalLink,
    ConsentRequest,
    Event,
    OutboxMessage,
    Ticket,
    UnknownCode,
    Watch,
)
from portal.desk.access import agents_only, ticket_or_404
from portal.desk.diagnosis import diagnosis_of
from portal.desk.next_step import next_step
from portal.desk.rail import VIEWS, of_view
from tenants.models import Tenant

PAGE = 50


@require_safe
@agents_only
def queue(request: HttpRequest) -> HttpResponse:
    """Tickets, longest untouched first."""
    name = request.GET.get("view", "todo")
    name = name if name in VIEWS else "todo"
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    rows = of_view("all" if words else name, request.user)
    if words:
        rows = rows.filter(_matching(words))
    rows = rows.select_related("app", "contact", "tenant", "request", "agent").prefetch_related(
        "tenant__domains"
    )
    page = Paginator(rows.order_by("touched_at", "pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "view": name,
        "q": words,
        "requests": ConsentRequest.objects.filter(state__in=ConsentRequest.OPEN).count(),
        "unknown_codes": UnknownCode.objects.count(),
    }
    return render(request, "desk/queue.html", context)


def _matching(words: str) -> Q:
    try:
        by_number = Q(pk=Ticket.key_of(words))
    except ValueError:
        by_number = Q()
    found = Q(contact__email__icontains=words) | Q(tenant__name__icontains=words)
    found |= Q(tenant__domains__name__icontains=words) | Q(tenant__tenant_id=words.lower())
    return by_number or Q(pk__in=Ticket.objects.filter(found).values("pk"))


@require_safe
@agents_only
def codes(request: HttpRequest) -> HttpResponse:
    """Codes that pastes had and the catalogue lacks, the latest first."""
    rows = UnknownCode.objects.order_by("-last_seen_at", "code")
    context = {"codes": rows}
    return render(request, "desk/codes.html", context)


@require_safe
@agents_only
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """One ticket: its story, what to write, the facts, and the proposed next step."""
    return show_ticket(request, ticket_or_404(number))


def show_ticket(
    request: HttpRequest, shown: Ticket, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The ticket's page, also with what was wrong with a form."""
    asked, step = shown.request, next_step(shown)
    watch = _watch(asked) if asked else None
    context = {
        "ticket": shown,
        "request_": asked,
        "told": diagnosis_of(shown),
        "pictures": shown.attachments.defer("content").order_by("pk"),
        "examination": examine(shown, at=timezone.now())
        if shown.tenant and not shown.change
        else None,
        "still_blocked": shown.says_still_blocked(),
        "timeline": _timeline(shown),
        "replies": shown.replies.select_related("agent", "contact").order_by("pk"),
        "links": _links(asked) if asked else [],
        "checks": watch.checks.order_by("-pk")[:10] if watch else [],
        "watch": watch,
        "evidence": asked.evidence.order_by("-pk")[:20] if asked else [],
        "others": asked.tickets.waiting().exclude(pk=shown.pk).select_related("contact")
        if asked
        else [],
        "matching_code": tokens.matching_code(asked) if asked else "",
        "mails": _mails(shown),
        "next_step": step,
        "may_reply": shown.is_confirmed and shown.contact is not None,
        # Whose form stands open: that of the one to write to next.
        "answer_to": step.link.pk if step.link and step.action == "answer" else None,
        "said": request.GET.get("said", "")[:30],
        "status_address": presenting.status_address(shown) if shown.contact else "",
        **more,
    }
    return render(request, "desk/ticket.html", context, status=status)


def _timeline(shown: Ticket) -> list[Event]:
    found = Q(ticket_id=shown.pk)
    if shown.request_id:
        found |= Q(request_id=shown.request_id, ticket_id__isnull=True)
    return list(Event.objects.filter(found))


def _mails(shown: Ticket) -> QuerySet[OutboxMessage]:
    """Its own, and those to its request's administrators that name no ticket."""
    found = Q(ticket=shown)
    if shown.request_id:
        found |= Q(link__request=shown.request_id, ticket__isnull=True)
    return OutboxMessage.objects.filter(found).select_related("to").order_by("-pk")[:30]


def _links(asked: ConsentRequest) -> list[ApprovalLink]:
    return list(asked.links.select_related("recipient", "request").order_by("pk"))


def _watch(asked: ConsentRequest) -> Watch | None:
    return Watch.objects.filter(tenant=asked.tenant_id, app=asked.app_id).first()


@require_safe
@agents_only
def tenant(request: HttpRequest, key: int) -> HttpResponse:
    """A tenant's whole story."""
    shown = get_object_or_404(Tenant, pk=key)
    context = {
        "tenant": shown,
        "requests": shown.requests.select_related("app").order_by("-pk"),
        "tickets": shown.tickets.select_related("contact", "app", "request").order_by("-pk")[:100],
        "grants": shown.grants.select_related("app").order_by("app", "value"),
        "timeline": Event.objects.filter(tenant_id=shown.pk).order_by("-pk")[:100],
    }
    return render(request, "desk/tenant.html", context)
