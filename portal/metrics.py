"""`/metrics`: numbers for Prometheus, counted in the database at each scrape, so that it does not
matter which of several processes answers. Numbers and fixed words only: no person, no tenant.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import ipaddress
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from consent import calls, workings
from consent.models import (
    AppRegistration,
    CallCount,
    Check,
    ConsentRequest,
    OutboxMessage,
    Rung,
    Ticket,
    UnknownCode,
)
from consent.verification import budget
from tenants.microsoft.tally import REFUSALS

#: Looks and their codes are counted over this span: rows of looks are pruned, so no count of them
#: could only grow.
RECENT: Final = timedelta(minutes=10)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything that is measured; for this machine itself, or with METRICS_TOKEN as bearer."""
    if not _may_read(request):
        return HttpResponseForbidden(
            "For this machine itself, or with METRICS_TOKEN as bearer token.\n",
            content_type="text/plain",
        )
    # What this process called itself: nothing else in a web process writes it down.
    calls.write_down()
    registry = CollectorRegistry()
    registry.register(Numbers())
    answer = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    answer["Cache-Control"] = "no-store"
    return answer


def _may_read(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    wanted = settings.METRICS_TOKEN
    if wanted and secrets.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        return True
    # Whatever a proxy on this machine passes on comes from the loopback, too.
    if settings.BEHIND_PROXY or "X-Forwarded-For" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # a socket without an address
        return False


class Numbers:
    """Prometheus' collector: asked at each scrape, keeps nothing."""

    def describe(self) -> list[Metric]:
        """Nothing beforehand: registering asks no database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every family, its rows in one order; a fixed number of queries."""
        began = time.monotonic()
        now = timezone.now()
        yield from _worker()
        yield from _looks(now - RECENT)
        yield from _rows(now - RECENT)
        yield _gauge("scrape_seconds", "What this answer took.", time.monotonic() - began)


def _worker() -> Iterator[Metric]:
    seen = workings.look_around(with_codes=False)
    yield _family(
        "pulse_age_seconds",
        "Since a part of the worker gave its last sign; absent where it never did.",
        ["part"],
        [((part.name,), (seen.at - part.at).total_seconds()) for part in seen.parts if part.at],
    )
    yield _gauge("due_looks", "Looks that a worker could make now.", seen.due)
    yield _gauge("due_lag_seconds", "How late the latest look is.", seen.lag.total_seconds())
    apps = AppRegistration.objects.exclude(credential="").order_by("slug", "cloud")
    left = ((app, budget.left(app.cloud, app.client_id)) for app in apps)
    yield _family(
        "looks_budget_left",
        "Looks that workers may begin at once; absent while Redis does not tell.",
        ["app", "cloud"],
        [((app.slug, app.cloud), number) for app, number in left if number is not None],
    )
    yield _gauge("leased_looks", "Looks that workers are making now.", seen.leased)
    yield _gauge(
        "throttled_tenants", "Watches that Microsoft asked to leave alone.", seen.throttled_total
    )
    yield _family(
        "alarm",
        "1 for each alarm that stands.",
        ["kind", "app"],
        [((alarm.kind, alarm.app.slug if alarm.app else ""), 1) for alarm in seen.alarms],
    )
    yield _family(
        "canary_silent",
        "1 for each app that Microsoft refuses at home.",
        ["app", "code"],
        [((row.app.slug, row.code), 1) for row in seen.silent],
    )
    yield _gauge(
        "oldest_unsent_mail_seconds",
        "How long the oldest unsent mail has been waiting.",
        seen.unsent_for.total_seconds(),
    )


def _looks(since: datetime) -> Iterator[Metric]:
    recent = Check.objects.filter(at__gt=since)
    # What the look led to: the rung of the request now standing for that tenant and app, by a join
    # that databases make once, and not by a question for each look.
    newer = ConsentRequest.objects.filter(
        tenant=OuterRef("watch__tenant"),
        app=OuterRef("watch__app"),
        pk__gt=OuterRef("watch__tenant__requests"),
    )
    ranked = recent.filter(~Exists(newer), watch__tenant__requests__app=F("watch__app"))
    found = ranked.order_by().values_list("outcome", "watch__tenant__requests__rung")
    looks = Counter({row[:2]: row[2] for row in found.annotate(number=Count("pk"))})
    codes, unasked = Counter[str](), Counter[str]()
    ended = recent.order_by().values_list("outcome", "code").annotate(number=Count("pk"))
    for outcome, code, number in ended:
        codes[code] += number
        unasked[outcome] += number
    for (outcome, _rung), number in looks.items():
        unasked[outcome] -= number
    # Where no request was ever made, there is no rung either.
    looks.update({(outcome, Rung.NONE.value): number for outcome, number in unasked.items()})
    del codes[""]
    yield _family(
        "looks_recent",
        "Looks of the last ten minutes.",
        ["outcome", "rung"],
        sorted((+looks).items()),
    )
    yield _family(
        "looks_with_code_recent",
        "Looks of the last ten minutes that ended with a code of Microsoft's.",
        ["code"],
        (((code,), number) for code, number in sorted(codes.items())),
    )


def _rows(since: datetime) -> Iterator[Metric]:
    counts = CallCount.objects.order_by("endpoint", "status")
    yield _family(
        "calls",
        "Calls to Microsoft by endpoint and HTTP status; none: no answer came.",
        ["endpoint", "status"],
        [((row.endpoint, row.status), row.count) for row in counts.exclude(endpoint=REFUSALS)],
        kind=CounterMetricFamily,
    )
    yield _family(
        "tokens_refused",
        "Tokens that Microsoft refused, by its own number; none: it gave none. 700016 and 7000229 "
        "are tenants that have not approved.",
        ["code"],
        [((row.status,), row.count) for row in counts.filter(endpoint=REFUSALS)],
        kind=CounterMetricFamily,
    )
    mails = OutboxMessage.objects.filter(
        state__in=[*OutboxMessage.UNSENT, OutboxMessage.State.FAILED]
    )
    yield _counted("mails", "Mails that have not left: waiting, leaving, given up.", mails, "state")
    left = OutboxMessage.objects.filter(sent_at__gt=since).count()
    yield _gauge("mails_left_recent", "Mails that left in the last ten minutes.", left)
    requests = ConsentRequest.objects.all()
    yield _counted("requests", "Consent requests.", requests, "state", "rung")
    yield _counted("tickets", "Tickets.", Ticket.objects.all(), "state", "opened_by")
    codes = UnknownCode.objects.aggregate(number=Count("pk"), times=Sum("times", default=0))
    yield _gauge("unknown_codes", "Codes that pastes had and the catalogue lacks.", codes["number"])
    yield _gauge("unknown_codes_read", "How often pastes had one of them.", codes["times"])


def _counted(name: str, words: str, rows: QuerySet[Any], *labels: str) -> Metric:
    """How many rows there are by these columns."""
    found = rows.order_by(*labels).values_list(*labels).annotate(number=Count("pk"))
    return _family(name, words, labels, ((row[:-1], row[-1]) for row in found))


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"portal_{name}", words, value=value)


def _family(
    name: str,
    words: str,
    labels: Iterable[str],
    rows: Iterable[tuple[Iterable[str], float]],
    *,
    kind: Any = GaugeMetricFamily,
) -> Metric:
    family = kind(f"portal_{name}", words, labels=list(labels))
    for values, number in rows:
        family.add_metric(list(values), number)
    return family
