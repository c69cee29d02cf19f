"""Approval links and trips to Microsoft in the back office. No page shows where a link leads."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from consent import links
from consent.actors import Actor
from consent.models import ApprovalLink, ConsentAttempt
from portal.admin.acting import act_on_each
from portal.admin.reading import BackOfficePage


@admin.register(ApprovalLink)
class ApprovalLinkPage(BackOfficePage):
    """One way in for one administrator."""

    list_display = (
        "pk",
        "request",
        "recipient",
        "state",
        "way",
        "sent_at",
        "opened_at",
        "expires_at",
    )
    list_filter = ("state", "way", "decline_reason", "sent_at")
    list_select_related = ("request__app", "request__tenant", "recipient")
    search_fields = (
        "recipient__email",
        "request__tenant__domains__name",
        "request__tenant__tenant_id",
    )
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    hidden = ("public_id",)
    actions = ("resend", "rotate", "revoke")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalLink]:
        """With the domains that name a tenant."""
        return super().get_queryset(request).prefetch_related("request__tenant__domains")

    @admin.action(description=_("Resend (30 days begin anew)"))
    def resend(self, request: HttpRequest, rows: QuerySet[ApprovalLink]) -> None:
        """The mail once more."""
        by = Actor.agent(request.user)
        act_on_each(request, rows, lambda link: links.resend(link, by=by))

    @admin.action(description=_("Rotate (the old address opens nothing any more)"))
    def rotate(self, request: HttpRequest, rows: QuerySet[ApprovalLink]) -> None:
        """A new address for the same person."""
        by = Actor.agent(request.user)
        act_on_each(request, rows, lambda link: links.rotate(link, by=by))

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, rows: QuerySet[ApprovalLink]) -> None:
        """It opens nothing any more."""
        by = Actor.agent(request.user)
        act_on_each(request, rows, lambda link: links.revoke(link, by=by))


@admin.register(ConsentAttempt)
class ConsentAttemptPage(BackOfficePage):
    """Trips to Microsoft's consent page, and what came back."""

    list_display = ("left_at", "request", "outcome", "returned_at", "proof_tries")
    list_filter = ("outcome", "needs_sign_in", "left_at")
    list_select_related = ("request__app", "request__tenant")
    search_fields = ("request__tenant__domains__name", "request__tenant__tenant_id")
    date_hierarchy = "left_at"
    ordering = ("-pk",)
    hidden = ("public_id", "state_hash", "browser_hash")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsentAttempt]:
        """With the domains that name a tenant."""
        return super().get_queryset(request).prefetch_related("request__tenant__domains")
