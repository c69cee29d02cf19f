"""Looks a second by one worker's process where Microsoft takes 100 ms for each answer."""

from statistics import median

from tests.bench.polling import APPROVED, COMMON, figure, rounds


def measure(n: int = 1000) -> dict[str, object]:
    """Looks a second by one worker's process where Microsoft takes 100 ms for each answer."""
    slow = rounds(checked=n, **APPROVED)[-APPROVED["slow"] :]
    rate = median(one["looks"] / one["seconds"] for one in slow)
    cpu_ms = median(one["cpu_ms"] for one in slow)
    notes = f"acme-suite, nothing new, median of 3 rounds, {cpu_ms:.2f} ms of CPU a look; {COMMON}"
    return figure("poll_per_s_100ms", round(rate), "looks/s", n, notes)
