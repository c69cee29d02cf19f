"""A permission observed in a tenant."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from consent.models.app import AppRegistration
from tenants.microsoft.permissions import Kind, Permission
from tenants.models import Tenant


class Grant(models.Model):
    """Seen at Microsoft, for everyone or for one person (`person` is an object ID), until it is
    gone.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="grants")
    app = models.ForeignKey(AppRegistration, on_delete=models.CASCADE, related_name="grants")
    resource_client_id = models.CharField(max_length=36)
    kind = models.CharField(max_length=12)
    value = models.CharField(max_length=120)
    person = models.CharField(max_length=36, blank=True, help_text="Empty: for everyone.")
    observed_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "tenant",
                "app",
                "resource_client_id",
                "kind",
                Lower("value"),
                "person",
                condition=Q(gone_at__isnull=True),
                name="grant_once_while_it_stands",
            ),
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=models.F("observed_at")), name="grant_seen_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def permission(self) -> Permission:
        """What is granted."""
        return Permission(self.resource_client_id, Kind(self.kind), self.value)
