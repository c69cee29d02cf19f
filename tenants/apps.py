"""Tenants as a Django app."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Microsoft's tenants and the people we know in them."""

    name = "tenants"
    verbose_name = "Tenants and people"
