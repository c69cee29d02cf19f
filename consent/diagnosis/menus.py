"""Where things stand in Microsoft's admin centres now; the rows are data/menus.toml."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

ROWS = Path(__file__).parent / "data" / "menus.toml"


@dataclass(frozen=True)
class Menu:
    """One place: `path` is what to press from left to right, in Microsoft's own words.

    `formerly` is its path under older names, empty where there was none. `checked_on` is the day on
    which it was compared with `source`, a page of Microsoft's.
    """

    path: tuple[str, ...]
    formerly: tuple[str, ...]
    address: str
    checked_on: date
    source: str


@cache
def menus() -> dict[str, Menu]:
    """Every place by its name in the data."""
    with ROWS.open("rb") as rows:
        data = tomllib.load(rows)
    return {
        name: Menu(
            path=tuple(row["path"]),
            formerly=tuple(row["formerly"]),
            address=row["address"],
            checked_on=row["checked_on"],
            source=row["source"],
        )
        for name, row in data.items()
    }
