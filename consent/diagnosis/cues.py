"""What words tell where no number does: Microsoft's pages, and what people say about them.

The patterns are data/cues.toml; they run over folded text (see `decoding.folded`). What people say
in words of their own is found by the ideas that meet there (see `concepts`).
"""

import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

from consent.diagnosis.concepts import meetings

ROWS = Path(__file__).parent / "data" / "cues.toml"


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


@cache
def _patterns() -> dict[Cue, re.Pattern[str]]:
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
        Cue(name): re.compile("|".join(map(spelt_out, patterns)))
        for name, patterns in data["cues"].items()
    }


def printed(words: str) -> dict[Cue, str]:
    """The cues that known sentences of a folded text give, each with the words that gave it."""
    found = ((cue, pattern.search(words)) for cue, pattern in _patterns().items())
    return {cue: match[0] for cue, match in found if match}


def told(words: str) -> dict[Cue, str]:
    """The cues that a folded text gives in words of its own, each with these words."""
    return {Cue(cue): said for cue, said in meetings(words).items()}
