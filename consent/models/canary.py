"""How our own app fares in the vendor's home tenant."""

from django.db import models
from django.db.models import Q

from consent.models.app import AppRegistration


class Canary(models.Model):
    """One row an app: a token at home tells whether it is us or a customer. While `stopped_at` is
    set, nobody looks at customers for that app.
    """

    app = models.OneToOneField(AppRegistration, on_delete=models.CASCADE, related_name="canary")
    asked_at = models.DateTimeField(null=True, blank=True)
    sang_at = models.DateTimeField(null=True, blank=True, help_text="Last got a token at home.")
    silent_since = models.DateTimeField(
        null=True, blank=True, help_text="The first refusal of those in a row."
    )
    code = models.CharField(
        max_length=20, blank=True, help_text="Microsoft's, of the last refusal."
    )
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="Refused twice, a minute apart: all looks wait."
    )
    compared_at = models.DateTimeField(
        null=True, blank=True, help_text="The registration was compared with our rows, or tried to."
    )
    unread = models.CharField(
        max_length=64, blank=True, help_text="What Microsoft said where it could not be read."
    )

    class Meta:
        verbose_name_plural = "canaries"
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(silent_since__isnull=False),
                name="canary_stops_only_while_silent",
            )
        ]

    def __str__(self) -> str:
        return f"Canary of {self.app}"
