"""Counts the error codes that the catalogue does not hold."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import F
from django.db.models.functions import Greatest

from consent.diagnosis import entry
from consent.models import UnknownCode

#: Anybody can type numbers; whoever floods us with new ones fills no table.
MOST_ROWS: Final = 500
_MOST_OF_ONE_PASTE: Final = 5


def count(codes: Iterable[str], *, at: datetime) -> None:
    """A paste had these codes (`AADSTS90094`); those that the catalogue holds are left alone."""
    unknown = [code for code in dict.fromkeys(codes) if entry(code) is None]
    for code in unknown[:_MOST_OF_ONE_PASTE]:
        rows = UnknownCode.objects.filter(code=code)
        if UnknownCode.objects.count() >= MOST_ROWS and not rows.exists():
            continue
        first = {"first_seen_at": at, "last_seen_at": at}
        _row, is_new = UnknownCode.objects.get_or_create(code=code, defaults=first)
        if not is_new:
            rows.update(times=F("times") + 1, last_seen_at=Greatest("last_seen_at", at))
