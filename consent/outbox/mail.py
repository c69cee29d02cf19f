"""The gateway to the mail server."""

import smtplib
from dataclasses import dataclass

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives


@dataclass(frozen=True)
class Letter:
    """One rendered mail: all texts final, headers without line breaks."""

    kind: str
    to: str
    subject: str
    text: str
    html: str
    message_id: str
    reply_to: str
    stop_address: str


class NotDelivered(Exception):
    """The mail did not leave; `permanent` says whether trying again is pointless."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


def deliver(letter: Letter) -> None:
    """Hand it to the mail server or provider; raises NotDelivered. The Message-ID is the same at
    every try.
    """
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[letter.to],
        reply_to=[letter.reply_to],
        headers={
            "Message-ID": letter.message_id,
            "X-Portal-Kind": letter.kind,
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{letter.stop_address}>",
        },
    )
    message.attach_alternative(letter.html, "text/html")
    try:
        message.send()
    except (smtplib.SMTPRecipientsRefused, AnymailRecipientsRefused) as error:
        raise NotDelivered(type(error).__name__, permanent=_is_final(error)) from None
    except (smtplib.SMTPException, AnymailError, OSError) as error:
        raise NotDelivered(type(error).__name__, permanent=False) from None


def _is_final(error: Exception) -> bool:
    """A refusal with 5xx is final; with 4xx (greylisting, a full mailbox) it passes."""
    recipients = getattr(error, "recipients", None)
    if isinstance(recipients, dict):
        return all(code >= 500 for code, _text in recipients.values())
    return True
