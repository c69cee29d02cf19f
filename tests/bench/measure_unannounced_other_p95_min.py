"""Minutes from an approval nobody announced to the look that sees it; link unopened."""

from tests.bench.polling import figure
from tests.bench.virtual import HOW, p95, weeks


def measure(n: int = 10_000) -> dict[str, object]:
    """Minutes from an approval nobody announced to the look that sees it; link unopened."""
    found = weeks(n).other
    notes = f"{len(found)} approvals past an unopened link; {HOW}"
    return figure("unannounced_other_p95_min", round(p95(found), 1), "min", n, notes)
