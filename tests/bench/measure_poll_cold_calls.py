"""HTTP calls for a look at an approved tenant when nothing is kept."""

from tests.bench.polling import APPROVED, COMMON, figure, rounds


def measure(n: int = 1000) -> dict[str, object]:
    """HTTP calls for a look at an approved tenant when nothing is kept."""
    found = rounds(checked=n, **APPROVED)[0]
    return figure(
        "poll_cold_calls",
        round(found["calls"], 2),
        "calls",
        n,
        f"acme-suite, first looks of a fresh process, metadata included; {COMMON}",
    )
