"""CPU of the looking process for a look at an approved tenant that finds nothing new."""

from tests.bench.polling import COMMON, figure, rounds


def measure(n: int = 2000) -> dict[str, object]:
    """CPU of the looking process for a look at an approved tenant that finds nothing new."""
    found = rounds(approved=True, checked=n)[-1]
    return figure(
        "poll_cpu_ms_warm", round(found["cpu_ms"], 3), "ms", n, f"acme-suite, fourth look; {COMMON}"
    )
