"""The page for our own failures."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from portal.context import house


def server_error(request: HttpRequest) -> HttpResponse:
    """Says how to reach a person. Asks neither session nor database: either may be what failed."""
    return HttpResponse(render_to_string("500.html", house(request)), status=500)
