"""`manage.py check_tenant`: what Microsoft says of our app in a customer's tenant now."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.checking.tenant import Answer, CannotLook, Conclusion, look

CONCLUSIONS = {
    Conclusion.GRANTED: "granted",
    Conclusion.NOT_YET: "not granted yet",
    Conclusion.NOT_FOUND_OUT: "could not find out",
}
FLAGS = {
    "no_credential": "The app is not ours to prove: only reported connections tell.",
    "could_not_look": "Microsoft did not let us look; try again later.",
    "disabled": "The tenant has switched the app off.",
    "assignment_required": "Only people who are assigned to the app get in.",
    "looks_approved": "It looks approved, but that is no proof yet.",
    "delegated_not_readable": "Which delegated permissions are granted cannot be read with this "
    "app; an administrator's sign-in proves them.",
}


class Command(BaseCommand):
    """Looks once and changes no row."""

    help = (
        "Look at Microsoft now: is the app granted in that tenant? "
        "Exit code 0: granted, 1: not yet, 2: could not find out."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """DOMAIN_OR_GUID, and which app."""
        parser.add_argument("tenant", metavar="DOMAIN_OR_GUID")
        parser.add_argument(
            "--app",
            metavar="SLUG",
            help="the app; without it the one that this tenant was asked for last, else the first",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with code 2 where there is nothing to look at, SystemExit with 1 or 2
        where the app is not known to be granted.
        """
        try:
            answer = look(options["tenant"], slug=options["app"])
        except CannotLook as reason:
            raise CommandError(str(reason), returncode=Conclusion.NOT_FOUND_OUT) from None
        if options["json"]:
            self.stdout.write(json.dumps(answer.as_dict(), indent=2))
        else:
            self.stdout.write(in_words(answer))
        if answer.conclusion is not Conclusion.GRANTED:
            raise SystemExit(int(answer.conclusion))


def in_words(answer: Answer) -> str:
    """What JSON says, a line each, for people."""
    outcome = answer.finding.outcome
    facts = {
        "tenant": " ".join(filter(None, (answer.tenant.tenant_id, answer.domain))),
        "app": f"{answer.app} ({answer.app.slug}), {answer.app.microsoft.label}",
        "conclusion": CONCLUSIONS[answer.conclusion],
        "look": " ".join(
            filter(None, (str(outcome.label) if outcome else "", answer.finding.code))
        ),
        "rung": f"{answer.verdict.rung.value}: {answer.verdict.rung.label}",
        "reach": str(answer.verdict.reach.label) if answer.verdict.reach else "",
        "granted": " ".join(answer.granted),
        "missing": " ".join(answer.missing),
    }
    lines = [f"{name + ':':<12}{value}" for name, value in facts.items() if value]
    return "\n".join([*lines, *(f"- {FLAGS[flag]}" for flag in answer.flags)])
