"""An error code of Microsoft's that our catalogue does not hold."""

from django.db import models
from django.db.models import Q


class UnknownCode(models.Model):
    """How often pastes had it, so that agents know which one to look up and add."""

    code = models.CharField(max_length=20, unique=True)
    times = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(times__gte=1), name="unknown_code_was_seen"),
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=models.F("first_seen_at")),
                name="unknown_code_seen_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.code
