"""Answers to the two questions of a load balancer: alive, and ready for people?"""

from datetime import timedelta

from celery import current_app
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from consent.models import MailStop, OutboxMessage, Pulse

WORKER_SILENT = timedelta(seconds=90)
MAIL_TOO_OLD = timedelta(minutes=15)


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
        answers |= {"worker": _worker(), "mail": _mail()}
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


def _worker() -> bool:
    return Pulse.objects.filter(name="checks", at__gt=timezone.now() - WORKER_SILENT).exists()


def _mail() -> bool:
    """A mail waits for long, and none has left since: not one bad address, but all of them. What
    operators hold back on purpose is no fault.
    """
    since = timezone.now() - MAIL_TOO_OLD
    waits = OutboxMessage.objects.filter(state__in=["queued", "sending"], created_at__lt=since)
    if MailStop.objects.standing().exists():
        return True
    return not waits.exists() or OutboxMessage.objects.filter(sent_at__gt=since).exists()
