"""`manage.py report_connection`: the product says that somebody has connected."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.reports import CannotReport, report


class Command(BaseCommand):
    """Keeps it as evidence; the worker concludes."""

    help = (
        "Report that a person connected the app: evidence of what the tenant has granted, and the "
        "only one for an app without a credential."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """App, tenant, person, and what the token said."""
        parser.add_argument("app", metavar="SLUG")
        parser.add_argument("tenant", metavar="TENANT_GUID", help="`tid` of the ID token")
        parser.add_argument("person", metavar="OBJECT_ID", help="`oid` of the ID token")
        parser.add_argument(
            "--scopes",
            default="",
            help="`scope` of Microsoft's token response; without it the app's whole set",
        )
        parser.add_argument(
            "--role",
            action="append",
            metavar="GUID",
            help="one of `wids` of the ID token; repeat it for each",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unfit report."""
        try:
            request = report(
                options["app"],
                options["tenant"],
                options["person"],
                scopes=options["scopes"],
                roles=options["role"],
            )
        except CannotReport as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(f"Counts for {request}." if request else "Nobody waits there.")
