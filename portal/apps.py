"""The portal as a Django app: it makes our Celery the default one, so that any process can ring for
work.
"""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Loads Celery's application and the tasks once all models are there."""

    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Register the tasks and the system checks."""
        from portal import checks  # noqa: F401, PLC0415 -- registers itself
        from portal.celery import app  # noqa: PLC0415 -- needs the app registry

        app.set_default()
        app.autodiscover_tasks(["consent", "portal"], force=True)
