"""Alarms to the people who run the portal: a row, one mail and one line for each change of it."""

import logging
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from consent.errors import RegistrationDiffers
from consent.models import Alarm, AppRegistration
from consent.outbox import messages
from tenants.models import Contact

logger = logging.getLogger(__name__)
RAISED: Final = "operators_alarm"
OVER: Final = "operators_alarm_over"


@transaction.atomic
def sound(kind: Alarm.Kind, *, app: AppRegistration | None = None, detail: str = "") -> Alarm:
    """Raise it, or give the standing one another `detail`; what stands as it is changes nothing.

    Operators get one mail for each change. Several processes may do it at once.
    """
    alarm, is_new = Alarm.objects.get_or_create(
        kind=kind, app=app, until=None, defaults={"since": timezone.now(), "detail": detail}
    )
    if not is_new:
        standing = Alarm.objects.filter(pk=alarm.pk, until=None).exclude(detail=detail)
        if not standing.update(detail=detail, changes=F("changes") + 1):
            return alarm
        alarm.refresh_from_db()
    logger.error("alarm: %s %s", kind.value, detail, extra=_about(alarm))
    _mail(alarm, RAISED, f"alarm:{alarm.pk}:{alarm.changes}")
    return alarm


@transaction.atomic
def end(kind: Alarm.Kind, *, app: AppRegistration | None = None) -> bool:
    """It is well again; tells whether an alarm stood. Operators hear of it once."""
    ended = False
    for alarm in Alarm.objects.filter(kind=kind, app=app, until=None).select_related("app"):
        if Alarm.objects.filter(pk=alarm.pk, until=None).update(until=timezone.now()):
            ended = True
            logger.warning("alarm over: %s", kind.value, extra=_about(alarm))
            _mail(alarm, OVER, f"alarm:{alarm.pk}:over")
    return ended


def sound_or_end(
    kind: Alarm.Kind, *, holds: bool, app: AppRegistration | None = None, detail: str = ""
) -> None:
    """Bring the alarm in line with what holds now."""
    if holds:
        sound(kind, app=app, detail=detail)
    else:
        end(kind, app=app)


def standing() -> QuerySet[Alarm]:
    """All that stand, the oldest first, with their apps."""
    return Alarm.objects.filter(until=None).select_related("app").order_by("since", "pk")


def refuse_new_links(app: AppRegistration) -> None:
    """Raises RegistrationDiffers while Entra asks for another set than our pages show: nobody shall
    be asked to approve what he did not read.
    """
    if registration_differs(app):
        raise RegistrationDiffers


def registration_differs(app: AppRegistration) -> bool:
    """Entra asks for another set than our rows name."""
    return Alarm.objects.filter(kind=Alarm.Kind.DRIFT, app=app, until=None).exists()


def differing_apps() -> frozenset[int]:
    """The keys of all apps of which that holds."""
    rows = Alarm.objects.filter(kind=Alarm.Kind.DRIFT, until=None)
    return frozenset(rows.values_list("app_id", flat=True))


def _about(alarm: Alarm) -> dict[str, str]:
    return {"alarm": alarm.kind, "app": alarm.app.slug if alarm.app else ""}


def _mail(alarm: Alarm, kind: str, key: str) -> None:
    address = settings.OPERATORS_EMAIL.strip().lower()
    if address:
        operators, _new = Contact.objects.get_or_create(email=address)
        messages.queue(kind, key=key, to=operators, alarm=alarm)
