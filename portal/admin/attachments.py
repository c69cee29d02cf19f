"""Screenshots and unknown codes in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from consent.models import Attachment, UnknownCode
from portal.admin.reading import BackOfficePage


@admin.register(Attachment)
class AttachmentPage(BackOfficePage):
    """What requesters showed; the pictures themselves stand on the tickets' pages at the desk."""

    list_display = ("created_at", "ticket", "kind", "width", "height", "size")
    list_filter = ("kind", "created_at")
    list_select_related = ("ticket",)
    search_fields = ("public_id", "ticket__contact__email")
    hidden = ("content",)
    date_hierarchy = "created_at"
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        """Without the pictures."""
        return super().get_queryset(request).defer("content")


@admin.register(UnknownCode)
class UnknownCodePage(BackOfficePage):
    """Codes that pastes had and the catalogue lacks."""

    list_display = ("code", "times", "first_seen_at", "last_seen_at")
    list_filter = ("last_seen_at",)
    search_fields = ("code",)
    ordering = ("-last_seen_at",)
