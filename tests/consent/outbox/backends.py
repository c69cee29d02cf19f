"""Mail backends that fail in one way each; a test names one in the settings."""

import smtplib

from django.core.mail.backends.base import BaseEmailBackend

from consent.models import OutboxMessage


class Nowhere(BaseEmailBackend):
    """The server does not answer."""

    def send_messages(self, email_messages):
        raise TimeoutError


class Refusing(BaseEmailBackend):
    """The server knows no such recipient."""

    def send_messages(self, email_messages):
        raise smtplib.SMTPRecipientsRefused({email_messages[0].to[0]: (550, b"No such user")})


class Slow(BaseEmailBackend):
    """Takes the mail only after the sweep has given it to somebody else."""

    def send_messages(self, email_messages):
        OutboxMessage.objects.update(state="queued")
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
