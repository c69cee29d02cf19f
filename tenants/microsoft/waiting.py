"""How long Microsoft wants us to wait: `Retry-After`, in seconds."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_WAIT_S: Final = 3600.0


def wait_in_seconds(header: str | None) -> float | None:
    """The header's seconds, at most an hour; None where it is absent or nonsense.

    Microsoft sends whole numbers and fractions; RFC 9110 also allows dates.
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            at = parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT_S) if math.isfinite(seconds) else None
