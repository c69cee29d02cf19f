"""A public page for each of Microsoft's error codes, and a search over all of them.

They stand on the catalogue alone: no row is read, so nothing about a customer can show.
"""

import re
from itertools import groupby
from operator import attrgetter

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from consent.diagnosis import Audience, Cause, CodeEntry, all_entries, entry
from consent.diagnosis.advice import lazy_advice
from consent.diagnosis.finding import MOST_ASKED, find_codes, related_codes

_WRITTEN = re.compile(r"(?:AADSTS)?\s?(\d{4,8})", re.IGNORECASE | re.ASCII)
# What most people come with.
_OFTEN_MET = ("90094", "90095", "65001", "65004", "50105", "900941", "53003", "50020", "700016")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Search by number, name or words; without one, every code by what it means."""
    asked = request.GET.get("q", "").replace("\0", "").strip()[:MOST_ASKED]
    context = {
        "asked": asked,
        "found": find_codes(asked) if asked else (),
        "kinds": () if asked else _kinds(),
        "often_met": [row for row in (entry(number) for number in _OFTEN_MET) if row],
        "count": len(all_entries()),
    }
    return render(request, "public/errors/index.html", context)


def _kinds() -> list[tuple[Cause, list[CodeEntry]]]:
    """Every code under its cause, in the order in which causes are listed everywhere."""
    order = list(Cause)
    rows = sorted(all_entries(), key=lambda row: order.index(row.cause))
    return [(cause, list(group)) for cause, group in groupby(rows, attrgetter("cause"))]


@require_safe
def code(request: HttpRequest, written: str) -> HttpResponse:
    """What one code means and what each reader does next; other spellings lead to the same page."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise Http404
    name = f"AADSTS{match[1]}"
    row = entry(name)
    if row is None:
        return render(request, "public/errors/unknown.html", {"name": name}, status=404)
    if written != row.code:
        return redirect("public:error", row.code, permanent=True)
    context = {
        "row": row,
        "advice": {
            audience.value: lazy_advice(row.cause, row.code, audience) for audience in Audience
        },
        "related": related_codes(row),
    }
    return render(request, "public/errors/code.html", context)
