"""A mail as it goes over the wire, written straight down.

The standard library's generator parses and folds each header of each part anew, which costs as much
as all the rest of a mail. Our letters have one form: two texts, and short headers.
"""

import quopri
import secrets
from email.utils import formatdate
from typing import Final

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import forbid_multi_line_headers

#: RFC 5322, 2.1.1: longer lines are not allowed, their end not counted.
_LONGEST_LINE: Final = 998


class LetterMessage(EmailMultiAlternatives):
    """Django's mail with a text and a page, for its backends; `message()` is quick."""

    def message(self) -> "WrittenMail":  # type: ignore[override]
        """What a backend sends. Raises BadHeaderError for a header with a line break."""
        named = {
            "Subject": self.subject,
            "From": self.from_email,
            "To": ", ".join(self.to),
            "Reply-To": ", ".join(self.reply_to),
            "Date": formatdate(),
            **self.extra_headers,
        }
        headers = [forbid_multi_line_headers(*item, "utf-8") for item in named.items()]
        texts = [("plain", str(self.body))]
        texts += [("html", str(content)) for content, _kind in self.alternatives]
        return WrittenMail(headers, texts)


class WrittenMail:
    """The part of the standard library's message that Django's backends use."""

    def __init__(self, headers: list[tuple[str, str]], texts: list[tuple[str, str]]) -> None:
        self._headers, self._texts = headers, texts

    def get_charset(self) -> None:
        """None of its own: backends that print take UTF-8."""

    def as_bytes(self, linesep: str = "\n") -> bytes:
        """Headers and both texts, each line with that end."""
        between = secrets.token_hex(16)
        head = [f"{name}: {value}" for name, value in self._headers]
        head += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{between}"']
        lines = [*"\n".join(head).split("\n"), ""]
        for subtype, text in self._texts:
            encoding, body = _encoded(text)
            lines += [f"--{between}", f'Content-Type: text/{subtype}; charset="utf-8"']
            lines += ["MIME-Version: 1.0", f"Content-Transfer-Encoding: {encoding}", ""]
            lines += body.split("\n")
        return linesep.join([*lines, f"--{between}--", ""]).encode()


def _encoded(text: str) -> tuple[str, str]:
    # A stranger may have typed a lone carriage return, with which some servers end a line.
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if max(map(len, plain.encode().split(b"\n"))) > _LONGEST_LINE:
        return "quoted-printable", quopri.encodestring(plain.encode()).decode("ascii")
    return "7bit" if plain.isascii() else "8bit", plain
