"""Listens to our own apps at home, and stops all looks of one that is broken, until it is well.

What Microsoft answers about a customer's tenant while our credential is broken says nothing about
the customer; so nobody asks, and nobody is told anything.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consent import alarms
from consent.models import Alarm, AppRegistration, Canary, Check
from consent.verification import canary
from consent.verification.schedule import shortened
from tenants.microsoft.credentials import CredentialUnreadable, credential
from tenants.microsoft.errors import Throttled, Transient

logger = logging.getLogger(__name__)
#: Two silences so far apart are no passing trouble.
TWICE: Final = timedelta(seconds=60)
#: How often one that sings is asked, where no look gave reason to doubt it.
USUALLY: Final = timedelta(hours=1)


def listen() -> int:
    """Ask every app at home whose time has come; returns how many. Never call it inside a
    transaction. Several workers may do it at once.
    """
    asked = 0
    for row in due("asked_at", _is_due):
        asked += 1
        _listen(row)
    return asked


def due(
    instant: Literal["asked_at", "compared_at"], is_due: Callable[[Canary, datetime], bool]
) -> Iterator[Canary]:
    """The canaries that are due now, their instant set. Each is this worker's alone: whoever is
    faster acts for all.
    """
    for row in _owned():
        now, last = timezone.now(), getattr(row, instant)
        if is_due(row, now) and Canary.objects.filter(pk=row.pk, **{instant: last}).update(
            **{instant: now}
        ):
            yield row


def _owned() -> Iterator[Canary]:
    """The canary of every app that has a credential and a home, new ones written down."""
    apps = AppRegistration.objects.exclude(credential="").exclude(home_tenant_id="")
    for app in apps.select_related("canary").order_by("pk"):
        if hasattr(app, "canary"):
            yield app.canary
        else:
            yield Canary.objects.get_or_create(app=app)[0]


def stopped_apps() -> list[int]:
    """The keys of the apps whose looks wait; mostly none."""
    return list(Canary.objects.exclude(stopped_at=None).values_list("app_id", flat=True))


def _is_due(row: Canary, now: datetime) -> bool:
    if row.asked_at is None:
        return True
    wait = TWICE if row.silent_since else USUALLY
    return row.asked_at <= now - shortened(wait, settings.CHECK_PACE) or (
        row.silent_since is None and _is_doubted(row, row.asked_at)
    )


def _is_doubted(row: Canary, since: datetime) -> bool:
    """A look since then met a refusal that sounds as if it were us."""
    of_app = Check.objects.filter(watch__app=row.app_id, outcome=Check.Outcome.CREDENTIAL)
    return of_app.filter(at__gt=since).exists()


def _listen(row: Canary) -> None:
    app = row.app
    try:
        key = credential(app.credential, app.client_id)
        asyncio.run(canary.ask(app.microsoft, app.home_tenant_id, key))
    except canary.CanarySilent as silent:
        _silent(row, silent.code or "no_code")
    except CredentialUnreadable:
        _silent(row, "unreadable")
    except (Throttled, Transient) as error:
        # Heard nothing either way: what was known stands.
        logger.warning("canary not heard: %s", type(error).__name__, extra={"app": app.slug})
    else:
        _sings(row)


@transaction.atomic
def _silent(row: Canary, code: str) -> None:
    now = timezone.now()
    since = row.silent_since or now
    fields = {"silent_since": since, "code": code}
    if row.stopped_at or now - since >= shortened(TWICE, settings.CHECK_PACE):
        fields["stopped_at"] = row.stopped_at or now
        alarms.sound(Alarm.Kind.CREDENTIAL, app=row.app, detail=code)
    Canary.objects.filter(pk=row.pk).update(**fields)


@transaction.atomic
def _sings(row: Canary) -> None:
    Canary.objects.filter(pk=row.pk).update(
        sang_at=timezone.now(), silent_since=None, stopped_at=None, code=""
    )
    alarms.end(Alarm.Kind.CREDENTIAL, app=row.app)
