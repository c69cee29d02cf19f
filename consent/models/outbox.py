"""One mail to one recipient, written down before it leaves."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models.alarm import Alarm
from consent.models.link import ApprovalLink
from consent.models.state import Stateful
from consent.models.ticket import Reply, Ticket
from tenants.models import Contact


class OutboxMessage(Stateful):
    """Holds the kind and ids; the text is rendered at delivery and not kept. The same key is never
    queued twice.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")
        DROPPED = "dropped", _("Not sent: no longer true, or not wanted")

    #: Those that may still leave by themselves.
    UNSENT: ClassVar = frozenset({State.QUEUED, State.SENDING})
    COMES_FROM: ClassVar = {
        State.QUEUED: frozenset({State.SENDING, State.FAILED, State.DROPPED}),
        State.SENDING: frozenset({State.QUEUED}),
        # From queued where the lease ended meanwhile: it left, and its twin need not.
        State.SENT: frozenset({State.QUEUED, State.SENDING}),
        State.FAILED: frozenset({State.SENDING}),
        State.DROPPED: frozenset({State.QUEUED, State.SENDING}),
    }

    key = models.CharField(
        max_length=120, unique=True, help_text="What happened and whom it tells."
    )
    kind = models.CharField(max_length=40, help_text="The folder under templates/emails/.")
    to = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="mails")
    ticket = models.ForeignKey(
        Ticket, on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    link = models.ForeignKey(
        ApprovalLink, on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    reply = models.ForeignKey(
        Reply, on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    alarm = models.ForeignKey(
        Alarm, on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="Not before this.")
    claimed_at = models.DateTimeField(
        null=True, blank=True, help_text="When a worker took it for its last try."
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="mail_sent_exactly_with_date",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(claimed_at__isnull=False),
                name="mail_in_sending_was_claimed",
            ),
            models.CheckConstraint(condition=~Q(key=""), name="mail_has_a_key"),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="mail_due"),
            models.Index(
                fields=["to", "id"],
                condition=Q(state__in=["queued", "sending"]),
                name="mail_unsent_of_each",
            ),
            # For a limit by the minute; null where a mail was never taken or was given back.
            models.Index(fields=["claimed_at"], name="mail_claimed"),
            # Rows of mails that left stay, since a key is the proof that nobody is told twice; what
            # left lately is found among them without reading all.
            models.Index(fields=["sent_at"], name="mail_sent", condition=Q(sent_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
