"""What the worker is doing, for agents."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consent import workings
from consent.models import Alarm, Check
from portal.desk.access import agents_only

#: What an alarm says already, with what to do about it.
_SAID_BY: Final = {
    "mail_stuck": Alarm.Kind.MAIL,
    "mend_credential": Alarm.Kind.CREDENTIAL,
    "mend_registration": Alarm.Kind.DRIFT,
    "mend_setup": Alarm.Kind.SETUP,
    "renew_credential": Alarm.Kind.EXPIRY,
    "start_part": Alarm.Kind.WORKER,
    "unreachable": Alarm.Kind.OUTAGE,
}


@require_safe
@agents_only
def worker(request: HttpRequest) -> HttpResponse:
    """Its parts, its looks, its mails, and what to do where one of them is not well."""
    seen = workings.look_around()
    said = {alarm.kind for alarm in seen.alarms}
    steps = [step for step in seen.steps if _SAID_BY.get(step) not in said]
    context = {"seen": seen, "steps": steps, "looks": _looks(seen.looks)}
    return render(request, "desk/worker.html", context)


def _looks(looks: dict[str, int]) -> list[dict[str, Any]]:
    """The last hour's looks in words, the most frequent first."""
    rows = sorted(looks.items(), key=lambda item: -item[1])
    return [{"label": Check.Outcome(name).label, "number": number} for name, number in rows]
