"""Ten people wait in each of several tenants; one tenant after the other approves, and a worker
finds it. Prints when each request was granted, by the addresses of those who waited.
`measure_grant_to_mail_p95_s.py` starts it: `python -m tests.bench.granter '{"tenants": 16}'`.
"""

import json
import sys
import time
from itertools import product

import django

django.setup()

from django.conf import settings  # noqa: E402 -- Django is set up above

from consent import placing, tickets, watching  # noqa: E402
from consent.models import AppRegistration, ConsentRequest, OutboxMessage  # noqa: E402
from portal.sandbox.fresh import plant  # noqa: E402
from tests.bench.mailing import APPS, TENANTS, WAITING  # noqa: E402
from tests.bench.polling import control  # noqa: E402

BETWEEN_S, LONGEST_S = 0.5, 60


def ask(app: AppRegistration, domain: str, *, waiting: int) -> ConsentRequest:
    """So many people of that organisation ask, confirm and wait."""
    for number in range(waiting):
        ticket = tickets.ask(
            app=app,
            email=f"{app.slug}-{number}@{domain}",
            name="",
            note="",
            pasted="",
            seen="",
            administrator_email="",
        )
        tickets.confirm(ticket)
        placing.place(ticket)
    return ConsentRequest.objects.get(app=app, tenant__domains__name=domain)


def ask_everywhere(tenants: int, *, waiting: int = WAITING) -> list[tuple[ConsentRequest, str]]:
    """So many tenants' requests with their domains, so many people waiting in each."""
    plant()
    places = list(product(APPS, (f"{name}.example" for name in TENANTS)))[:tenants]
    apps = {app.slug: app for app in AppRegistration.objects.all()}
    return [(ask(apps[slug], domain, waiting=waiting), domain) for slug, domain in places]


def approve(request: ConsentRequest, domain: str) -> None:
    """As if in Microsoft's own portal, and a look follows. It is asked for, since a look that began
    before the approval would put a row that was merely set to due off again.
    """
    grant = {"tenant": domain, "app": request.app.slug, "by": f"admin@{domain}"}
    control(settings.MICROSOFT_URL, {"grants": [grant]})
    watching.demanded(request)


def main(plan: dict[str, int]) -> None:
    """Ask, approve one after the other, wait for all mails, and print who was granted when."""
    asked = ask_everywhere(plan["tenants"])
    OutboxMessage.objects.all().delete()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for request, domain in asked:
        approve(request, domain)
        time.sleep(BETWEEN_S)
    news = OutboxMessage.objects.filter(kind="consent_granted", state="sent")
    deadline = time.monotonic() + LONGEST_S
    while news.count() < WAITING * len(asked) and time.monotonic() < deadline:
        time.sleep(0.1)
    granted = {
        email: at.timestamp()
        for email, at in news.values_list("to__email", "ticket__request__granted_at")
    }
    sys.stdout.write(json.dumps(granted) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
