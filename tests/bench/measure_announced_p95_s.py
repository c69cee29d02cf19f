"""Seconds from the moment a grant is visible, shortly after the return, to the proving look."""

from tests.bench.polling import figure
from tests.bench.virtual import announced, p95


def measure(n: int = 10_000) -> dict[str, object]:
    """Seconds from the moment a grant is visible, shortly after the return, to the proving look."""
    notes = "visible 0 to 15 s after the return; beat each second, 0.3 s a look; virtual time"
    return figure("announced_p95_s", round(p95(announced(n)), 2), "s", n, notes)
