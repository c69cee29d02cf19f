"""HTTP calls for a look at an approved tenant when nothing is kept."""

from tests.bench.polling import COMMON, figure, rounds


def measure(n: int = 2000) -> dict[str, object]:
    """HTTP calls for a look at an approved tenant when nothing is kept."""
    found = rounds(approved=True, checked=n)[0]
    return figure(
        "poll_cold_calls",
        round(found["calls"], 3),
        "calls",
        n,
        f"acme-suite, first look of a fresh process, metadata included; {COMMON}",
    )
