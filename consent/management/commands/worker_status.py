"""`manage.py worker_status`: what the worker is doing, for operators and their scripts."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand

from consent import workings
from consent.workings import Workings

#: What to do, by the code of a step.
STEPS: Final = {
    "start_worker": "No part of the worker gives a sign: start the worker and beat.",
    "start_part": "A part of the worker is silent: start a worker for its queue.",
    "mail_stuck": "Mails wait and none leaves: look at the mail server or provider.",
    "mend_credential": "Microsoft refuses our own credential: run check_app for the app.",
    "mend_registration": "Entra and our rows differ: run check_app; no new links until then.",
    "mend_setup": "What our pages rely on is not so at Entra: run check_app, which says how.",
    "renew_credential": "A credential ends soon: make a new one at Entra and put it here.",
    "more_workers": "Looks are late: start more workers for the queue checks.",
    "send_again": "Mails were given up: read why at /desk/mails/, then send them again there.",
    "let_compare": "An app may not read its own registration: run check_app, which says how.",
    "unreachable": "Microsoft mostly does not answer: see its status page; looks go on.",
}


class Command(BaseCommand):
    """Reads rows alone; asks neither Microsoft nor the broker."""

    help = "Show what the worker is doing, and what to do where something is wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--json`."""
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises SystemExit(1) where something is to be done, so that a script can tell."""
        seen = workings.look_around()
        if options["json"]:
            self.stdout.write(json.dumps(seen.as_dict()))
        else:
            for line in _lines(seen):
                self.stdout.write(line)
        if seen.steps:
            raise SystemExit(1)


def _lines(seen: Workings) -> Iterator[str]:
    for part in seen.parts:
        sign = f"last sign {_span(seen.at - part.at)} ago" if part.at else "never gave a sign"
        yield f"{part.name:<8} {sign}{', silent' if part.is_silent else ''}"
    yield f"looks    {seen.due} due, the latest {_span(seen.lag)} late; {seen.leased} being made"
    outcomes = ", ".join(f"{name} {number}" for name, number in seen.looks.items())
    yield f"         last hour: {outcomes or 'none'}"
    codes = ", ".join(f"{code} {number}" for code, number in seen.codes.items())
    yield f"         with a code of Microsoft's: {codes or 'none'}"
    if seen.down:
        yield f"         clouds that do not answer: {', '.join(seen.down)}"
    yield f"         {seen.throttled_total} left alone because Microsoft asked for it"
    yield (
        f"mails    {seen.unsent} unsent, the oldest for {_span(seen.unsent_for)}; "
        f"{seen.given_up} given up"
    )
    for alarm in seen.alarms:
        yield f"alarm    {alarm} {alarm.detail}, since {alarm.since:%Y-%m-%d %H:%M} UTC"
    for row in seen.silent:
        what = "all its looks wait" if row.stopped_at else "asked again within a minute"
        yield f"refused  {row.app.slug}: {row.code}, {what}"
    for code in seen.steps:
        yield f"-> {STEPS[code]}"
    if not seen.steps:
        yield "All is well."


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))
