"""One thing learnt: when, how, what it said, and for whom."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models.attempt import ConsentAttempt
from consent.models.request import ConsentRequest


class Evidence(models.Model):
    """Views store it and ring; the worker alone draws conclusions. Persons stand here as
    Microsoft's object IDs.
    """

    class Kind(models.TextChoices):
        CLAIM = "claim", _("What a browser said on return")
        IDENTITY = "identity", _("Who signed in")
        COVERAGE = "coverage", _("What that person's sign-in covers")
        LOOK = "look", _("What the worker's look found")
        REPORT = "report", _("A connection reported by the vendor's app")

    request = models.ForeignKey(ConsentRequest, on_delete=models.CASCADE, related_name="evidence")
    attempt = models.ForeignKey(ConsentAttempt, on_delete=models.SET_NULL, null=True, blank=True)
    ticket = models.ForeignKey("consent.Ticket", on_delete=models.SET_NULL, null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    permission_version = models.PositiveIntegerField()
    said = models.CharField(
        max_length=30, help_text="yes, or the short name of what stood against it."
    )
    person = models.CharField(max_length=36, blank=True, help_text="Object ID at Microsoft.")
    roles = models.JSONField(
        null=True, blank=True, help_text="Role templates in `wids`; null where not shown."
    )
    permissions = models.JSONField(
        default=list, blank=True, help_text="[resource, kind, value] of what it covers."
    )
    codes = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name_plural = "evidence"
        indexes = [models.Index(fields=["request", "kind", "at"], name="evidence_of_a_request")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=["identity", "coverage"]) | ~Q(said="yes") | Q(person__gt=""),
                name="evidence_of_a_sign_in_names_the_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.said}"
