"""The same as `announced_p95_s`, with a worker, Redis and the simulated Microsoft as processes:
fewer tenants, and real seconds.
"""

from tests.bench.mailing import APPS, TENANTS, post
from tests.bench.measure_batch import simulated_microsoft
from tests.bench.measure_grant_to_mail_p95_s import with_a_worker


def measure(n: int = 12) -> dict[str, object]:
    """Seconds from the moment a grant is visible, shortly after the return, to the proof."""
    tenants = min(n, len(APPS) * len(TENANTS))
    with simulated_microsoft() as (url, _pid), post(MICROSOFT_URL=url) as here:
        waits = sorted(with_a_worker(here, "tests.bench.announcer", {"tenants": tenants}))
    if len(waits) != tenants:
        raise RuntimeError(f"{tenants - len(waits)} approvals were not found")
    return {
        "name": "announced_here_p95_s",
        "value": round(waits[int(len(waits) * 0.95)], 2),
        "unit": "s",
        "n": len(waits),
        "notes": (
            "visible 0 to 15 s after the return; one worker and beat, SQLite in a file;"
            f" median {waits[len(waits) // 2]:.2f} s"
        ),
    }
