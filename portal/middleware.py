"""Keeps tokens out of caches and far too much text out of everything, and names each request."""

import re
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.logs import TOKEN, new_name, request_id

#: The forms that may bring a picture. One that is too large gets its sentence beside the form, so
#: more passes here than is kept; Django reads a file to the disk, not into memory.
_WITH_PICTURE: Final = re.compile(r"/ask/|/t/[^/]+/screenshot/")
_MOST_WITH_PICTURE: Final = 30 * 1024 * 1024
#: What a proxy in front may call a request; anything else gets a name of ours.
_NAME: Final = re.compile(r"[A-Za-z0-9-]{8,64}")


class KeepTokenPages:
    """No browser and no proxy stores a page whose address is a secret."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the answer where the path carries a token."""
        response = self.get_response(request)
        if TOKEN.match(request.path):
            response["Cache-Control"] = "no-store"
        return response


class RefuseTooMuch:
    """Answers a form that is longer than Django reads with a sentence, before anybody reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """413 where the announced length exceeds DATA_UPLOAD_MAX_MEMORY_SIZE, or what a form with
        a picture may have.
        """
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request.content_type == "multipart/form-data" and _WITH_PICTURE.fullmatch(request.path):
            most = _MOST_WITH_PICTURE
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > most:
            return render(request, "413.html", status=413)
        return self.get_response(request)


class NameRequest:
    """A request has a name: its log lines carry it, and those of the tasks that it rings for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A name from a proxy in front (`X-Request-ID`) is kept where it is plain."""
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if _NAME.fullmatch(given) else new_name())
        try:
            # No answer tells the name: two answers that must not differ would.
            return self.get_response(request)
        finally:
            request_id.reset(token)
