"""What the worker is doing, for agents."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consent import workings
from consent.models import Check
from portal.desk.access import agents_only


@require_safe
@agents_only
def worker(request: HttpRequest) -> HttpResponse:
    """Its parts, its looks, its mails, and what to do where one of them is not well."""
    seen = workings.look_around()
    return render(request, "desk/worker.html", {"seen": seen, "looks": _looks(seen.looks)})


def _looks(looks: dict[str, int]) -> list[dict[str, Any]]:
    """The last hour's looks in words, the most frequent first."""
    rows = sorted(looks.items(), key=lambda item: -item[1])
    return [{"label": Check.Outcome(name).label, "number": number} for name, number in rows]
