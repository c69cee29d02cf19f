"""What can go wrong at our side by itself: registrations that drift, credentials that end, a worker
that stops, mails that stick. Each becomes an alarm, and the alarm ends by itself.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from consent import alarms, canaries, workings
from consent.checking.drift import differences, misfits
from consent.checking.registration import held, read
from consent.models import Alarm, Canary, Pulse
from consent.verification.schedule import shortened
from tenants.microsoft.credentials import Credential, CredentialUnreadable
from tenants.microsoft.errors import (
    MicrosoftError,
    NotAllowed,
    NotFound,
    Throttled,
    Transient,
)
from tenants.microsoft.registration import RegisteredApplication

Kind = Alarm.Kind
DAILY: Final = timedelta(days=1)
#: While something is to be mended, or could not be asked, look again so soon.
AGAIN: Final = timedelta(minutes=10)
#: Days before its end at which a credential's alarm is sounded, or sounded anew.
AHEAD: Final = (0, 1, 7, 14, 30)


def compare_registrations() -> int:
    """Compare every app of ours with Entra once a day; returns how many were compared. Never call
    it inside a transaction. Several workers may do it at once.
    """
    compared = 0
    for row in canaries.due("compared_at", _is_due):
        compared += 1
        _compare(row)
    return compared


def _is_due(row: Canary, now: datetime) -> bool:
    if row.compared_at is None:
        return True
    mends = Alarm.objects.filter(
        app=row.app, kind__in=[Kind.DRIFT, Kind.SETUP, Kind.EXPIRY], until=None
    )
    wait = AGAIN if mends.exists() else DAILY
    return row.compared_at <= now - shortened(wait, settings.CHECK_PACE)


def _compare(row: Canary) -> None:
    app, found, key = row.app, None, None
    try:
        key = held(app)
        found = read(app)
    except (Throttled, Transient):
        Canary.objects.filter(pk=row.pk).update(compared_at=row.compared_at)
        return
    except (NotAllowed, NotFound) as error:
        # What was not allowed to be read is not known to differ; `check_app` says how to allow it.
        unread = error.code or type(error).__name__
        Canary.objects.filter(pk=row.pk).update(unread=unread)
    except (MicrosoftError, CredentialUnreadable):
        pass  # a credential that does not work is the canary's matter
    if found:
        Canary.objects.filter(pk=row.pk).exclude(unread="").update(unread="")
        missing, extra = differences(app, found)
        words = [name for name, some in (("missing", missing), ("extra", extra)) if some]
        alarms.sound_or_end(Kind.DRIFT, holds=bool(words), app=app, detail="_and_".join(words))
        others = misfits(app, found)
        alarms.sound_or_end(Kind.SETUP, holds=bool(others), app=app, detail="_and_".join(others))
    # Where nothing tells the end, what was known of it stands.
    if key and (found or key.ends_at):
        left = _days_left(key, found)
        alarms.sound_or_end(
            Kind.EXPIRY, holds=left is not None, app=app, detail="" if left is None else str(left)
        )


def _days_left(key: Credential, found: RegisteredApplication | None) -> int | None:
    """The smallest of AHEAD that the end of our credential is within; None where it is far, or
    where there is none.
    """
    ends_at = min(filter(None, (key.ends_at, _registered_end(key, found))), default=None)
    if ends_at is None:
        return None
    left = ends_at - timezone.now()
    return next((days for days in AHEAD if left <= timedelta(days=days)), None)


def _registered_end(key: Credential, found: RegisteredApplication | None) -> datetime | None:
    """When the credential that we use ends at Entra.

    Where several could be ours, or none is recognised, it is the first that has not ended: an alarm
    that comes too early ends when the old one is removed, one that is late helps nobody. Those that
    have ended do not count beside others, since Microsoft would refuse ours by now.
    """
    if found is None or key.assertion_file:
        return None
    of_kind = [one for one in found.credentials if one.is_certificate == bool(key.certificate_pem)]
    ends = [one.ends_at for one in of_kind if one.may_be(key)] or [one.ends_at for one in of_kind]
    now = timezone.now()
    return min((at for at in ends if at > now), default=max(ends, default=None))


def mind_the_others(part: str) -> None:
    """The same as `mind_the_worker`, where another part than this one seems silent."""
    if Pulse.objects.exclude(name=part).filter(at__lt=timezone.now() - workings.SILENT).exists():
        mind_the_worker(part)


def mind_the_worker(part: str) -> None:
    """The parts of the worker mind each other: the one that runs this alarms for those that do not,
    for mails that are stuck and for a cloud of Microsoft's that is down.

    Where all were silent until now somebody has just started them, and they get a moment.
    """
    now = timezone.now()
    mine = Pulse.objects.filter(name=part, at__gt=now - workings.SILENT)
    if not mine.exists():
        return
    # A part that never ran has no worker yet; the desk's page says so.
    silent = [part.name for part in workings.parts(now) if part.at and part.is_silent]
    alarms.sound_or_end(Kind.WORKER, holds=bool(silent), detail="_and_".join(silent))
    refused = workings.is_mail_refused()
    alarms.sound_or_end(
        Kind.MAIL,
        holds=refused or workings.is_mail_stuck(now),
        detail="given_up" if refused else "",
    )
    down = workings.clouds_down(now)
    alarms.sound_or_end(Kind.OUTAGE, holds=bool(down), detail="_and_".join(down))
