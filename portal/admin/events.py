"""The audit trail in the back office."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consent.models import Event, Ticket
from consent.models.ticket import FIRST_NUMBER
from portal.admin.reading import BackOfficePage


@admin.register(Event)
class EventPage(BackOfficePage):
    """Who did what, when, by ids."""

    list_display = (
        "at",
        "kind",
        "actor",
        "actor_id",
        "number",
        "request_id",
        "tenant_id",
        "detail",
    )
    list_filter = ("actor", "kind", "at")
    search_fields = ("detail",)
    search_help_text = _("A ticket's number like C-1042, the key of a request, or a detail")
    date_hierarchy = "at"
    ordering = ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """By a ticket's number or a request's key, else by detail."""
        try:
            return queryset.filter(ticket_id=Ticket.key_of(search_term)), False
        except ValueError:
            pass
        if search_term.isascii() and search_term.isdigit():
            return queryset.filter(Q(request_id=search_term)), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("ticket"), ordering="ticket_id")
    def number(self, obj: Event) -> str | None:
        """The ticket's number."""
        return f"C-{FIRST_NUMBER + obj.ticket_id}" if obj.ticket_id else None

    def view_on_site(self, obj: Event) -> str | None:
        """The ticket, or the tenant, at the desk."""
        if obj.ticket_id:
            return reverse("desk:ticket", args=[self.number(obj)])
        return reverse("desk:tenant", args=[obj.tenant_id]) if obj.tenant_id else None
