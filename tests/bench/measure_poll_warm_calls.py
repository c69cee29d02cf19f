"""HTTP calls for a look at an approved tenant whose token is kept."""

from tests.bench.polling import APPROVED, COMMON, WARM, figure, rounds


def measure(n: int = 1000) -> dict[str, object]:
    """HTTP calls for a look at an approved tenant whose token is kept."""
    found = rounds(checked=n, **APPROVED)[WARM]
    return figure(
        "poll_warm_calls",
        round(found["calls"], 3),
        "calls",
        n,
        f"acme-suite, fourth look, nothing new; {COMMON}",
    )
