"""`manage.py diagnosis_report`: how well the diagnosis does on pastes with known answers."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.diagnosis.measuring import measured, report

#: What is written by hand ends with this heading.
MARK = "# Measured\n"


class Command(BaseCommand):
    """Needs no database."""

    help = "Diagnose the cases of a file and print, as Markdown, how many were judged rightly."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file of cases, and where the report goes."""
        parser.add_argument("cases", type=Path, help="a case a line, see diagnosis/measuring.py")
        parser.add_argument(
            "--into", type=Path, help="replace what stands behind the line “Measured” of this file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where the file cannot be read or a line is no case."""
        try:
            lines = options["cases"].read_text(encoding="utf-8").splitlines()
            # The first one also pays for reading the tables.
            cases = [json.loads(line) for line in lines if line.strip()]
            results = [measured(case) for case in [*cases[:1], *cases]][1:]
            self._tell(report(results), options["into"])
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{options['cases']} holds no cases: {error}") from error

    def _tell(self, words: str, into: Path | None) -> None:
        if into is None:
            self.stdout.write(words)
            return
        before, mark, _old = into.read_text(encoding="utf-8").partition(MARK)
        if not mark:
            raise CommandError(f"{into} has no line “{MARK.strip()}”.")
        into.write_text(f"{before}{mark}\n{words}\n", encoding="utf-8")
