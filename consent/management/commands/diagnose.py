"""`manage.py diagnose`: what the start page says about a paste, for scripts and terminals."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from consent.diagnosis import Diagnosis, diagnose


class Command(BaseCommand):
    """Reads pasted text and prints who must act. Needs no database."""

    help = "Say what a pasted text of Microsoft's means, and who must act."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE and the two forms of JSON."""
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="print one JSON object")
        form.add_argument(
            "--jsonl",
            action="store_true",
            help='read {"id", "input"} a line, print one object with that id a line, in order',
        )
        parser.add_argument(
            "file", nargs="?", type=Path, help="the text; standard input if left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where the file or a line of it cannot be read."""
        if options["file"] is None:
            self._answer(sys.stdin.buffer, options)
            return
        try:
            with options["file"].open("rb") as source:
                self._answer(source, options)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error

    def _answer(self, source: BinaryIO, options: dict[str, Any]) -> None:
        if options["jsonl"]:
            for number, line in enumerate(source, start=1):
                if line.strip():
                    self.stdout.write(_answered_line(line, number))
            return
        diagnosis = diagnose(source.read().decode("utf-8", errors="replace"))
        if options["json"]:
            self.stdout.write(json.dumps(diagnosis.as_dict(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write(_in_words(diagnosis))


def _answered_line(line: bytes, number: int) -> str:
    """One line of JSON for one line of JSON."""
    try:
        asked = json.loads(line.decode("utf-8", errors="replace"))
        answer = {"id": asked["id"], **diagnose(asked["input"]).as_dict()}
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(f'Line {number} is no object with "id" and "input".') from error
    return json.dumps(answer, ensure_ascii=False)


def _in_words(diagnosis: Diagnosis) -> str:
    """The fields that say something, a line each, and the advice under them."""
    facts = diagnosis.as_dict()
    text = facts.pop("advice")
    lines = []
    for name, value in facts.items():
        if isinstance(value, list):
            value = ", ".join(value)
        elif isinstance(value, bool):
            value = "yes" if value else "no"
        if value:
            lines.append(f"{name.replace('_', ' ')}: {value}")
    return "\n".join([*lines, "", text])
