"""A person known by an e-mail address."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Contact(models.Model):
    """Somebody we write to. At Microsoft a person is a tenant and an object ID; an address is never
    identity.
    """

    email = models.EmailField(
        max_length=254, unique=True, help_text="Lower-case, its domain in ASCII."
    )
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="Asked never to be written to again."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="contact_email_is_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.email.rpartition("@")[2]
