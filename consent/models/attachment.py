"""A screenshot that a requester showed us."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from consent.models.state import new_public_id
from consent.models.ticket import Ticket
from consent.pictures import MOST_BYTES, PictureKind


class Attachment(models.Model):
    """A picture for the agents. It lives in the database, so that it goes when its ticket goes, and
    every host that serves the desk has it. The name it had on the requester's computer is not kept.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=10, choices=PictureKind)
    width = models.PositiveIntegerField(help_text="Pixels.")
    height = models.PositiveIntegerField(help_text="Pixels.")
    size = models.PositiveIntegerField(help_text="Bytes.")
    content = models.BinaryField()
    created_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["image/png", "image/jpeg", "image/webp"]),
                name="attachment_is_a_picture",
            ),
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=MOST_BYTES), name="attachment_at_most_five_mb"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.width} × {self.height}"
