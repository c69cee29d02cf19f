"""Mails in the back office: kinds and states; their texts are kept nowhere."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from consent.models import MailStop, OutboxMessage
from consent.outbox import messages
from portal.admin.acting import act_on_each
from portal.admin.reading import BackOfficePage


@admin.register(OutboxMessage)
class OutboxMessagePage(BackOfficePage):
    """One mail to one recipient."""

    list_display = ("kind", "to", "ticket", "state", "attempts", "due_at", "sent_at", "error")
    list_filter = ("state", "kind", "created_at")
    list_select_related = ("to", "ticket")
    search_fields = ("to__email", "key", "error")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    actions = ("send_again",)

    @admin.action(description=_("Send again (those given up)"))
    def send_again(self, request: HttpRequest, rows: QuerySet[OutboxMessage]) -> None:
        """Queue them once more."""
        act_on_each(request, rows, messages.send_again)


@admin.register(MailStop)
class MailStopPage(BackOfficePage):
    """When mails were held back, and by whom. The switch is at the desk."""

    list_display = ("since", "by", "ended_at", "ended_by")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "since")
    list_select_related = ("by", "ended_by")
    search_fields = ("by__email", "ended_by__email")
    date_hierarchy = "since"
    ordering = ("-pk",)
