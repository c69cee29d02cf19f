"""Tenants, their domains, and people known by an address, in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.admin.reading import BackOfficePage, RowsBelow
from tenants.models import Contact, Tenant, TenantDomain


class DomainsBelow(RowsBelow):
    """The domains that lead to the tenant."""

    model = TenantDomain
    fields = ("name", "learnt_at")


@admin.register(Tenant)
class TenantPage(BackOfficePage):
    """One organisation; its name is what agents call it."""

    list_display = ("__str__", "cloud", "tenant_id", "region", "created_at")
    list_filter = ("cloud", "region", "created_at")
    search_fields = ("name", "domains__name", "tenant_id")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    editable = ("name",)
    inlines = (DomainsBelow,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        """With the domains that name it."""
        return super().get_queryset(request).prefetch_related("domains")

    def view_on_site(self, obj: Tenant) -> str:
        """Its story at the desk."""
        return reverse("desk:tenant", args=[obj.pk])


@admin.register(TenantDomain)
class TenantDomainPage(BackOfficePage):
    """DNS names, and to whom they lead."""

    list_display = ("name", "tenant", "learnt_at")
    list_filter = ("learnt_at",)
    list_select_related = ("tenant",)
    search_fields = ("name", "tenant__name", "tenant__tenant_id")
    date_hierarchy = "learnt_at"
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TenantDomain]:
        """With the domains that name a tenant."""
        return super().get_queryset(request).prefetch_related("tenant__domains")


@admin.register(Contact)
class ContactPage(BackOfficePage):
    """People we write to."""

    list_display = ("email", "stopped_at", "created_at")
    list_filter = (("stopped_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("email",)
    search_help_text = _("A part of the address")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
