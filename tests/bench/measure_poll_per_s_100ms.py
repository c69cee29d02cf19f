"""Looks a second by one worker's process where Microsoft takes 100 ms for each answer."""

from tests.bench.polling import COMMON, figure, rounds


def measure(n: int = 2000) -> dict[str, object]:
    """Looks a second by one worker's process where Microsoft takes 100 ms for each answer."""
    found = rounds(approved=True, checked=n, latency_s=0.1)[-1]
    rate = round(found["looks"] / found["seconds"])
    notes = f"acme-suite, fourth look, nothing new; {COMMON}"
    return figure("poll_per_s_100ms", rate, "looks/s", n, notes)
