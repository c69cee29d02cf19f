"""Reads what was pasted: codes, OAuth words, identifiers, parameters of an address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import itemgetter

from consent.diagnosis import catalogue
from consent.diagnosis.correspondence import UNDATED, age, newest
from consent.diagnosis.decoding import folded, readable
from consent.diagnosis.identifiers import Identifier, Kind, identifiers

# The number may be typed off a picture, and broken by the end of a line of a quoted mail.
_CODE = re.compile(
    r"aad\s?[s5]t[s5](?:</?[a-z][^<>]{0,60}>)?[\s:#=_+>-]{0,8}([\doil]{2,8})(?![\doil])(?:\s?\n[>|\s]{0,8}(\d{1,5})(?!\d))?"
)
_TYPED_OFF = str.maketrans("oil", "011")
# Places where a bare number can be nothing else.
_LISTED = re.compile(r"error_?codes?['\"]{0,2}\s{0,2}[:=]\s{0,2}['\"]{0,2}\[([\d\s,]{4,200})\]")
_ADDRESSED = re.compile(r"/error\?code=(\d{4,8})(?!\d)")
# Places where a bare number may be anything, and is a code only if we know it.
_MENTIONED = re.compile(
    r"(?<!zip )(?<!postal )(?:code|error|errorno|errorcode|fehler|erreur|errore|codice|c[oó]digo"
    r"|foutcode|fout|kod|b[łl][aą]d\w{0,2}|エラー|コード|代码|错误)(?:\(s\))?[\s\"':=#()\[]{0,8}"
    r"(?:(?:n[or]\.?|number|is|was|ist|est|es)[\s:]{1,3})?(\d{5,7})(?!\d|\.\d)"
)
_ALONE = re.compile(r"\W{0,20}(\d{5,7})\W{0,20}")
_NUMBER = re.compile(r"\d{4,8}")
_OAUTH_ERROR = re.compile(
    r"(?<![a-z_])(access_denied|consent_required|interaction_required|invalid_client|invalid_grant"
    r"|invalid_request|invalid_resource|invalid_scope|invalid_tenant|login_required|permission_denied"
    r"|server_error|temporarily_unavailable|unauthorized_client|unsupported_grant_type"
    r"|unsupported_response_type)(?![a-z_])"
)
_CANCELLED = re.compile(r"error_subcode['\"]{0,2}\s{0,2}[:=]\s{0,2}['\"]{0,2}cancel")
_PROMPT = re.compile(r"(?<![a-z_])prompt['\"]{0,2}\s{0,2}[:=]\s{0,2}['\"]{0,2}consent(?![a-z_])")
_CLAIMED = re.compile(r"admin_consent['\"]{0,2}\s{0,2}[:=]\s{0,2}['\"]{0,2}true")


@dataclass(frozen=True)
class Mention:
    """An error code (`AADSTS90094`), where it stands in the readable text, and when it was shown:
    NOW, PAST, or UNDATED of `correspondence`.
    """

    code: str
    position: int
    age: int = UNDATED


@dataclass(frozen=True)
class Reading:
    """What a paste says, before anybody judges it.

    `words` is the folded text (lower case, no accents, one blank between words); `mentions` has
    each code once, where it stands first. `forces_consent` is prompt=consent in a request,
    `claims_approval` admin_consent=True in an answer, `cancelled` the subcode for a way back.
    `newest` is what the writer of a mail says himself, without what he quotes, the newest part
    first; empty where nothing is quoted.
    """

    words: str = ""
    mentions: tuple[Mention, ...] = ()
    oauth_error: str = ""
    cancelled: bool = False
    forces_consent: bool = False
    claims_approval: bool = False
    identifiers: tuple[Identifier, ...] = ()
    newest: tuple["Reading", ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes in the order of the text."""
        return tuple(mention.code for mention in self.mentions)

    def identifier(self, kind: Kind, *, near: str | None) -> str | None:
        """The identifier of this kind that belongs to a code: the next after it, else the first."""
        found = [each for each in self.identifiers if each.kind is kind]
        place = next((each.position for each in self.mentions if each.code == near), 0)
        behind = [each for each in found if each.position >= place]
        return next((each.value for each in behind or found), None)


def _mended(number: str, rest: str) -> str | None:
    """The digits behind AADSTS; what no page prints like that is mended only into a known code."""
    plain = number.translate(_TYPED_OFF)
    if catalogue.entry(plain):
        return plain
    if rest and catalogue.entry(plain + rest):
        return plain + rest
    return number if number.isdecimal() and len(number) >= 4 else None


def _numbers(text: str) -> Iterator[tuple[int, str]]:
    """Places and digits of all codes in a readable text."""
    for match in _CODE.finditer(text):
        if number := _mended(match[1], match[2] or ""):
            yield match.start(), number
    for match in _ADDRESSED.finditer(text):
        yield match.start(), match[1]
    for match in _LISTED.finditer(text):
        for number in _NUMBER.findall(match[1]):
            yield match.start(), number
    known = [match for match in _MENTIONED.finditer(text) if catalogue.entry(match[1])]
    if (alone := _ALONE.fullmatch(text)) and catalogue.entry(alone[1]):
        known.append(alone)
    for match in known:
        yield match.start(), match[1]


def _mentions(text: str) -> tuple[Mention, ...]:
    first: dict[str, int] = {}
    for position, number in sorted(_numbers(text), key=itemgetter(0)):
        first.setdefault(f"AADSTS{number}", position)
    mentions, since = [], 0
    for code, position in first.items():
        mentions.append(Mention(code, position, age(text, since, position)))
        since = position
    return tuple(mentions)


def read(pasted: str) -> Reading:
    """Read any text; what is longer than 256 kB is cut. Never raises, and takes linear time."""
    text = readable(pasted)
    return replace(_read(text), newest=tuple(map(_read, newest(text))))


def _read(text: str) -> Reading:
    """The reading of a readable text, or of a part of it."""
    oauth_error = _OAUTH_ERROR.search(text)
    return Reading(
        words=folded(text),
        mentions=_mentions(text),
        oauth_error=oauth_error[1] if oauth_error else "",
        cancelled=bool(_CANCELLED.search(text)),
        forces_consent=bool(_PROMPT.search(text)),
        claims_approval=bool(_CLAIMED.search(text)),
        identifiers=identifiers(text),
    )
