"""What is looked at before going live, and how each of it stands."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How an item stands."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Item:
    """One thing that was looked at; `fix` says what to do unless it is well."""

    grade: Grade
    found: str
    fix: str = ""
