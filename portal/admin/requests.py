"""Consent requests, what was learnt of them, and what is granted, in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consent import links, requests
from consent.actors import Actor
from consent.models import ApprovalLink, ConsentRequest, Evidence, Grant, Ticket
from portal.admin.acting import RecipientForm, act_on_each
from portal.admin.reading import BackOfficePage, RowsBelow
from portal.admin.recipients import recipient_of


class TicketsBelow(RowsBelow):
    """Who waits for it."""

    model = Ticket
    fields = ("state", "contact", "agent", "told_version", "invited_at", "touched_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        """With the people."""
        return super().get_queryset(request).select_related("contact", "agent")


class LinksBelow(RowsBelow):
    """Who was asked."""

    model = ApprovalLink
    fields = ("state", "way", "recipient", "sent_at", "opened_at", "expires_at", "decline_reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalLink]:
        """With the people."""
        return super().get_queryset(request).select_related("recipient")


@admin.register(ConsentRequest)
class ConsentRequestPage(BackOfficePage):
    """One tenant, one app, one permission version; the worker alone moves it to granted."""

    list_display = (
        "tenant",
        "app",
        "permission_version",
        "state",
        "rung",
        "reach",
        "looks_approved",
        "expires_at",
        "created_at",
    )
    list_filter = ("state", "rung", "reach", "looks_approved", "app", "created_at")
    list_select_related = ("tenant", "app")
    search_fields = ("tenant__name", "tenant__domains__name", "tenant__tenant_id")
    search_help_text = _("A tenant's name, domain or GUID")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    hidden = ("public_id",)
    inlines = (TicketsBelow, LinksBelow)
    action_form = RecipientForm
    actions = ("send_link", "check_now")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsentRequest]:
        """With the domains that name a tenant."""
        return super().get_queryset(request).prefetch_related("tenant__domains")

    def view_on_site(self, obj: ConsentRequest) -> str:
        """The tenant's story at the desk."""
        return reverse("desk:tenant", args=[obj.tenant_id])

    @admin.action(description=_("Send link (to the address given)"))
    def send_link(self, request: HttpRequest, rows: QuerySet[ConsentRequest]) -> None:
        """A link for an administrator, by mail."""
        given = recipient_of(request, required=True)
        by = Actor.agent(request.user)
        if given.contact:
            act_on_each(
                request,
                rows,
                lambda asked: links.send(requests.take_up(asked, by=by), to=given.contact, by=by),
            )

    @admin.action(description=_("Check now"))
    def check_now(self, request: HttpRequest, rows: QuerySet[ConsentRequest]) -> None:
        """A look at Microsoft."""
        by = Actor.agent(request.user)
        act_on_each(request, rows, lambda asked: requests.look_now(asked, by=by))


@admin.register(Evidence)
class EvidencePage(BackOfficePage):
    """What was learnt, when and how."""

    list_display = ("at", "request", "kind", "said", "person", "permission_version")
    list_filter = ("kind", "said", "at")
    list_select_related = ("request__app", "request__tenant")
    search_fields = ("person", "request__tenant__tenant_id", "request__tenant__domains__name")
    date_hierarchy = "at"
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evidence]:
        """With the domains that name a tenant."""
        return super().get_queryset(request).prefetch_related("request__tenant__domains")


@admin.register(Grant)
class GrantPage(BackOfficePage):
    """Permissions seen at Microsoft."""

    list_display = ("tenant", "app", "value", "kind", "person", "observed_at", "gone_at")
    list_filter = ("kind", "app", ("gone_at", admin.EmptyFieldListFilter), "observed_at")
    list_select_related = ("tenant", "app")
    search_fields = ("value", "tenant__name", "tenant__domains__name", "tenant__tenant_id")
    date_hierarchy = "observed_at"
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        """With the domains that name a tenant."""
        return super().get_queryset(request).prefetch_related("tenant__domains")
