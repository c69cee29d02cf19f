"""Registers the demo's apps and agents."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.sandbox import fresh


class Command(BaseCommand):
    """Safe to run again."""

    help = "Registers the demo's apps and agents."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Plant the seed."""
        fresh.plant()
