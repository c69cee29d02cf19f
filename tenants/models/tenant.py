"""One organisation's directory at Microsoft, and the domains that lead to it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tenants.microsoft.guids import WHOLE_GUID


class Tenant(models.Model):
    """A tenant is known by its cloud and its GUID. A domain is only a way to find that GUID."""

    cloud = models.CharField(max_length=20, help_text="global, us_l4, us_l5, china or sandbox.")
    tenant_id = models.CharField(max_length=36, help_text="The directory's GUID, lower-case.")
    name = models.CharField(
        max_length=120, blank=True, help_text="As people call it; empty until an agent says."
    )
    region = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cloud", "tenant_id"], name="tenant_once_a_cloud"),
            models.CheckConstraint(
                condition=Q(tenant_id__regex=WHOLE_GUID),
                name="tenant_id_is_a_lower_case_guid",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.domain or self.tenant_id

    @property
    def domain(self) -> str:
        """The domain learnt first, or an empty text."""
        first = min(self.domains.all(), key=lambda domain: domain.pk, default=None)
        return first.name if first else ""


class TenantDomain(models.Model):
    """A DNS name that Microsoft's metadata resolved to this tenant."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253, unique=True, help_text="ASCII (IDNA), lower-case.")
    learnt_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
