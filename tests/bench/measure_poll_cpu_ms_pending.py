"""CPU of the looking process for a look at a tenant that still has not approved."""

from tests.bench.polling import COMMON, PENDING, figure, rounds


def measure(n: int = 1000) -> dict[str, object]:
    """CPU of the looking process for a look at a tenant that still has not approved."""
    found = rounds(checked=n, **PENDING)[-1]
    return figure(
        "poll_cpu_ms_pending",
        round(found["cpu_ms"], 3),
        "ms",
        n,
        f"acme-calendar, fourth look, MSAL's token call included; {COMMON}",
    )
