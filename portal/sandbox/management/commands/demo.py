"""`make demo`: the portal with everything it needs, on this machine alone."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.sandbox.supervisor.plan import Plan
from portal.sandbox.supervisor.supervisor import CannotRun, Supervisor


class Command(BaseCommand):
    """Runs until Ctrl-C."""

    help = "Runs the portal, its worker and a simulated Microsoft on this machine until Ctrl-C."
    # They speak of the settings of this process; the demo's processes have their own.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The demo's ports and folder."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--microsoft-port", type=int, default=8100)
        parser.add_argument("--folder", type=Path, default=Path("var/demo"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the demo; a reason not to is one sentence."""
        plan = Plan(options["folder"].resolve(), options["port"], options["microsoft_port"])
        try:
            Supervisor(plan).run()
        except CannotRun as reason:
            self.stderr.write(str(reason))
            sys.exit(1)
