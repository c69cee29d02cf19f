"""HTTP calls a day for a request that waits."""

from tests.bench.polling import figure
from tests.bench.virtual import HOW, weeks


def measure(n: int = 10_000) -> dict[str, object]:
    """HTTP calls a day for a request that waits."""
    found = weeks(n)
    notes = f"{found.calls} calls in {found.waited_days:.0f} days waited; {HOW}"
    return figure("calls_per_request_day", round(found.calls_per_request_day, 1), "calls", n, notes)
