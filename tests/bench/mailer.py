"""Queues the good news for a crowd, and says how long a worker takes until all of it is marked as
sent. `mailing.py` starts both: `python -m tests.bench.mailer '{"people": 10000, "worker": 4711}'`.
"""

import json
import sys
import time
from datetime import timedelta

import django

django.setup()

from django.db import transaction  # noqa: E402 -- Django is set up above
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.utils import timezone  # noqa: E402

from consent.models import AppRegistration, ConsentRequest, OutboxMessage, Ticket  # noqa: E402
from consent.verification.telling import tell  # noqa: E402
from portal.sandbox.fresh import plant  # noqa: E402
from portal.sandbox.microsoft import seed  # noqa: E402
from tenants.models import Contact, Tenant, TenantDomain  # noqa: E402
from tests.bench.measure_batch import cpu_seconds  # noqa: E402

BATCH = 500
LONGEST_S = 300


def crowd(people: int) -> ConsentRequest:
    """The demo's apps, and so many people who wait for one tenant that has approved."""
    plant()
    app, now = AppRegistration.objects.get(slug="acme-calendar"), timezone.now()
    contoso = seed.TENANTS[0]
    tenant = Tenant.objects.create(cloud="sandbox", tenant_id=contoso.tenant_id)
    TenantDomain.objects.create(tenant=tenant, name=contoso.domain)
    request = ConsentRequest.objects.create(
        tenant=tenant,
        app=app,
        permission_version=app.permission_version,
        state="granted",
        rung="directory",
        reach="everyone",
        granted_at=now,
        confirmed_again_at=now,
        expires_at=now + timedelta(days=30),
    )
    contacts = Contact.objects.bulk_create(
        [Contact(email=f"person-{n}@{contoso.domain}") for n in range(people)], BATCH
    )
    asked = {"app": app, "tenant": tenant, "request": request, "confirmed_at": now}
    Ticket.objects.bulk_create(
        [Ticket(contact=one, state="waiting", **asked) for one in contacts], BATCH
    )
    return request


def main(plan: dict[str, int]) -> None:
    """Queue, ring, wait, and print how it went."""
    BaseDatabaseWrapper.queries_logged = False
    request = crowd(plan["people"])
    started = time.perf_counter()
    cpu = cpu_seconds(plan["worker"])
    with transaction.atomic():
        queued = tell(request)
    queueing = time.perf_counter() - started
    started = time.perf_counter()
    while (marked := OutboxMessage.objects.filter(state="sent").count()) < queued:
        time.sleep(0.1)
        if time.perf_counter() - started > LONGEST_S:
            break
    told = {
        "queued": queued,
        "queueing_s": queueing,
        "marked": marked,
        "seconds": time.perf_counter() - started,
        "cpu_ms": (cpu_seconds(plan["worker"]) - cpu) * 1000 / max(1, marked),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
