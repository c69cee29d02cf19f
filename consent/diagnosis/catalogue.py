"""Microsoft's error numbers as facts, in our own words; the rows are data/codes.json."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from consent.diagnosis.kinds import Actor, Cause

ROWS = Path(__file__).parent / "data" / "codes.json"
# Shorter names, such as "InvalidScope", are those of other services, too.
_TELLING = 16
_NAME = re.compile(r"(?<![^\W_])[a-z][a-z0-9_]{15,60}(?![^\W_])")


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


@cache
def _by_name() -> dict[str, CodeEntry]:
    """Names that say something, in small letters; one that several codes share means the first."""
    named: dict[str, CodeEntry] = {}
    for each in _entries().values():
        if len(each.name) >= _TELLING:
            named.setdefault(each.name.lower(), each)
    return named


def named(words: str) -> CodeEntry | None:
    """The row of the first of Microsoft's names that stands in a folded text; None without one."""
    found = (_by_name().get(match[0]) for match in _NAME.finditer(words))
    return next((each for each in found if each), None)


def all_entries() -> tuple[CodeEntry, ...]:
    """Every row, by number."""
    return tuple(_entries().values())
