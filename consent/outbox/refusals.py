"""What a failure of the mail server or provider means: for this letter, or for all of them?"""

import re
import smtplib
from dataclasses import dataclass
from typing import Final

from anymail.exceptions import AnymailError, AnymailRecipientsRefused

#: RFC 5321, 4.2.1 and 3.8: the server ends the call.
_CLOSING: Final = 421
_ADDRESS: Final = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")


@dataclass(frozen=True)
class Refusal:
    """Why a letter did not leave."""

    #: The server's code and words without addresses, or what went wrong on the way to it.
    words: str
    #: Trying again is pointless.
    is_final: bool
    #: Another letter would fare no better now.
    is_for_all: bool


def read(error: Exception) -> Refusal:
    """What that failure means. 5xx is final where it answers the recipient or the letter; what the
    server says about us (a sign-in, our own address, a closed call) passes when somebody mends it.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, text = next(iter(error.recipients.values()))
            return _answered(code, text)
        case smtplib.SMTPDataError():
            return _answered(error.smtp_code, error.smtp_error)
        case AnymailRecipientsRefused():
            return Refusal(type(error).__name__, is_final=True, is_for_all=False)
        case smtplib.SMTPResponseException():
            return Refusal(_said(error.smtp_code, error.smtp_error), False, is_for_all=True)
        case AnymailError() if getattr(error, "status_code", None):
            return Refusal(f"HTTP {error.status_code}", is_final=False, is_for_all=True)
    return Refusal(type(error).__name__, is_final=False, is_for_all=True)


def _answered(code: int, text: bytes | str) -> Refusal:
    return Refusal(_said(code, text), is_final=code >= 500, is_for_all=code == _CLOSING)


def _said(code: int, text: bytes | str) -> str:
    """The answer on one line, without the addresses that servers like to repeat."""
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    printable = "".join(c if c.isprintable() else " " for c in words)
    return f"{code} {' '.join(_ADDRESS.sub('<…>', printable).split())}"[:160].strip()
