"""Tickets and replies in the back office."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consent import links, requests, tickets
from consent.actors import Actor
from consent.models import ConsentRequest, Reply, Ticket
from portal.admin.acting import NotHere, RecipientForm, act_on_each
from portal.admin.reading import BackOfficePage, RowsBelow
from portal.admin.recipients import recipient_of


class RepliesBelow(RowsBelow):
    """What was written on the ticket."""

    model = Reply
    fields = ("created_at", "author", "contact", "agent", "is_public", "body")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reply]:
        """With the people who wrote."""
        return super().get_queryset(request).select_related("contact", "agent")


@admin.register(Ticket)
class TicketPage(BackOfficePage):
    """Everything about one person's matter; the desk is where one works on it."""

    list_display = (
        "number",
        "contact",
        "app",
        "tenant",
        "state",
        "agent",
        "touched_at",
        "created_at",
    )
    list_filter = ("state", "opened_by", "change", "app", "agent", "created_at")
    list_select_related = ("contact", "app", "tenant", "agent", "request", "administrator")
    search_fields = ("contact__email", "tenant__name", "tenant__domains__name", "tenant__tenant_id")
    search_help_text = _("A number like C-1042, an address, a domain, a tenant")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    hidden = ("public_id",)
    inlines = (RepliesBelow,)
    action_form = RecipientForm
    actions = ("take", "send_link", "check_now", "move_status_page", "close")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        """With the domains that name a tenant."""
        return super().get_queryset(request).prefetch_related("tenant__domains")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Ticket], search_term: str
    ) -> tuple[QuerySet[Ticket], bool]:
        """By number, else by words."""
        try:
            return queryset.filter(pk=Ticket.key_of(search_term)), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)

    def view_on_site(self, obj: Ticket) -> str:
        """The ticket at the desk."""
        return reverse("desk:ticket", args=[obj.number])

    @admin.action(description=_("Take"))
    def take(self, request: HttpRequest, rows: QuerySet[Ticket]) -> None:
        """The agent looks after them from now on."""
        act_on_each(request, rows, lambda ticket: tickets.take(ticket, by=request.user))

    @admin.action(description=_("Send link (to the address given, else the one on the ticket)"))
    def send_link(self, request: HttpRequest, rows: QuerySet[Ticket]) -> None:
        """A link for an administrator, by mail."""
        given = recipient_of(request)
        if given.is_usable:
            act_on_each(request, rows, lambda ticket: _send(ticket, given.contact, request.user))

    @admin.action(description=_("Check now"))
    def check_now(self, request: HttpRequest, rows: QuerySet[Ticket]) -> None:
        """A look at Microsoft."""
        act_on_each(request, rows, lambda ticket: _check(ticket, request.user))

    @admin.action(description=_("New address for the status page (the old one opens nothing)"))
    def move_status_page(self, request: HttpRequest, rows: QuerySet[Ticket]) -> None:
        """The requester gets it by mail."""
        by = request.user
        act_on_each(request, rows, lambda ticket: tickets.move_status_page(ticket, by=by))

    @admin.action(description=_("Close"))
    def close(self, request: HttpRequest, rows: QuerySet[Ticket]) -> None:
        """Nothing is left to do."""
        by = Actor.agent(request.user)
        act_on_each(request, rows, lambda ticket: tickets.close(ticket, by=by))


def _send(ticket: Ticket, contact: Any, agent: Any) -> None:
    to = contact or ticket.administrator
    if to is None:
        raise NotHere(_("It names no administrator. Type an address beside the action."))
    by = Actor.agent(agent)
    request = requests.take_up(_request_of(ticket), by=by)
    links.send(request, to=to, by=by, from_ticket=ticket)


def _check(ticket: Ticket, agent: Any) -> None:
    requests.look_now(_request_of(ticket), by=Actor.agent(agent), ticket=ticket)


def _request_of(ticket: Ticket) -> ConsentRequest:
    if ticket.request is None:
        raise NotHere(_("It belongs to no request: its tenant is not known, or not ours to ask."))
    return ticket.request


@admin.register(Reply)
class ReplyPage(BackOfficePage):
    """What people wrote."""

    list_display = ("created_at", "ticket", "author", "contact", "agent", "is_public")
    list_filter = ("author", "is_public", "to_administrator", "created_at")
    list_select_related = ("ticket", "contact", "agent")
    search_fields = ("body", "contact__email")
    date_hierarchy = "created_at"
    ordering = ("-pk",)

    def view_on_site(self, obj: Reply) -> str:
        """Its ticket at the desk."""
        return reverse("desk:ticket", args=[obj.ticket.number])
