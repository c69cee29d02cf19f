"""Memory of one worker's process, with ten times as many tenants scheduled as checked."""

from tests.bench.polling import COMMON, figure, rounds


def measure(n: int = 10_000) -> dict[str, object]:
    """Memory of one worker's process, with ten times as many tenants scheduled as checked."""
    found = rounds(approved=True, checked=n, scheduled=10 * n, quick=1)[0]
    notes = f"{10 * n} scheduled, {n} checked, a token kept of each; {COMMON}"
    return figure("poll_pss_mb_100k", round(found["pss_mb"]), "MB", n, notes)
