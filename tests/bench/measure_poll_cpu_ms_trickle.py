"""CPU of the looking process for a look that finds nothing new where few are due at a time."""

from tests.bench.polling import APPROVED, COMMON, FEW, TRICKLE, figure, rounds


def measure(n: int = 1000) -> dict[str, object]:
    """CPU of the looking process for a look that finds nothing new where few are due at a time."""
    found = rounds(checked=n, **APPROVED)[TRICKLE]
    return figure(
        "poll_cpu_ms_trickle",
        round(found["cpu_ms"], 3),
        "ms",
        n,
        f"acme-suite, as poll_cpu_ms_warm, but {FEW} due at a time; {COMMON}",
    )
