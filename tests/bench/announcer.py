"""Administrators come back from Microsoft while their approvals become visible 0 to 15 seconds
later, and a worker looks. Prints the seconds from each approval's becoming visible to its proof.
`measure_announced_here_p95_s.py` starts it: `python -m tests.bench.announcer '{"tenants": 12}'`.
"""

import json
import random
import sys
import time

import django

django.setup()

from django.conf import settings  # noqa: E402 -- Django is set up above

from consent import watching  # noqa: E402
from consent.models import ConsentRequest  # noqa: E402
from tests.bench.granter import ask_everywhere  # noqa: E402
from tests.bench.polling import control  # noqa: E402

LATEST_S, LONGEST_S = 15.0, 60
SEED = 1


def come_back(request: ConsentRequest, domain: str, delay_s: float) -> float:
    """Approve there and return; when it will be visible, as time.time() counts."""
    microsoft = settings.MICROSOFT_URL
    control(microsoft, {"tenants": {domain: {"replication_delay_s": delay_s}}})
    grant = {"tenant": domain, "app": request.app.slug, "by": f"admin@{domain}"}
    control(microsoft, {"grants": [grant]})
    visible_at = time.time() + delay_s
    watching.returned(request)
    return visible_at


def main(plan: dict[str, int]) -> None:
    """Ask everywhere, come back everywhere, and print how long it took."""
    asked = ask_everywhere(plan["tenants"], waiting=1)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    dice = random.Random(SEED)
    visible = {
        request.pk: come_back(request, domain, dice.uniform(0, LATEST_S))
        for request, domain in asked
    }
    granted = ConsentRequest.objects.filter(state="granted")
    deadline = time.monotonic() + LONGEST_S
    while granted.count() < len(asked) and time.monotonic() < deadline:
        time.sleep(0.1)
    waits = [at.timestamp() - visible[key] for key, at in granted.values_list("pk", "granted_at")]
    sys.stdout.write(json.dumps(waits) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
