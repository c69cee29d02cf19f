"""Pasted text made readable: encodings undone, as often as people and programs pile them up.

Every step costs linear time, whatever the text: patterns have no unbounded repetition that can
begin at more than one place of a run.
"""

import html
import re
import unicodedata
from html.entities import html5
from urllib.parse import unquote

LONGEST = 256 * 1024
# Sentences stand near the beginning or the end of a paste; what lies between is a log.
HEAD, TAIL = 24 * 1024, 8 * 1024

_INVISIBLE = re.compile(
    r"[\0\u00ad\u200b-\u200f\u2060-\u2064\ufeff\ud800-\udfff]|=\r?\n(?:> ?){0,4}"
)
_ENTITY = re.compile(r"&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|[A-Za-z]{2,31});")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ESCAPE = re.compile(r"\\{1,8}(?:u([0-9A-Fa-f]{4})|([nrt])|([\"'/]))")
_MISREAD = re.compile(
    "[\u0080-\u00ff\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
    "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]{2,}"
)
# Letters and digits as East Asian keyboards write them, as broad as an ideograph.
_WIDE = re.compile("[\uff01-\uff5e\u3000]+")
_TAG = re.compile(r"</?[a-z][a-z0-9]{0,9}(?:\s[^<>]{0,500})?/?>")
_ACCENTS = re.compile("[\u0300-\u036f]")
_SPACES = re.compile(r"\s+")
_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u00ab\u00bb`\u00b4", "'")
    # Letters with a stroke do not come apart into a letter and an accent.
    | {"\u0142": "l", "\u0141": "l", "\u00f8": "o", "\u0111": "d"}
)


def _as_utf8(match: re.Match[str]) -> str:
    """What UTF-8 was before a program read it as Windows' Western European."""
    try:
        return match[0].encode("cp1252").decode("utf-8")
    except UnicodeError:
        return match[0]


def _named(match: re.Match[str]) -> str:
    """The character of an entity. An unknown name stays whole, as `html.unescape` would not."""
    if match[0].startswith("&#"):
        return html.unescape(match[0])
    return html5.get(match[0][1:], match[0])


def _unescaped(match: re.Match[str]) -> str:
    """The character that a JSON escape stands for; halves of a pair become the replacement mark."""
    if match[1]:
        character = chr(int(match[1], 16))
        return "\ufffd" if "\ud800" <= character <= "\udfff" else character
    return "\n" if match[2] else match[3]


def _decoded(text: str) -> str:
    """One layer less of entities, percent signs and JSON escapes."""
    text = _ENTITY.sub(_named, text)
    if _PERCENT.search(text):
        text = unquote(text)
    return _ESCAPE.sub(_unescaped, text)


def readable(pasted: str) -> str:
    """The paste in lower case, at most 256 kB, without encodings.

    Characters that are invisible, NUL, or half of a pair are gone.
    """
    text = _INVISIBLE.sub("", pasted[:LONGEST])
    if not text.isascii():
        text = unicodedata.normalize("NFC", _MISREAD.sub(_as_utf8, text))
        text = _WIDE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    for _layer in range(3):
        before, text = text, _decoded(text)
        if text == before:
            break
    return _INVISIBLE.sub("", text).lower()


def folded(text: str) -> str:
    """The words of a readable text: no tags, accents or line breaks, one kind of quotation mark.

    Of a long text only the beginning and the end, 32 kB together.
    """
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    text = _TAG.sub(" ", text).replace("+", " ")
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_QUOTES).casefold())[: HEAD + TAIL]
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", text))
    return _SPACES.sub(" ", text.replace('"', "'")).strip()
