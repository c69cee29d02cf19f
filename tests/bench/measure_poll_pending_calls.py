"""HTTP calls for a look at a tenant that has not approved."""

from tests.bench.polling import COMMON, PENDING, figure, rounds


def measure(n: int = 1000) -> dict[str, object]:
    """HTTP calls for a look at a tenant that has not approved."""
    found = rounds(checked=n, **PENDING)[-1]
    return figure(
        "poll_pending_calls",
        round(found["calls"], 3),
        "calls",
        n,
        "acme-calendar, fourth look; the canary's call, one in five minutes of a process, fell into"
        f" the first; {COMMON}",
    )
