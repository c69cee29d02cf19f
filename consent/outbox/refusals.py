"""What a failure of the mail server or provider means: for this letter, or for all of them?"""

import re
import smtplib
from dataclasses import dataclass, replace
from typing import Final

from anymail.exceptions import (
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
)

#: RFC 5321, 4.2.1 and 3.8: the server ends the call.
_CLOSING: Final = 421
#: What a provider says of one letter. Other refusals say that our key is wrong, that we are too
#: fast, or that the provider is ill.
_ABOUT_THE_LETTER: Final = frozenset({400, 413, 422})
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
    #: It may have been this letter's fault. What is ours or the server's own costs it no try, so
    #: that all mails leave as soon as somebody has mended it.
    spends_try: bool = True


def read(error: Exception, *, opened: bool = True) -> Refusal:
    """What that failure means; `opened` where the server had taken the call. 5xx is final where it
    answers the recipient or the letter, and so is a provider's 400, 413 or 422; what the server
    says about us (a sign-in, our own address) passes when somebody mends it.
    """
    match error:
        case _ if not opened:
            return replace(_unlike_an_answer(error), spends_try=False)
        case smtplib.SMTPRecipientsRefused():
            code, text = next(iter(error.recipients.values()))
            return _answered(code, text)
        case smtplib.SMTPDataError():
            return _answered(error.smtp_code, error.smtp_error)
        case AnymailRecipientsRefused() | AnymailInvalidAddress():
            return Refusal(type(error).__name__, is_final=True, is_for_all=False)
        case smtplib.SMTPResponseException():
            return replace(_unlike_an_answer(error), spends_try=False)
        case AnymailRequestsAPIError():
            return _of_a_provider(error)
        case AnymailError():
            # Anymail cannot hand it over: perhaps this letter alone, so it holds up no other.
            return Refusal(type(error).__name__, is_final=False, is_for_all=False)
    return _unlike_an_answer(error)


def _unlike_an_answer(error: Exception) -> Refusal:
    words = type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        words = _said(error.smtp_code, error.smtp_error)
    return Refusal(words, is_final=False, is_for_all=True)


def _of_a_provider(error: AnymailRequestsAPIError) -> Refusal:
    status = error.status_code
    if status in _ABOUT_THE_LETTER:
        text = error.response.text if error.response is not None else ""
        return Refusal(f"HTTP {_said(status, text)}", is_final=True, is_for_all=False)
    words = f"HTTP {status}" if status else type(error).__name__
    # Taken with words that nobody can read: it may have left, so it is not repeated at once.
    is_taken = status is not None and status < 300
    return Refusal(words, is_final=False, is_for_all=not is_taken, spends_try=is_taken)


def _answered(code: int, text: bytes | str) -> Refusal:
    return Refusal(_said(code, text), is_final=code >= 500, is_for_all=code == _CLOSING)


def _said(code: int, text: bytes | str) -> str:
    """The answer on one line, without the addresses that servers like to repeat."""
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    printable = "".join(c if c.isprintable() else " " for c in words)
    return f"{code} {' '.join(_ADDRESS.sub('<…>', printable).split())}"[:160].strip()
