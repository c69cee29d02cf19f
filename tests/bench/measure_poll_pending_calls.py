"""HTTP calls for a look at a tenant that has not approved."""

from tests.bench.polling import COMMON, figure, rounds


def measure(n: int = 2000) -> dict[str, object]:
    """HTTP calls for a look at a tenant that has not approved."""
    found = rounds(approved=False, checked=n)[-1]
    return figure(
        "poll_pending_calls",
        round(found["calls"], 3),
        "calls",
        n,
        f"acme-calendar, fourth look, the canary's calls spread over all; {COMMON}",
    )
