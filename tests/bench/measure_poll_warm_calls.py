"""HTTP calls for a look at an approved tenant whose token is kept."""

from tests.bench.polling import COMMON, figure, rounds


def measure(n: int = 2000) -> dict[str, object]:
    """HTTP calls for a look at an approved tenant whose token is kept."""
    found = rounds(approved=True, checked=n)[-1]
    return figure(
        "poll_warm_calls",
        round(found["calls"], 3),
        "calls",
        n,
        f"acme-suite, fourth look, nothing new; {COMMON}",
    )
