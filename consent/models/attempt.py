"""One trip of an administrator's browser to Microsoft's consent page."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models.link import ApprovalLink
from consent.models.request import ConsentRequest
from consent.models.state import new_public_id


class ConsentAttempt(models.Model):
    """Holds hashes alone: of the single-use `state`, and of the cookie of the browser that left."""

    class Outcome(models.TextChoices):
        AWAY = "away", _("Not back yet")
        CLAIMED = "claimed", _("Came back approved")
        CANCELLED = "cancelled", _("Came back cancelled")
        REFUSED = "refused", _("Came back with an error")
        WRONG_TENANT = "wrong_tenant", _("Came back from another tenant")
        TOO_LITTLE = "too_little", _("Came back with a part of the permissions")

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    request = models.ForeignKey(ConsentRequest, on_delete=models.CASCADE, related_name="attempts")
    link = models.ForeignKey(ApprovalLink, on_delete=models.CASCADE, related_name="attempts")
    state_hash = models.CharField(max_length=64, unique=True)
    browser_hash = models.CharField(max_length=64)
    permission_version = models.PositiveIntegerField()
    left_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.AWAY)
    codes = models.JSONField(default=list, blank=True)
    asked_about_at = models.DateTimeField(
        null=True, blank=True, help_text="Not back after five minutes: looked into."
    )
    proof_tries = models.PositiveSmallIntegerField(default=0)
    needs_sign_in = models.BooleanField(
        default=False, help_text="Microsoft wants a visible sign-in for the proof."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="away", returned_at__isnull=True)
                | (~Q(outcome="away") & Q(returned_at__isnull=False)),
                name="attempt_returned_exactly_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=[
                        "away",
                        "claimed",
                        "cancelled",
                        "refused",
                        "wrong_tenant",
                        "too_little",
                    ]
                ),
                name="attempt_outcome_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
