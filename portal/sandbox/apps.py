"""The sandbox as a Django app."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Installed only with SANDBOX=1."""

    name = "portal.sandbox"
    label = "sandbox"
    verbose_name = "Sandbox"
