"""`manage.py mails`: hold back all mails, and let them go again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from consent.outbox import messages, stopping


class Command(BaseCommand):
    """The desk has the same switch; this one works without a browser."""

    help = "Stop all mails at once, let them leave again, or say how many wait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do; `status` where nothing is said."""
        parser.add_argument("act", nargs="?", choices=["status", "stop", "resume"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how it stands afterwards."""
        if options["act"] == "stop":
            stopping.stop(by=None)
        elif options["act"] == "resume":
            stopping.resume(by=None)
        stands, counts = stopping.standing(), messages.counts()
        since = f"stopped since {stands.since:%Y-%m-%d %H:%M} UTC" if stands else "leaving"
        self.stdout.write(f"Mails are {since}: {counts.waiting} wait, {counts.given_up} given up.")
