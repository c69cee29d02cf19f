"""What the writer of a mail says himself and of today, and what he quotes or tells of earlier.

The marks of mail programs and the words of time are data/mail.toml. The signs before quoted lines
are https://datatracker.ietf.org/doc/html/rfc3676#section-4.5
"""

import re
import tomllib
from functools import cache
from pathlib import Path

ROWS = Path(__file__).parent / "data" / "mail.toml"
NOW, UNDATED, PAST = range(3)

# A longer text is a log, whose lines may begin like quotations.
_LONGEST = 32 * 1024
_INTRODUCTION = 60
_QUOTED = re.compile(r"[ \t]{0,3}((?:>[ \t]{0,2}){1,9})")


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """The beginning of an older mail; words for now; words for what is past."""
    with ROWS.open("rb") as rows:
        data = tomllib.load(rows)
    older = "|".join([*data["original"], *data["wrote"], *data["head"]])
    return (
        re.compile(f"^(?:{older})", re.MULTILINE),
        re.compile("|".join(data["present"])),
        re.compile("|".join(data["past"])),
    )


def _depth(line: str) -> int:
    quoted = _QUOTED.match(line)
    return quoted[1].count(">") if quoted else 0


def newest(text: str) -> tuple[str, ...]:
    """The parts of a readable text that are newer than the rest, the newest first.

    At most two: what quotes nothing, and that with what is quoted once. Empty where nothing is
    quoted, or where nothing else is said.
    """
    if len(text) > _LONGEST:
        return ()
    begins = len(text) - len(text.lstrip())
    heads = _patterns()[0].finditer(text)
    older = next((each for each in heads if each.start() > begins), None)
    lines = (text[: older.start()] if older else text).split("\n")
    depths = [_depth(line) for line in lines]
    parts = (
        "\n".join(line for line, depth in zip(lines, depths, strict=True) if depth <= most)
        for most in (0, 1)
    )
    return tuple(dict.fromkeys(part for part in parts if part.strip() and len(part) < len(text)))


def age(text: str, since: int, position: int) -> int:
    """NOW or PAST where the words shortly before a place in a readable text say so, else UNDATED.

    What stands before `since` belongs to something else.
    """
    before = text[max(since, position - _INTRODUCTION) : position]
    _older, present, past = _patterns()
    return NOW if present.search(before) else PAST if past.search(before) else UNDATED
