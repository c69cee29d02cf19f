"""How often Microsoft was called, and how it answered."""

from django.db import models


class CallCount(models.Model):
    """Calls of all worker processes together, by what was called and the HTTP status that came.

    Only ever grows, so that whoever reads it twice knows how many came between.
    """

    endpoint = models.CharField(max_length=20)
    status = models.CharField(max_length=10, help_text="Three digits, or none: no answer came.")
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "status"], name="call_once_a_status")
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.status}"
