"""Tenants and people, one file a noun."""

from tenants.models.contact import Contact
from tenants.models.tenant import Tenant, TenantDomain
from tenants.models.user import User

__all__ = ["Contact", "Tenant", "TenantDomain", "User"]
