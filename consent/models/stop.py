"""A time in which no mail leaves."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class MailStopQuerySet(models.QuerySet["MailStop"]):
    """Questions about stops."""

    def standing(self) -> "MailStopQuerySet":
        """Those that hold back the mails now."""
        return self.filter(ended_at__isnull=True)


class MailStop(models.Model):
    """Operators stopped the mails, and perhaps let them go again. Mails are queued meanwhile as
    always. Nobody stands in `by` where it was done by a command.
    """

    since = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = MailStopQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("since")),
                name="stop_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | Q(ended_by__isnull=True),
                name="stop_ended_by_with_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M}"
