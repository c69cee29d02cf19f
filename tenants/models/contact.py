"""A person known by an e-mail address."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from tenants.addresses import mailbox_of


class MailboxField(models.CharField):  # type: ignore[type-arg]
    """Follows the address, also where many rows are written at once."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001 -- Django's
        """The mailbox of the row's address."""
        assert isinstance(model_instance, Contact)
        mailbox = mailbox_of(model_instance.email)
        model_instance.mailbox = mailbox
        return mailbox


class Contact(models.Model):
    """Somebody we write to. At Microsoft a person is a tenant and an object ID; an address is never
    identity.
    """

    email = models.EmailField(
        max_length=254, unique=True, help_text="Lower-case, its domain in ASCII."
    )
    mailbox = MailboxField(
        max_length=254,
        db_index=True,
        editable=False,
        help_text="The address without what its owner may add to it; limits and stops go by it.",
    )
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="Asked never to be written to again."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="contact_email_is_lower_case"
            ),
            models.CheckConstraint(condition=~Q(mailbox=""), name="contact_has_a_mailbox"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.email.rpartition("@")[2]
