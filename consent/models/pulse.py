"""The worker's sign of life."""

from django.db import models


class Pulse(models.Model):
    """One row a part of the worker, with the time of its last run."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
