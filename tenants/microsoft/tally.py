"""Counts this process' calls to Microsoft until somebody writes the numbers down."""

from collections import Counter
from collections.abc import Iterable
from threading import Lock
from typing import Final

NO_ANSWER: Final = "none"
#: Not an endpoint: refused tokens, by Microsoft's number instead of HTTP's.
REFUSALS: Final = "token_refused"
_counted: Counter[tuple[str, str]] = Counter()
_lock: Final = Lock()


def count(endpoint: str, status: int | None) -> None:
    """One more call; `status` is HTTP's, or None where no answer came. Safe in any thread."""
    with _lock:
        _counted[endpoint, NO_ANSWER if status is None else str(status)] += 1


def count_all(endpoint: str, statuses: Iterable[int]) -> None:
    """Several at once."""
    with _lock:
        _counted.update((endpoint, str(status)) for status in statuses)


def count_refusal(number: int | None) -> None:
    """One more token that Microsoft refused, with that number of its own, or none."""
    count(REFUSALS, number)


def take() -> dict[tuple[str, str], int]:
    """The calls since the last time, by endpoint and status; they are not given out again."""
    with _lock:
        taken = dict(_counted)
        _counted.clear()
    return taken
