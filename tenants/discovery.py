"""From a mail domain to the tenant behind it, through Microsoft's public metadata."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from tenants.addresses import is_personal
from tenants.microsoft.errors import MicrosoftError, TenantUnknown
from tenants.microsoft.guids import CONSUMERS
from tenants.microsoft.metadata import TenantMetadata, find_tenant
from tenants.models import Tenant, TenantDomain

#: A domain may move to another tenant; what was learnt longer ago is asked anew.
BELIEVED_FOR: Final = timedelta(days=30)


def find(domain: str) -> TenantMetadata | None:
    """What Microsoft says now of that (normal) domain, or None where it knows no tenant or only
    private persons are.

    No row is read or written, so neither the time nor the answer tells whom we know: this is the
    one for domains that strangers name. Never call it inside a transaction. Raises MicrosoftError
    (Throttled, Transient, …) when Microsoft could not be asked.
    """
    if is_personal(domain):
        return None
    try:
        found = find_tenant(domain)
    except TenantUnknown:
        return None
    return None if found.tenant_id == CONSUMERS else found


def tenant_of(domain: str) -> Tenant | None:
    """The tenant of that (normal) domain, or None where Microsoft knows none or only private
    persons are. For domains that somebody proved to be his; for others there is `find`.

    Asks Microsoft for a domain not met in the last 30 days and remembers the answer; so never call
    it inside a transaction. Raises MicrosoftError (Throttled, Transient, …) when Microsoft could
    not be asked about one never met.
    """
    if is_personal(domain):
        return None
    known = TenantDomain.objects.select_related("tenant").filter(name=domain).first()
    if known and timezone.now() - known.learnt_at < BELIEVED_FOR:
        return known.tenant
    try:
        found = find(domain)
    except MicrosoftError:
        if known is None:
            raise
        return known.tenant
    return remember(found) if found else None


def belongs_to(tenant: Tenant, domain: str) -> bool:
    """Whether that (normal) domain is this tenant's. Only what is known of this tenant itself saves
    the question to Microsoft: one that another tenant has is asked about like one never met.

    Never call it inside a transaction. Raises MicrosoftError when Microsoft could not be asked.
    """
    fresh = timezone.now() - BELIEVED_FOR
    if tenant.domains.filter(name=domain, learnt_at__gt=fresh).exists():
        return True
    try:
        found = find(domain)
    except MicrosoftError:
        if tenant.domains.filter(name=domain).exists():
            return True
        raise
    if found is None or (found.cloud_name, found.tenant_id) != (tenant.cloud, tenant.tenant_id):
        return False
    remember(found)
    return True


def remember(found: TenantMetadata) -> Tenant:
    """Write down what the metadata said; two callers at once write it once."""
    tenant, _created = Tenant.objects.get_or_create(
        cloud=found.cloud_name, tenant_id=found.tenant_id, defaults={"region": found.region or ""}
    )
    TenantDomain.objects.update_or_create(
        name=found.domain, defaults={"tenant": tenant, "learnt_at": timezone.now()}
    )
    return tenant
