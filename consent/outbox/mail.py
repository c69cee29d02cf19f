"""The gateway to the mail server."""

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

LETTERS_A_CALL: Final = 100


@dataclass(frozen=True)
class Letter:
    """One rendered mail: all texts final, headers without line breaks. `stop_address` is empty for
    our own operators.
    """

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


class Line:
    """A connection to the mail server that is kept over many letters. It is renewed after a
    hundred, for servers count, and after anything went wrong on it.
    """

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self._sent = 0
        #: The last letter failed, and it was not the letter's fault.
        self.is_broken = False

    def send(self, letter: Letter) -> None:
        """Hand it to the mail server or provider; raises NotDelivered.

        The Message-ID is the same at every try. A server that hung up on a kept connection is
        called once more: that says nothing about this letter.
        """
        if self._sent >= LETTERS_A_CALL:
            self.hang_up()
        self.is_broken = False
        kept = self._sent > 0
        try:
            self._hand_over(letter)
        except smtplib.SMTPServerDisconnected as error:
            self.hang_up()
            if not kept:
                self.is_broken = True
                raise NotDelivered(type(error).__name__, permanent=False) from None
            self.send(letter)
        except (smtplib.SMTPRecipientsRefused, AnymailRecipientsRefused) as error:
            raise NotDelivered(type(error).__name__, permanent=_is_final(error)) from None
        except (smtplib.SMTPException, AnymailError, OSError) as error:
            self.hang_up()
            self.is_broken = True
            raise NotDelivered(type(error).__name__, permanent=False) from None

    def _hand_over(self, letter: Letter) -> None:
        if self._connection is None:
            self._connection = get_connection()
            self._connection.open()
        _message(letter, self._connection).send()
        self._sent += 1

    def hang_up(self) -> None:
        """End the call; the next letter begins another."""
        connection, self._connection, self._sent = self._connection, None, 0
        if connection:
            with suppress(smtplib.SMTPException, OSError):
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.hang_up()


def deliver(letter: Letter) -> None:
    """Hand over one letter on a call of its own; raises NotDelivered."""
    with Line() as line:
        line.send(letter)


def _message(letter: Letter, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[letter.to],
        reply_to=[letter.reply_to],
        headers={
            "Message-ID": letter.message_id,
            "X-Portal-Kind": letter.kind,
            "Auto-Submitted": "auto-generated",
            **({"List-Unsubscribe": f"<{letter.stop_address}>"} if letter.stop_address else {}),
        },
        connection=connection,
    )
    message.attach_alternative(letter.html, "text/html")
    return message


def _is_final(error: Exception) -> bool:
    """A refusal with 5xx is final; with 4xx (greylisting, a full mailbox) it passes."""
    recipients = getattr(error, "recipients", None)
    if isinstance(recipients, dict):
        return all(code >= 500 for code, _text in recipients.values())
    return True
