"""One worker's process that looks at a crowd of simulated tenants, round after round, and says what
each round cost. `polling.py` starts it: `python -m tests.bench.looker '{"checked": 1000, ...}'`.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import django

django.setup()

from django.conf import settings  # noqa: E402 -- Django is set up above
from django.core.management import call_command  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.utils import timezone  # noqa: E402

from consent.models import AppRegistration, Check, ConsentRequest, Ticket, Watch  # noqa: E402
from consent.verification.checker import look_at_due  # noqa: E402
from portal.sandbox.fresh import plant  # noqa: E402
from portal.sandbox.microsoft import seed  # noqa: E402
from tenants.models import Contact, Tenant  # noqa: E402
from tests.bench.polling import FEW, control  # noqa: E402
from tests.values import guid  # noqa: E402

BATCH = 500
SLOW_S = 0.1
COUNTED = ("token", "batch", "graph", "metadata", "keys")


def prepare(checked: int, scheduled: int, app_slug: str) -> None:
    """Tables, the demo's apps, and for each tenant a request that one person waits for. Those
    beyond `checked` are due tomorrow.
    """
    call_command("migrate", verbosity=0)
    plant()
    app = AppRegistration.objects.get(slug=app_slug)
    now, tomorrow = timezone.now(), timezone.now() + timedelta(days=1)
    ids = [
        seed.crowd(n + 1).tenant_id if n < checked else guid(f"scheduled-{n}")
        for n in range(scheduled)
    ]
    tenants = Tenant.objects.bulk_create(
        [Tenant(cloud="sandbox", tenant_id=one) for one in ids], BATCH
    )
    requests = ConsentRequest.objects.bulk_create(
        [
            ConsentRequest(
                tenant=one,
                app=app,
                permission_version=1,
                state="asked",
                expires_at=now + timedelta(days=30),
            )
            for one in tenants
        ],
        BATCH,
    )
    Watch.objects.bulk_create(
        [
            Watch(tenant=one, app=app, asked_at=now, next_check_at=now if n < checked else tomorrow)
            for n, one in enumerate(tenants)
        ],
        BATCH,
    )
    people = Contact.objects.bulk_create(
        [Contact(email=f"person-{n}@company.example") for n in range(checked)], BATCH
    )
    Ticket.objects.bulk_create(
        [
            Ticket(
                request=one,
                tenant=one.tenant,
                app=app,
                contact=person,
                state="waiting",
                confirmed_at=now,
            )
            for one, person in zip(requests, people, strict=False)
        ],
        BATCH,
    )


def calls() -> int:
    """How many calls the simulated Microsoft has had."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(f"{settings.MICROSOFT_URL}/_control/calls", timeout=30) as answer:
        counted = json.load(answer)
    return sum(counted.get(name, 0) for name in COUNTED)


def looked_at(checked: int) -> list[int]:
    """The keys of the watches that are looked at."""
    return list(Watch.objects.order_by("pk").values_list("pk", flat=True)[:checked])


def look_round(checked: int) -> dict[str, float]:
    """Everybody is due; look until nobody is."""
    first = looked_at(checked)
    for start in range(0, checked, BATCH):
        Watch.objects.filter(pk__in=first[start : start + BATCH]).update(
            next_check_at=timezone.now(), not_before=None
        )
    calls_before, checks_before = calls(), Check.objects.count()
    cpu, started = time.process_time(), time.perf_counter()
    while look_at_due():
        pass
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    looks = Check.objects.count() - checks_before
    return {
        "looks": looks,
        "seconds": seconds,
        "cpu_ms": cpu * 1000 / max(1, looks),
        "calls": (calls() - calls_before) / max(1, looks),
        "pss_mb": pss_mb(),
    }


def trickle(checked: int) -> dict[str, float]:
    """A few are due at a time, until each was once; making them due is no part of the look."""
    first, cpu, looks = looked_at(checked), 0.0, 0
    Watch.objects.update(next_check_at=timezone.now() + timedelta(days=1))
    for start in range(0, checked, FEW):
        few = Watch.objects.filter(pk__in=first[start : start + FEW])
        few.update(next_check_at=timezone.now())
        before = time.process_time()
        looks += look_at_due()
        cpu += time.process_time() - before
    return {"looks": looks, "cpu_ms": cpu * 1000 / max(1, looks)}


def pss_mb() -> float:
    """This process's share of the memory, in MB."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no Pss in /proc/self/smaps_rollup")


def without_query_log() -> None:
    """The sandbox needs DEBUG, which keeps every query; a real worker has it off."""
    BaseDatabaseWrapper.queries_logged = False


def main(plan: dict[str, Any]) -> None:
    """Run the rounds, and more where Microsoft takes its time; prints them as one JSON list."""
    without_query_log()
    prepare(plan["checked"], plan["scheduled"], plan["app"])
    told = [look_round(plan["checked"]) for _ in range(plan["rounds"])]
    if plan["trickle"]:
        told.append(trickle(plan["checked"]))
    if plan["slow_rounds"]:
        control(settings.MICROSOFT_URL, {"latency_s": SLOW_S})
        told += [look_round(plan["checked"]) for _ in range(plan["slow_rounds"])]
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
