"""Answers to the two questions of a load balancer: alive, and ready for people?"""

from celery import current_app
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from consent import workings


@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"alive": True})


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when the database and the broker answer, the worker is at work and no mail is stuck; else
    503 and why.
    """
    answers = {"database": _database(), "broker": _broker()}
    if answers["database"]:
        now = timezone.now()
        silent = {part.name for part in workings.parts(now) if part.is_silent}
        answers |= {"worker": "checks" not in silent, "mail": not workings.is_mail_stuck(now)}
    good = all(answers.values()) and len(answers) == 4
    return JsonResponse({"ready": good, **answers}, status=200 if good else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, OSError):
        return False
    return True
