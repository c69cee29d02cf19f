"""Finds error codes by number, by Microsoft's name for them, and by words; and those of a kind.

The words that say only where a code comes from, such as "Azure AD" or "Microsoft Entra ID", are
left out of a search: every code here is one of that service, under its old name as under the new.
"""

import re
from dataclasses import dataclass
from functools import cache

from consent.diagnosis.catalogue import CodeEntry, all_entries
from consent.diagnosis.kinds import Cause

MOST_ASKED = 100
MOST_RELATED = 5

# What people call a cause, beside the words of our own sentences.
_ALSO: dict[Cause, str] = {
    Cause.ADMIN_CONSENT_REQUIRED: "need admin approval required permission risky unverified wall",
    Cause.USER_DECLINED: "cancel cancelled declined denied back",
    Cause.USER_ASSIGNMENT_REQUIRED: "assignment assigned users groups enterprise",
    Cause.CONDITIONAL_ACCESS: "policy blocked device compliant network location ca",
    Cause.MFA_REQUIRED: "mfa multi factor authenticator two-factor 2fa strong authentication",
    Cause.APP_DISABLED_IN_TENANT: "disabled blocked enabled",
    Cause.APP_NOT_FOUND_IN_TENANT: "application not found installed service principal",
    Cause.WRONG_TENANT_OR_ACCOUNT: "wrong account tenant password login",
    Cause.GUEST_ACCOUNT: "guest b2b external user identity provider",
    Cause.PERSONAL_ACCOUNT: "personal private live outlook hotmail msa",
    Cause.VENDOR_MISCONFIGURATION: "redirect reply url uri mismatch scope configuration developer",
    Cause.VENDOR_SECRET_EXPIRED: "client secret expired invalid credential certificate key",
    Cause.RESOURCE_MISSING_OR_UNLICENSED: "resource service principal licence license subscription",
    Cause.TENANT_NOT_FOUND: "tenant directory not found domain",
    Cause.SESSION_EXPIRED: "session expired refresh token sign in again",
    Cause.TOKEN_REVOKED: "revoked password changed reset token",
    Cause.THROTTLED_OR_TRANSIENT: "throttled too many requests 429 temporary retry server",
}
_SERVICE = re.compile(
    r"\b(?:microsoft\s+entra(?:\s+id)?|entra(?:\s+id)?|(?:microsoft\s+)?azure\s*-?\s*"
    r"(?:ad\b|active\s+directory)|azuread|aad\b|microsoft(?:\s+365)?|office\s*365)",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?:aad)?\s?sts[\s:#-]*(\d{1,8})|\b(\d{2,8})\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Too common to tell codes apart.
_EMPTY = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "code",
        "codes",
        "error",
        "errors",
        "for",
        "from",
        "in",
        "is",
        "it",
        "message",
        "not",
        "of",
        "on",
        "or",
        "the",
        "this",
        "to",
        "was",
        "what",
        "with",
        "aadsts",
    ]
)
# A word of this length also finds its other forms: "approval" finds "approve".
_LONG = 6


@dataclass(frozen=True)
class _Page:
    """A code's words, those of its name and meaning before those of its kind."""

    entry: CodeEntry
    own: frozenset[str]
    kind: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))


@cache
def _pages() -> tuple[_Page, ...]:
    return tuple(
        _Page(
            entry,
            own=_words(f"{_HUMP.sub(' ', entry.name)} {entry.name} {entry.meaning}"),
            kind=_words(f"{_ALSO.get(entry.cause, '')} {entry.cause.value.replace('_', ' ')}"),
        )
        for entry in all_entries()
    )


def _weight(word: str, among: frozenset[str]) -> int:
    """How well a word is met: whole, as a beginning, in another form, or not at all."""
    if word in among:
        return 4
    if any(each.startswith(word) for each in among):
        return 3
    stem = word[: max(len(word) - 3, _LONG - 1)]
    return 1 if stem != word and any(each.startswith(stem) for each in among) else 0


def _score(page: _Page, words: frozenset[str]) -> tuple[int, int]:
    """How many of the words are met, and how well."""
    scores = [2 * _weight(word, page.own) or _weight(word, page.kind) for word in words]
    return sum(map(bool, scores)), sum(scores)


def _by_number(asked: str) -> list[CodeEntry]:
    """Codes whose number is written there, and then those that begin with it."""
    numbers = [first or second for first, second in _CODE.findall(asked)]
    exact = [entry for entry in all_entries() if entry.number in numbers]
    begun = [entry for entry in all_entries() if entry.number.startswith(tuple(numbers))]
    return [*exact, *(entry for entry in begun if entry not in exact)]


def find_codes(asked: str) -> tuple[CodeEntry, ...]:
    """The codes that a search means, the best first; all of them where it names only the service.

    Reads the first 100 characters. A number finds its code and those that begin with it; words
    find the codes that meet all of them or, where none does, all but one.
    """
    told = asked[:MOST_ASKED]
    if numbered := _by_number(told):
        return tuple(numbered)
    words = _words(_CODE.sub(" ", _SERVICE.sub(" ", told))) - _EMPTY
    if not words:
        return all_entries() if _SERVICE.search(told) else ()
    scored = [(page.entry, *_score(page, words)) for page in _pages()]
    most = max(met for _entry, met, _score in scored)
    if not most or most < len(words) - 1:
        return ()
    found = sorted((row for row in scored if row[1] == most), key=lambda row: -row[2])
    return tuple(entry for entry, _met, _score in found)


def related_codes(entry: CodeEntry) -> tuple[CodeEntry, ...]:
    """Up to five other codes of the same cause, those with the nearest numbers first."""
    others = [each for each in all_entries() if each.cause == entry.cause and each != entry]
    return tuple(
        sorted(others, key=lambda each: abs(int(each.number) - int(entry.number)))[:MOST_RELATED]
    )
