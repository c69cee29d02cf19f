"""Secrets in pasted text: which kinds are there, and the text without them.

Nothing that grants access may reach our database. The patterns look for the shapes Microsoft's
sign-in produces and for values behind the names that carry secrets, also percent-encoded. Each
begins at a place that occurs once in a run of characters, so that hostile text costs linear time.
"""

import re

from django.db import models
from django.utils.translation import gettext_lazy as _


class SecretKind(models.TextChoices):
    """What was found in a paste."""

    TOKEN = "token", _("an access token")
    REFRESH_TOKEN = "refresh_token", _("a refresh token")
    CLIENT_SECRET = "client_secret", _("a client secret")
    CODE = "code", _("a sign-in code")
    PASSWORD = "password", _("a password")
    PRIVATE_KEY = "private_key", _("a private key")
    COOKIE = "cookie", _("a sign-in cookie")


# Where a run of letters and digits begins, in plain and in percent-encoded text.
_START = r"(?:(?<![\w%.~-])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"
_QUOTE = r"(?:\\{0,4}[\"']|%22|&quot;)"
_IS = rf"{_QUOTE}?\s{{0,3}}(?::|=|%(?:25)?3[AaDd])\s{{0,3}}{_QUOTE}?"
# A character of a value without quotes; an encoded "&" or quotation mark ends it.
_BARE = r"(?:(?!%(?:25)?2[26])[^\s\"'&<>\[\](){},;\\])"


def _named(names: str, least: int, *, quoted_if: str = "", bare_if: str = "") -> re.Pattern[str]:
    """A value of this length or more behind one of the names; in quotes it may hold anything."""
    quoted = rf"(?<=\")(?!\[)[^\"\n]{{{least},}}|(?<=')(?!\[)[^'\n]{{{least},}}"
    value = rf"{quoted_if}(?:{quoted})|{bare_if}{_BARE}{{{least},}}"
    return re.compile(rf"({_START}(?:{names}){_IS})({value})", re.IGNORECASE)


_HAS_DIGIT = r"(?=\S{0,60}\d)"
_PATTERNS: tuple[tuple[SecretKind, re.Pattern[str]], ...] = (
    (
        SecretKind.PRIVATE_KEY,
        re.compile(r"()(-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\w+/=\s\\]*)"),
    ),
    (SecretKind.REFRESH_TOKEN, _named("refresh[_-]?token", 12)),
    (SecretKind.CLIENT_SECRET, _named("client[_-]?secret|app[_-]?secret|client_assertion", 6)),
    # "Password: wrong" is talk, "password: Wrong1" may be one.
    (
        SecretKind.PASSWORD,
        _named(
            "password|passwd|pwd|passwort|kennwort|mot de passe",
            6,
            bare_if=r"(?=\S{0,40}[^\sa-zA-Z])",
        ),
    ),
    (SecretKind.TOKEN, _named("access[_-]?token|id[_-]?token|assertion|samlresponse", 20)),
    (SecretKind.TOKEN, re.compile(r"(\bBearer\s{1,3})([\w.~+/=-]{20,})", re.IGNORECASE)),
    # Error codes stand behind "code=" as well, but are short or have no digits.
    (
        SecretKind.CODE,
        _named("code|device_code|code_verifier", 24, quoted_if=_HAS_DIGIT, bare_if=_HAS_DIGIT),
    ),
    (
        SecretKind.COOKIE,
        re.compile(r"(\b(?:ESTSAUTH[A-Z]{0,12}|SignInStateCookie|buid)=)([^\s;\"'\[]{8,})"),
    ),
    # Values without a name in front: JSON Web Tokens, Microsoft's opaque ones, generated secrets.
    (
        SecretKind.TOKEN,
        re.compile(
            rf"()({_START}eyJ[\w-]{{8,}}(?:(?:\.[\w-]*){{1,4}}|(?<=[\w-]{{80}})))", re.ASCII
        ),
    ),
    (
        SecretKind.REFRESH_TOKEN,
        re.compile(rf"()({_START}(?:[01]\.A[\w-]{{2}}|M\.[CR]\d)[\w.!*$-]{{60,}})", re.ASCII),
    ),
    (SecretKind.CLIENT_SECRET, re.compile(r"()([\w.~-]{3}[78]Q~[\w.~-]{30,40})", re.ASCII)),
)

_MARKERS = {kind: f"[{kind.replace('_', '-')}-removed]" for kind in SecretKind}


def _swept(text: str) -> tuple[str, frozenset[SecretKind]]:
    """The text without its secrets, and their kinds; what one pattern took, no other sees."""
    found = set()
    for kind, pattern in _PATTERNS:
        text, count = pattern.subn(rf"\g<1>{_MARKERS[kind]}", text)
        if count:
            found.add(kind)
    return text, frozenset(found)


def found_secrets(text: str) -> tuple[SecretKind, ...]:
    """The kinds of secrets in the text, each once, in the order of `SecretKind`."""
    found = _swept(text)[1]
    return tuple(kind for kind in SecretKind if kind in found)


def secrets_removed(text: str) -> tuple[SecretKind, ...]:
    """The kinds whose markers stand in a text that `without_secrets` has been through."""
    return tuple(kind for kind in SecretKind if _MARKERS[kind] in text)


def without_secrets(text: str) -> str:
    """The text with a marker such as `[token-removed]` in the place of every secret."""
    return _swept(text)[0]
