"""Mail backends that fail in one way each; a test names one in the settings."""

import smtplib
from collections import Counter

from django.core.mail.backends.base import BaseEmailBackend

from consent import tokens
from consent.models import OutboxMessage
from consent.outbox import stopping


class Nowhere(BaseEmailBackend):
    """The server does not answer."""

    def send_messages(self, email_messages):
        raise TimeoutError


class Refusing(BaseEmailBackend):
    """The server knows no such recipient."""

    def send_messages(self, email_messages):
        raise smtplib.SMTPRecipientsRefused({email_messages[0].to[0]: (550, b"No such user")})


class Slow(BaseEmailBackend):
    """Answers only after the lease, when the sweep or another worker has changed the row."""

    meanwhile, error = {"state": "queued"}, None

    def send_messages(self, email_messages):
        OutboxMessage.objects.update(**self.meanwhile)
        if self.error:
            raise self.error
        return len(email_messages)


class Counting(BaseEmailBackend):
    """Notes calls and letters in the class; hangs up before the letters named in `drops`, once."""

    calls, letters, drops = 0, [], set()

    @classmethod
    def begin(cls, drops=()):
        cls.calls, cls.letters, cls.drops = 0, [], set(drops)

    def open(self):
        type(self).calls += 1

    def send_messages(self, email_messages):
        for message in email_messages:
            position = len(self.letters)
            if position in self.drops:
                self.drops.remove(position)
                raise smtplib.SMTPServerDisconnected
            self.letters.append(message.to[0])
        return len(email_messages)


class Silent(BaseEmailBackend):
    """Takes three letters, then the server is gone."""

    taken = 0

    def send_messages(self, email_messages):
        if type(self).taken == 3:
            raise TimeoutError
        type(self).taken += 1
        return len(email_messages)


class Picky(BaseEmailBackend):
    """Has no room for anybody at full.example just now, and takes all others."""

    def send_messages(self, email_messages):
        for message in email_messages:
            if message.to[0].endswith("@full.example"):
                raise smtplib.SMTPRecipientsRefused({message.to[0]: (452, b"Mailbox full")})
        return len(email_messages)


class Switching(BaseEmailBackend):
    """Somebody turns the switch while the first letter leaves."""

    taken = 0

    def send_messages(self, email_messages):
        stopping.stop(by=None)
        type(self).taken += 1
        return len(email_messages)


class Out(BaseEmailBackend):
    """Takes no letter, says so to each, and counts them."""

    tried = 0

    def send_messages(self, email_messages):
        type(self).tried += 1
        raise smtplib.SMTPDataError(451, b"Out of order")


class Away(BaseEmailBackend):
    """Nobody takes the call."""

    def open(self):
        raise ConnectionRefusedError


class Died(BaseException):
    """The worker's process is gone in this very moment."""


class Moody(BaseEmailBackend):
    """Takes mails or fails, as `mood` says, and notes in the class what it took from whom."""

    mood, taken, unsure, letters = "take", Counter(), Counter(), []

    @classmethod
    def begin(cls):
        cls.mood, cls.taken, cls.unsure, cls.letters = "take", Counter(), Counter(), []

    @classmethod
    def order(cls):
        """The rows by recipient, in the order in which each was taken first."""
        keys = {_message_id(row.key): row.pk for row in OutboxMessage.objects.all()}
        found = {}
        for to, one in dict.fromkeys(cls.letters):
            if one in keys:
                found.setdefault(to, []).append(keys[one])
        return found

    def open(self):
        if self.mood == "away":
            raise ConnectionRefusedError

    def send_messages(self, email_messages):
        [message] = email_messages
        to, one = message.to[0], message.extra_headers["Message-ID"]
        if self.mood == "full":
            raise smtplib.SMTPRecipientsRefused({to: (452, b"Mailbox full")})
        if self.mood == "unknown":
            raise smtplib.SMTPRecipientsRefused({to: (550, b"No such user")})
        self.taken[one] += 1
        self.letters.append((to, one))
        if self.mood in {"drop", "die"}:
            # Taken, and the worker does not know.
            self.unsure[one] += 1
            raise Died if self.mood == "die" else smtplib.SMTPServerDisconnected
        return 1


def _message_id(key):
    return f"<{tokens.digest('mail', key)[:32]}@acme.example>"
