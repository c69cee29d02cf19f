"""Takes a pasted sign-in address apart. Nothing here judges."""

import html
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

MOST = 16 * 1024
_MOST_PARAMETERS = 100

_STARTS = re.compile(r"https?(?:://|%3A%2F%2F)", re.IGNORECASE)
_ENDS = re.compile(r"[<>\"'`]")
_PIECE = re.compile(r"\S+")
_OF_A_QUERY = re.compile(r"[&=%]")
# What follows a blank and still belongs to the address: a parameter, or a permission.
_GOES_ON = re.compile(r"[^&]*&[\w.-]+=")
_PERMISSION = re.compile(
    r"(?:https?://[\w.-]+/|api://[\w.-]+/)?(?:[A-Z][A-Za-z]+(?:\.[A-Za-z]+)+|\.default"
    r"|openid|profile|email|offline_access)(?=[&#]|$)"
)
_MOST_PIECES = 200
_V2_AUTHORIZE = re.compile(r"/(?:[^/]*/)?oauth2/v2\.0/authorize/?")
_V1_AUTHORIZE = re.compile(r"/(?:[^/]*/)?oauth2/authorize/?")
_V2_ADMINCONSENT = re.compile(r"/(?:[^/]*/)?v2\.0/adminconsent/?")
_V1_ADMINCONSENT = re.compile(r"/(?:[^/]*/)?adminconsent/?")
_NYLAS_HOST = re.compile(r"api\.(?:us|eu)\.nylas\.com")
_ANSWERED = frozenset({"admin_consent", "error", "code", "error_description", "error_subcode"})


class Shape(StrEnum):
    """What an address is for."""

    AUTHORIZE = "authorize"
    ADMINCONSENT = "adminconsent"
    CALLBACK = "callback"
    NYLAS = "nylas"
    OTHER = "other"


@dataclass(frozen=True)
class Address:
    """One address: its shape, host (lower case, with a port where one is written), tenant segment
    (empty where there is none) and parameters by name, the first of each; `repeated` has the names
    that stand there more than once. `is_v1` is the path without `v2.0`.
    """

    shape: Shape
    scheme: str
    host: str
    path: str
    tenant: str = ""
    is_v1: bool = False
    has_user: bool = False
    parameters: dict[str, str] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()


def first_address(text: str) -> str:
    """The first address in a paste, decoded where it is quoted in HTML or percent-encoded as a
    whole, and joined where it runs over several lines or has bare blanks; empty without one.
    """
    told = html.unescape(text[:MOST])
    start = _STARTS.search(told)
    if start is None:
        return ""
    told = told[start.start() :]
    told = told[: end.start()] if (end := _ENDS.search(told)) else told
    found = _joined(told)
    return unquote(found) if "%3a%2f%2f" in found[:20].lower() else found


def _joined(told: str) -> str:
    """The address at the beginning, with the pieces behind blanks that belong to it.

    A mail program breaks a long address anywhere; there nothing goes between the pieces.
    """
    first, *others = islice(_PIECE.finditer(told), _MOST_PIECES)
    found, end = first[0], first.end()
    for match in others:
        piece, is_permission = match[0], bool(_PERMISSION.match(match[0]))
        is_broken = "\n" in told[end : match.start()] and not is_permission
        goes_on = is_permission or _GOES_ON.match(piece)
        if not goes_on and not (is_broken and _OF_A_QUERY.search(piece)):
            break
        found, end = found + (piece if is_broken else f"%20{piece}"), match.end()
    return found


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def _shape(parts: SplitResult, host: str, names: set[str], *, is_microsoft: bool) -> Shape:
    path = parts.path.lower()
    if is_microsoft and (_V2_AUTHORIZE.fullmatch(path) or _V1_AUTHORIZE.fullmatch(path)):
        return Shape.AUTHORIZE
    if is_microsoft and (_V2_ADMINCONSENT.fullmatch(path) or _V1_ADMINCONSENT.fullmatch(path)):
        return Shape.ADMINCONSENT
    if _NYLAS_HOST.fullmatch(host) and path.startswith("/v3/connect/auth"):
        return Shape.NYLAS
    return Shape.CALLBACK if names & _ANSWERED and not is_microsoft else Shape.OTHER


def parse(address: str, microsoft_hosts: frozenset[str]) -> Address | None:
    """The address taken apart; None where it is none. `microsoft_hosts` have their port if any."""
    parts = _split(address)
    if parts is None:
        return None
    host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    # An answer may carry its parameters behind the "#".
    pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=None)
    pairs += parse_qsl(parts.fragment, keep_blank_values=True)
    pairs = [(name.lower(), value) for name, value in pairs[:_MOST_PARAMETERS]]
    counted = Counter(name for name, _value in pairs)
    shape = _shape(parts, host, set(counted), is_microsoft=host in microsoft_hosts)
    path = parts.path.lower()
    asks = shape in (Shape.AUTHORIZE, Shape.ADMINCONSENT)
    segments = path.strip("/").split("/")
    return Address(
        shape=shape,
        scheme=parts.scheme,
        host=host,
        path=path,
        tenant=unquote(segments[0]) if asks and segments[0] not in _FIRST_OF_PATH else "",
        is_v1=asks and "v2.0" not in segments,
        has_user="@" in parts.netloc,
        parameters=dict(reversed(pairs)),
        repeated=tuple(name for name, times in counted.items() if times > 1),
    )


_FIRST_OF_PATH = frozenset({"oauth2", "v2.0", "adminconsent"})
