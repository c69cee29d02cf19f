"""Django's mail backend of the sandbox: mails land in a table instead of leaving."""

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from portal.sandbox.models import SandboxMail


class MailboxBackend(BaseEmailBackend):
    """Keeps every mail with its kind."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write them down, one row a recipient; returns how many mails."""
        for message in email_messages:
            html = message.alternatives[0][0] if isinstance(message, EmailMultiAlternatives) else ""
            for address in message.recipients():
                SandboxMail.objects.create(
                    kind=message.extra_headers.get("X-Portal-Kind", ""),
                    to=address.lower(),
                    subject=message.subject,
                    text=message.body,
                    html=str(html),
                    message_id=message.extra_headers.get("Message-ID", ""),
                )
        return len(email_messages)
