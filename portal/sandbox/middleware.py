"""The demo runs with DEBUG, but its visitors are people."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render


class PlainNotFound:
    """Puts our own page in the place of Django's list of addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pages of ours that say *not found* are left as they are."""
        response = self.get_response(request)
        if type(response) is HttpResponseNotFound:
            return render(request, "404.html", status=404)
        return response
