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
