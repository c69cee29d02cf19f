"""Claims due watches of many, and says how long each claim took. `polling.py` starts it."""

import json
import sys
import time
from statistics import median

import django

django.setup()

from django.db import connection  # noqa: E402 -- Django is set up above
from django.utils import timezone  # noqa: E402

from consent.models import Watch  # noqa: E402
from consent.verification.claiming import claim  # noqa: E402
from tests.bench.looker import prepare, without_query_log  # noqa: E402

TIMES = 15


def main(plan: dict[str, int]) -> None:
    """Prints the median of several claims in milliseconds."""
    without_query_log()
    due = plan["due"]
    prepare(due, plan["scheduled"], "acme-calendar")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    took = []
    for _ in range(TIMES):
        started = time.perf_counter()
        claimed = claim(due)
        took.append((time.perf_counter() - started) * 1000)
        if len(claimed) != due:
            raise RuntimeError(f"{len(claimed)} claimed instead of {due}")
        Watch.objects.exclude(lease_until=None).update(
            lease_until=None, next_check_at=timezone.now()
        )
    sys.stdout.write(json.dumps({"ms": median(took), "vendor": connection.vendor}) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
