"""Microsoft's error numbers as facts, in our own words; the rows are data/codes.json."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from consent.diagnosis.kinds import Actor, Cause

ROWS = Path(__file__).parent / "data" / "codes.json"


@dataclass(frozen=True)
class CodeEntry:
    """One error number. `name` is Microsoft's own name for it, empty where none is published."""

    code: str
    name: str
    meaning: str
    cause: Cause
    actor: Actor
    consent_helps: Literal["yes", "no", "maybe"]

    @property
    def number(self) -> str:
        """The digits alone, as in Microsoft's addresses."""
        return self.code.removeprefix("AADSTS")

    @property
    def link(self) -> str:
        """Microsoft's page for this number."""
        return f"https://login.microsoftonline.com/error?code={self.number}"


@cache
def _entries() -> dict[str, CodeEntry]:
    return {
        f"AADSTS{row['code']}": CodeEntry(
            code=f"AADSTS{row['code']}",
            name=row["name"],
            meaning=row["meaning"],
            cause=Cause(row["cause"]),
            actor=Actor(row["actor"]),
            consent_helps=row["consent_helps"],
        )
        for row in json.loads(ROWS.read_text(encoding="utf-8"))
    }


def entry(code: str) -> CodeEntry | None:
    """The row of a code, written as `AADSTS90094` in any capitals or `90094`; None without one."""
    return _entries().get(f"AADSTS{code.upper().removeprefix('AADSTS')}")


def all_entries() -> tuple[CodeEntry, ...]:
    """Every row, by number."""
    return tuple(_entries().values())
