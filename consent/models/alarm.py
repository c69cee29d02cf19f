"""What the people who run the portal have to know, from when until when."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consent.models.app import AppRegistration


class Alarm(models.Model):
    """One thing that is wrong at our side. While it stands there is no second one of its kind for
    its app; `changes` counts how often its detail became another.
    """

    class Kind(models.TextChoices):
        CREDENTIAL = "credential", _("Our credential does not work")
        DRIFT = "drift", _("Entra and our rows differ")
        SETUP = "setup", _("The registration at Entra needs mending")
        EXPIRY = "expiry", _("A credential ends")
        WORKER = "worker", _("A part of the worker is silent")
        MAIL = "mail", _("Mails are stuck")
        OUTAGE = "outage", _("Microsoft does not answer")

    kind = models.CharField(max_length=12, choices=Kind)
    app = models.ForeignKey(
        AppRegistration, on_delete=models.CASCADE, null=True, blank=True, related_name="alarms"
    )
    since: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="Empty while it stands.")
    detail = models.CharField(
        max_length=60, blank=True, help_text="A short fixed word: a code, days left, parts."
    )
    changes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "app"], condition=Q(until__isnull=True), name="alarm_one_an_app"
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(until__isnull=True, app__isnull=True),
                name="alarm_one_without_app",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="alarm_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["credential", "drift", "setup", "expiry"], app__isnull=False)
                | Q(kind__in=["worker", "mail", "outage"], app__isnull=True),
                name="alarm_names_an_app_exactly_where_it_is_about_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{f': {self.app}' if self.app else ''}"

    @property
    def is_ahead(self) -> bool:
        """Nothing is wrong yet: a credential that will end."""
        return self.kind == self.Kind.EXPIRY and self.detail != "0"

    @property
    def is_standing(self) -> bool:
        """It is not over."""
        return self.until is None
