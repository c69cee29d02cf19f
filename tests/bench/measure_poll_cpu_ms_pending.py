"""CPU of the looking process for a look at a tenant that still has not approved."""

from tests.bench.polling import COMMON, figure, rounds


def measure(n: int = 2000) -> dict[str, object]:
    """CPU of the looking process for a look at a tenant that still has not approved."""
    found = rounds(approved=False, checked=n)[-1]
    return figure(
        "poll_cpu_ms_pending",
        round(found["cpu_ms"], 3),
        "ms",
        n,
        f"acme-calendar, fourth look, MSAL's token call included; {COMMON}",
    )
