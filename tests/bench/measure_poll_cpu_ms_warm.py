"""CPU of the looking process for a look at an approved tenant that finds nothing new."""

from tests.bench.polling import APPROVED, COMMON, WARM, figure, rounds


def measure(n: int = 1000) -> dict[str, object]:
    """CPU of the looking process for a look at an approved tenant that finds nothing new."""
    found = rounds(checked=n, **APPROVED)[WARM]
    return figure(
        "poll_cpu_ms_warm", round(found["cpu_ms"], 3), "ms", n, f"acme-suite, fourth look; {COMMON}"
    )
