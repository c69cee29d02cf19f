"""Minutes from an approval nobody announced to the look that sees it; link opened."""

from tests.bench.polling import figure
from tests.bench.virtual import HOW, p95, weeks


def measure(n: int = 10_000) -> dict[str, object]:
    """Minutes from an approval nobody announced to the look that sees it; link opened."""
    found = weeks(n).opened
    notes = f"{len(found)} approvals after the link had been opened; {HOW}"
    return figure("unannounced_opened_p95_min", round(p95(found), 1), "min", n, notes)
