"""Who will meet the wall next, for agents who would rather call before."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consent import radar as policy
from portal.desk.access import agents_only


@require_safe
@agents_only
def radar(request: HttpRequest) -> HttpResponse:
    """Tenants whose people get in today without an approval that lasts."""
    return render(request, "desk/radar.html", {"risks": policy.radar(), "most": policy.MOST})
