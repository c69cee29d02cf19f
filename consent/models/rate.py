"""How often somebody did something within a span of time."""

from django.db import models


class RateCount(models.Model):
    """A counter for one subject and one span. The subject is a keyed hash: no address or network is
    kept.
    """

    subject = models.CharField(max_length=64)
    span_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "span_start"], name="rate_once_a_span")
        ]

    def __str__(self) -> str:
        return f"{self.count} since {self.span_start:%H:%M}"
