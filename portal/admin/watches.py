"""When the worker looks, what it found, and its signs of life, in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from consent.models import Alarm, CallCount, Canary, Check, Pulse, RateCount, Watch
from portal.admin.reading import BackOfficePage


@admin.register(Watch)
class WatchPage(BackOfficePage):
    """The next look at each tenant and app."""

    list_display = ("tenant", "app", "next_check_at", "last_look_at", "not_before", "negatives")
    list_filter = ("app", ("next_check_at", admin.EmptyFieldListFilter), "next_check_at")
    list_select_related = ("tenant", "app")
    search_fields = ("tenant__name", "tenant__domains__name", "tenant__tenant_id")
    ordering = ("next_check_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Watch]:
        """With the domains that name a tenant."""
        return super().get_queryset(request).prefetch_related("tenant__domains")


@admin.register(Check)
class CheckPage(BackOfficePage):
    """Single looks."""

    list_display = ("at", "watch", "outcome", "code", "calls", "milliseconds")
    list_filter = ("outcome", "watch__app", "at")
    list_select_related = ("watch__tenant", "watch__app")
    search_fields = ("code", "watch__tenant__domains__name", "watch__tenant__tenant_id")
    date_hierarchy = "at"
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Check]:
        """With the domains that name a tenant."""
        return super().get_queryset(request).prefetch_related("watch__tenant__domains")


@admin.register(Pulse)
class PulsePage(BackOfficePage):
    """When each part of the worker ran last."""

    list_display = ("name", "at")
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(RateCount)
class RateCountPage(BackOfficePage):
    """Counters behind the rate limits; the subject is a hash."""

    list_display = ("subject", "span_start", "count")
    list_filter = ("span_start",)
    search_fields = ("subject",)
    date_hierarchy = "span_start"
    ordering = ("-pk",)


@admin.register(CallCount)
class CallCountPage(BackOfficePage):
    """Calls to Microsoft, ever."""

    list_display = ("endpoint", "status", "count")
    list_filter = ("endpoint",)
    search_fields = ("endpoint", "status")
    ordering = ("endpoint", "status")


@admin.register(Alarm)
class AlarmPage(BackOfficePage):
    """What was wrong at our side, and when."""

    list_display = ("kind", "app", "detail", "since", "until", "changes")
    list_filter = ("kind", "app", ("until", admin.EmptyFieldListFilter))
    list_select_related = ("app",)
    search_fields = ("detail", "app__slug", "app__name")
    date_hierarchy = "since"
    ordering = ("-pk",)


@admin.register(Canary)
class CanaryPage(BackOfficePage):
    """How our own apps fare at home."""

    list_display = ("app", "asked_at", "sang_at", "silent_since", "code", "stopped_at")
    list_filter = (("stopped_at", admin.EmptyFieldListFilter), "code")
    list_select_related = ("app",)
    search_fields = ("app__slug", "app__name", "code")
    ordering = ("app__slug",)
