"""Consent as a Django app."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """What is asked, who waits, what was granted."""

    name = "consent"
    verbose_name = "Consent"
