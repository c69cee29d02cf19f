"""The gateway to the mail server."""

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NoReturn, Self

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from consent.outbox import refusals
from consent.outbox.envelope import LetterMessage
from consent.outbox.refusals import Refusal

#: So many letters in a row that a server takes none of, each for a reason of its own, are not the
#: letters' fault.
IN_A_ROW: Final = 20


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
    """The mail did not leave; `permanent` says whether trying again is pointless, `spends_try`
    whether it may have been the letter's own fault.
    """

    def __init__(self, reason: str, *, permanent: bool, spends_try: bool = True) -> None:
        super().__init__(reason)
        self.permanent, self.spends_try = permanent, spends_try


class Line:
    """A connection to the mail server that is kept over many letters. It is renewed after as many
    as the settings say, for servers count, and after anything went wrong on it.
    """

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self._sent = 0
        self._refused_in_a_row = 0
        #: The last letter failed, and the next one would fare no better now.
        self.is_broken = False

    def send(self, letter: Letter) -> None:
        """Hand it to the mail server or provider; raises NotDelivered.

        The Message-ID is the same at every try. A server that hung up on a kept connection is
        called once more: that says nothing about this letter.
        """
        if self._sent >= settings.MAILS_A_CONNECTION:
            self.hang_up()
        self.is_broken = False
        kept = self._sent > 0
        try:
            self._hand_over(letter)
        except (smtplib.SMTPException, AnymailError, OSError) as error:
            if kept and isinstance(error, smtplib.SMTPServerDisconnected):
                self.hang_up()
                self.send(letter)
            else:
                self._refused(refusals.read(error, opened=self._connection is not None))
        else:
            self._refused_in_a_row = 0

    def _hand_over(self, letter: Letter) -> None:
        if self._connection is None:
            connection = get_connection()
            connection.open()
            self._connection = connection
        _message(letter, self._connection).send()
        self._sent += 1

    def _refused(self, refusal: Refusal) -> NoReturn:
        self._refused_in_a_row += not refusal.is_final
        self.is_broken = refusal.is_for_all or self._refused_in_a_row >= IN_A_ROW
        if self.is_broken:
            self.hang_up()
        raise NotDelivered(
            refusal.words, permanent=refusal.is_final, spends_try=refusal.spends_try
        ) from None

    def hang_up(self) -> None:
        """End the call; the next letter begins another."""
        connection, self._connection, self._sent = self._connection, None, 0
        self._refused_in_a_row = 0
        if connection:
            with suppress(smtplib.SMTPException, OSError):
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.hang_up()


def _message(letter: Letter, connection: BaseEmailBackend) -> LetterMessage:
    message = LetterMessage(
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
