"""Keeps link tokens out of logs and caches, and far too much text out of everything."""

import logging
import re
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

#: The forms that may bring a picture. One that is too large gets its sentence beside the form, so
#: more passes here than is kept; Django reads a file to the disk, not into memory.
_WITH_PICTURE: Final = re.compile(r"/ask/|/t/[^/]+/screenshot/")
_MOST_WITH_PICTURE: Final = 30 * 1024 * 1024
_TOKEN: Final = re.compile(r"(/(?:a|t|stop)/)[^/\s?\"']+")


def masked(text: str) -> str:
    """The text with the tokens of our addresses replaced."""
    return _TOKEN.sub(r"\1…", text)


class MaskTokensFilter(logging.Filter):
    """Masks tokens in whatever is logged, arguments included, and folds line breaks that a stranger
    may have typed.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; always lets it through."""
        record.msg = masked(record.getMessage()).replace("\r", "\\r").replace("\n", "\\n")
        record.args = ()
        return True


class MaskingFormatter(logging.Formatter):
    """Masks tokens in tracebacks, too."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 -- logging's name
        """The traceback without the tokens of our addresses."""
        return masked(super().formatException(ei))


class KeepTokenPages:
    """No browser and no proxy stores a page whose address is a secret."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the answer where the path carries a token."""
        response = self.get_response(request)
        if _TOKEN.match(request.path):
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
