"""What words tell where no number does: Microsoft's pages, and what people say about them.

The patterns are data/cues.toml; they run over folded text (see `decoding.folded`). What people say
in words of their own is found by the ideas that meet there (see `concepts`).
"""

import re
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

from consent.diagnosis.concepts import meetings

ROWS = Path(__file__).parent / "data" / "cues.toml"

# What an expression may leave out or spell in several ways: groups and sets, from the inside out,
# and single characters that are escaped, repeated or any.
_GROUP = re.compile(r"\\[()\[\]]|\[[^\]]*\]|\((?:\\.|[^()\\])*\)")
_UNSURE = re.compile(r"\\.[?*]?|.[?*]|.?\{[^}]*\}|[.^$+]")


class Cue(StrEnum):
    """One thing that the words of a paste say; explained in the data file."""

    WALL = "wall"
    ACCEPT_PAGE = "accept_page"
    GRANTED = "granted"
    JUST_NOW = "just_now"
    WORKS_LATER = "works_later"
    INSTALLED = "installed"
    CHANGED = "changed"
    ENDLESS = "endless"
    STILL = "still"
    LACKS_ROLE = "lacks_role"
    PRESSED_CANCEL = "pressed_cancel"
    NEVER_RETURNS = "never_returns"
    PERSONAL = "personal"
    DISABLED_BY_MICROSOFT = "disabled_by_microsoft"
    DISABLED = "disabled"
    ASSIGNMENT = "assignment"
    POLICY = "policy"
    SECOND_FACTOR = "second_factor"
    OTHER_ACCOUNT = "other_account"
    SERVICE_MISSING = "service_missing"
    RETURN_ADDRESS = "return_address"
    SECRET = "secret"
    OVERLOADED = "overloaded"
    SIGNED_OUT = "signed_out"
    BACKGROUND = "background"
    APP_ALONE = "app_alone"
    MORE_ASKED = "more_asked"
    ASKED_IN_A_LOOP = "asked_in_a_loop"
    STILL_SHOWN = "still_shown"
    GUEST = "guest"
    TENANT_MISSING = "tenant_missing"
    TOKEN_ENDED = "token_ended"
    TRY_LATER = "try_later"
    SENT_TO_ADMIN = "sent_to_admin"
    APP_MISSING = "app_missing"
    ACCOUNT_OFF = "account_off"
    ELSEWHERE = "elsewhere"
    BROKEN_REQUEST = "broken_request"
    SIGNIN_AGAIN = "signin_again"
    REAPPROVED = "reapproved"
    APPROVED_ANOTHER = "approved_another"


def _branches(pattern: str) -> Iterator[str]:
    """The alternatives of a regular expression, without those inside of its groups."""
    depth = since = at = 0
    while at < len(pattern):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(pattern[at], 0)
        if pattern[at] == "|" and not depth:
            yield pattern[since:at]
            since = at + 1
        at += 2 if pattern[at] == "\\" else 1
    yield pattern[since:]


def _certain(branch: str) -> str:
    """The longest text that every match of a branch has in it; empty where there may be none."""
    plain, before = _GROUP.sub("\0", branch), branch
    while plain != before:
        plain, before = _GROUP.sub("\0", plain), plain
    return max(_UNSURE.sub("\0", plain).split("\0"), key=len)


def _groups(branch: str) -> Iterator[str]:
    """What stands in the groups of a branch that no match goes without."""
    depth = since = at = 0
    while at < len(branch):
        if branch[at] == "[":
            at = branch.index("]", at)
        elif branch[at] == "(":
            depth += 1
            since = since if depth > 1 else at
        elif branch[at] == ")":
            depth -= 1
            is_needed = branch[at + 1 : at + 2] not in {"?", "*", "{"}
            if not depth and is_needed and branch.startswith("(?:", since):
                yield branch[since + 3 : at]
        at += 2 if branch[at] == "\\" else 1


def _one_of(branch: str) -> tuple[str, ...]:
    """Texts of which every match of a branch has one in it: the choice that says most."""
    choices: list[tuple[str, ...]] = [(_certain(branch),)]
    choices += [tuple(map(_certain, _branches(group))) for group in _groups(branch)]
    return max(choices, key=lambda texts: min(map(len, texts)))


@cache
def _patterns() -> dict[Cue, tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]]:
    """The alternatives of each cue, each behind texts of which one has to be there for it."""
    with ROWS.open("rb") as rows:
        data = tomllib.load(rows)
    parts: dict[str, str] = {}

    def spelt_out(pattern: str) -> str:
        for name, part in parts.items():
            pattern = pattern.replace(f"<{name}>", part)
        return pattern

    for name, part in data["parts"].items():
        parts[name] = spelt_out(part)
    return {
        Cue(name): tuple(
            (_one_of(branch), re.compile(branch))
            for pattern in patterns
            for branch in _branches(spelt_out(pattern))
        )
        for name, patterns in data["cues"].items()
    }


def printed(words: str) -> dict[Cue, str]:
    """The cues that known sentences of a folded text give, each with the words that gave it."""
    found: dict[Cue, str] = {}
    for cue, rows in _patterns().items():
        # To look for a fixed text costs a small part of what an expression costs.
        matches = [
            pattern.search(words) for texts, pattern in rows if any(text in words for text in texts)
        ]
        if first := min(filter(None, matches), key=lambda match: match.start(), default=None):
            found[cue] = first[0]
    return found


def told(words: str) -> dict[Cue, str]:
    """The cues that a folded text gives in words of its own, each with these words."""
    return {Cue(cue): said for cue, said in meetings(words).items()}
