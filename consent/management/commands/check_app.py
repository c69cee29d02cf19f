"""`manage.py check_app`: is our registration at Entra fit for customers?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.checking.items import Grade
from consent.checking.registration import examine
from consent.models import AppRegistration

SIGNS = {Grade.OK: "ok     ", Grade.WARNING: "warning", Grade.FAILED: "FAILED "}


class Command(BaseCommand):
    """Asks the vendor's home tenant alone; touches no customer and changes no row."""

    help = (
        "Compare an app registration with Entra before going live; say how to mend what is wrong."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """SLUG."""
        parser.add_argument("slug", metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where no such app is registered, SystemExit(1) where one failed."""
        apps = AppRegistration.objects.filter(slug=options["slug"]).order_by("pk")
        if not apps:
            raise CommandError(f"No app is registered as {options['slug']!r}.")
        failed = 0
        for app in apps:
            self.stdout.write(f"{app} ({app.slug}) in {app.microsoft.label}, {app.client_id}")
            for item in examine(app):
                failed += item.grade == Grade.FAILED
                self.stdout.write(f"  {SIGNS[item.grade]}  {item.found}")
                if item.fix:
                    self.stdout.write(f"           {item.fix}")
        if failed:
            self.stdout.write(f"{failed} to mend before customers come.")
            raise SystemExit(1)
        self.stdout.write("Ready for customers.")
