"""What the worker is doing now, read from rows: the same for operators' pages and programs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from consent import alarms, canaries
from consent.models import Alarm, Canary, Check, MailStop, OutboxMessage, Pulse, Watch
from consent.verification import canary
from consent.verification.breaker import OPENS_AFTER

#: A part of the worker that gave no sign for so long is silent.
SILENT: Final = timedelta(seconds=90)
#: Where a mail waits for so long and none left since, mails are stuck.
MAIL_TOO_OLD: Final = timedelta(minutes=15)
#: Looks that are later than this wait for more workers.
LATE: Final = timedelta(minutes=5)
#: So many of the newest mails given up, and no other among them: it is not their readers.
REFUSED_IN_A_ROW: Final = 20
PARTS: Final = ("checks", "mail", "default")
SHOWN: Final = 20
#: A cloud that no look of this time was answered by, and three at least were not, is down where as
#: many tenants fail as open the breaker.
DOWN: Final = timedelta(minutes=2)
UNANSWERED: Final = 3


@dataclass(frozen=True)
class Part:
    """One part of the worker and its last sign of life; `name` is that of its queue."""

    name: str
    at: datetime | None
    is_silent: bool


@dataclass(frozen=True)
class Workings:
    """What stands in the rows at the instant `at`.

    `due` looks could be made now, the first of them since `due_since`; `looks` are those of the
    last hour by outcome; `throttled` the watches that Microsoft asked to leave alone, the next to
    end first and at most twenty, `throttled_total` all of them; `given_up` mails that will not be
    tried again, `alarms` stand now, `silent` are the apps that Microsoft refuses, `unread` those
    that may not read their own registration. `steps` are codes of what to do, the most urgent
    first; empty where all is well.

    `codes` are Microsoft's with which looks of the last hour ended, refused tokens' above all, the
    most frequent first and at most twenty; `down` the clouds that answer about nobody.
    """

    at: datetime
    parts: tuple[Part, ...]
    due: int
    due_since: datetime | None
    leased: int
    looks: dict[str, int]
    throttled: tuple[Watch, ...]
    throttled_total: int
    unsent: int
    oldest_unsent_at: datetime | None
    is_mail_stuck: bool
    given_up: int
    alarms: tuple[Alarm, ...]
    silent: tuple[Canary, ...]
    unread: tuple[Canary, ...] = ()
    codes: dict[str, int] = field(default_factory=dict)
    down: tuple[str, ...] = ()

    @property
    def lag(self) -> timedelta:
        """For how long the most overdue look has been due."""
        return self.at - self.due_since if self.due_since else timedelta()

    @property
    def unsent_for(self) -> timedelta:
        """How long the oldest unsent mail has been waiting."""
        return self.at - self.oldest_unsent_at if self.oldest_unsent_at else timedelta()

    @property
    def steps(self) -> tuple[str, ...]:
        """Codes of what to do; the words are in templates/desk/_worker_step.html."""
        kinds = {alarm.kind for alarm in self.alarms}
        told = {
            "start_worker": all(part.is_silent for part in self.parts),
            "start_part": len({part.is_silent for part in self.parts}) == 2,
            "mail_stuck": self.is_mail_stuck,
            "mend_credential": bool(self.silent),
            "mend_registration": Alarm.Kind.DRIFT in kinds,
            "mend_setup": Alarm.Kind.SETUP in kinds,
            "renew_credential": Alarm.Kind.EXPIRY in kinds,
            "more_workers": self.lag > LATE,
            "send_again": bool(self.given_up),
            "let_compare": bool(self.unread),
            "unreachable": self._mostly(Check.Outcome.UNREACHABLE),
        }
        return tuple(name for name, holds in told.items() if holds)

    def _mostly(self, outcome: Check.Outcome) -> bool:
        """At least half of the last hour's looks ended so."""
        return 0 < sum(self.looks.values()) <= 2 * self.looks.get(outcome, 0)

    def as_dict(self) -> dict[str, Any]:
        """The same for programs: seconds, ISO instants, GUIDs of tenants, no personal data."""
        return {
            "at": self.at.isoformat(),
            "parts": [
                {
                    "name": part.name,
                    "at": part.at.isoformat() if part.at else None,
                    "silent": part.is_silent,
                }
                for part in self.parts
            ],
            "due": self.due,
            "lag_s": round(self.lag.total_seconds(), 1),
            "leased": self.leased,
            "looks_last_hour": self.looks,
            "codes_last_hour": self.codes,
            "clouds_down": list(self.down),
            "throttled": self.throttled_total,
            "throttled_tenants": [
                {
                    "tenant_id": watch.tenant.tenant_id,
                    "app": watch.app.slug,
                    "until": watch.not_before.isoformat() if watch.not_before else None,
                }
                for watch in self.throttled
            ],
            "unsent_mails": self.unsent,
            "oldest_unsent_s": round(self.unsent_for.total_seconds(), 1),
            "given_up_mails": self.given_up,
            "alarms": [
                {
                    "kind": alarm.kind,
                    "app": alarm.app.slug if alarm.app else None,
                    "detail": alarm.detail,
                    "since": alarm.since.isoformat(),
                }
                for alarm in self.alarms
            ],
            "broken_credentials": [
                {"app": row.app.slug, "code": row.code, "looks_stopped": bool(row.stopped_at)}
                for row in self.silent
            ],
            "steps": list(self.steps),
        }


def look_around(*, with_codes: bool = True) -> Workings:
    """Read it all: a fixed number of queries, whatever there is. Without `with_codes` that one,
    which reads the rows of an hour's looks, is left out.
    """
    now = timezone.now()
    due = due_looks(now).aggregate(number=Count("pk"), since=Min("next_check_at"))
    throttled = Watch.objects.filter(not_before__gt=now)
    unsent = OutboxMessage.objects.filter(state__in=OutboxMessage.UNSENT).aggregate(
        number=Count("pk"), oldest=Min("created_at")
    )
    return Workings(
        at=now,
        parts=parts(now),
        due=due["number"],
        due_since=due["since"],
        leased=Watch.objects.filter(lease_until__gt=now).count(),
        looks=looks_by_outcome(now - timedelta(hours=1)),
        throttled=tuple(_named(throttled).order_by("not_before", "pk")[:SHOWN]),
        throttled_total=throttled.count(),
        unsent=unsent["number"],
        oldest_unsent_at=unsent["oldest"],
        is_mail_stuck=is_mail_stuck(now),
        given_up=OutboxMessage.objects.filter(state=OutboxMessage.State.FAILED).count(),
        alarms=tuple(alarms.standing()),
        silent=tuple(Canary.objects.exclude(silent_since=None).select_related("app")),
        unread=tuple(Canary.objects.exclude(unread="").select_related("app")),
        codes=looks_by_code(now - timedelta(hours=1)) if with_codes else {},
        down=tuple(clouds_down(now)),
    )


def due_looks(now: datetime) -> QuerySet[Watch]:
    """The watches that a worker would take now, if their cloud answers and their app's budget
    allows it.
    """
    return Watch.objects.due(now).exclude(app__in=canaries.stopped_apps())


def parts(now: datetime) -> tuple[Part, ...]:
    """Every part of the worker, those that never gave a sign too."""
    seen = dict(Pulse.objects.filter(name__in=PARTS).values_list("name", "at"))
    return tuple(
        Part(name, seen.get(name), name not in seen or seen[name] <= now - SILENT) for name in PARTS
    )


def is_mail_stuck(now: datetime) -> bool:
    """A mail waits for long, and none has left since: not one bad address, but all of them. What
    operators hold back on purpose is no fault.
    """
    if MailStop.objects.standing().exists():
        return False
    since = now - MAIL_TOO_OLD
    waits = OutboxMessage.objects.filter(state__in=OutboxMessage.UNSENT, created_at__lt=since)
    return waits.exists() and not OutboxMessage.objects.filter(sent_at__gt=since).exists()


def is_mail_refused() -> bool:
    """All of the newest mails were given up: not twenty bad addresses, but something of ours that
    the mail server or provider does not want.
    """
    ended = OutboxMessage.objects.filter(
        state__in=[OutboxMessage.State.SENT, OutboxMessage.State.FAILED]
    )
    newest = list(ended.order_by("-pk").values_list("state", flat=True)[:REFUSED_IN_A_ROW])
    return newest == [OutboxMessage.State.FAILED] * REFUSED_IN_A_ROW


def clouds_down(now: datetime) -> list[str]:
    """The names of the clouds of Microsoft's that answer about nobody."""
    failing = (
        Watch.objects.filter(failing_since__isnull=False)
        .values_list("app__cloud")
        .annotate(number=Count("tenant", distinct=True))
        .order_by("app__cloud")
    )
    many = [cloud for cloud, number in failing if number >= OPENS_AFTER]
    return [cloud for cloud in many if _is_down(cloud, now - DOWN)]


def _is_down(cloud: str, since: datetime) -> bool:
    recent = Check.objects.filter(at__gt=since, watch__app__cloud=cloud)
    silent = recent.filter(outcome=Check.Outcome.UNREACHABLE).exclude(code=canary.UNHEARD)
    unanswered = silent.count()
    return unanswered >= UNANSWERED and unanswered == recent.count()


def looks_by_outcome(since: datetime) -> dict[str, int]:
    """How many looks since then ended in which way, by the value of Check.Outcome."""
    rows = Check.objects.filter(at__gt=since).values("outcome").order_by("outcome")
    return dict(rows.annotate(number=Count("pk")).values_list("outcome", "number"))


def looks_by_code(since: datetime) -> dict[str, int]:
    """How many looks since then ended with which of Microsoft's codes: the most frequent first, at
    most twenty.
    """
    rows = Check.objects.filter(at__gt=since).exclude(code="").values("code")
    counted = rows.annotate(number=Count("pk")).order_by("-number", "code")
    return dict(counted.values_list("code", "number")[:SHOWN])


def _named(rows: QuerySet[Watch]) -> QuerySet[Watch]:
    return rows.select_related("tenant", "app").prefetch_related("tenant__domains")
