"""When to look at a tenant next, and what the looks found."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models.app import AppRegistration
from tenants.models import Tenant


class WatchQuerySet(models.QuerySet["Watch"]):
    """What a worker may take."""

    def free(self, now: datetime) -> Self:
        """Those at which nobody looks."""
        return self.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))

    def due(self, now: datetime) -> Self:
        """Those whose time has come, that nobody looks at and that Microsoft does not want to be
        left alone.
        """
        rested = Q(not_before__isnull=True) | Q(not_before__lte=now)
        return self.free(now).filter(rested, next_check_at__lte=now)


class Watch(models.Model):
    """The one `next_check_at` of a tenant and an app, the signals that set its pace, and a worker's
    lease on it.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="watches")
    app = models.ForeignKey(AppRegistration, on_delete=models.CASCADE, related_name="watches")
    next_check_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty: nobody waits for anything here."
    )
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker is looking; void after this."
    )
    signals = models.PositiveIntegerField(
        default=0, help_text="Rings so far; one during a look brings another look."
    )
    asked_at = models.DateTimeField(null=True, blank=True, help_text="A request began to wait.")
    opened_at = models.DateTimeField(
        null=True, blank=True, help_text="Somebody opened an approval link."
    )
    left_at = models.DateTimeField(null=True, blank=True, help_text="Somebody pressed Continue.")
    returned_at = models.DateTimeField(
        null=True, blank=True, help_text="A browser came back from Microsoft."
    )
    news_at = models.DateTimeField(null=True, blank=True, help_text="A look found something new.")
    hinted_at = models.DateTimeField(
        null=True, blank=True, help_text="A return nobody knows brought a look forward."
    )
    last_look_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(
        null=True, blank=True, help_text="Microsoft asked to be left alone until then."
    )
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="The first of the looks in a row that could not find out."
    )
    negatives = models.PositiveSmallIntegerField(
        default=0, help_text="Looks in a row that missed a standing grant."
    )
    first_negative_at = models.DateTimeField(null=True, blank=True)
    settled = models.CharField(
        max_length=64,
        blank=True,
        help_text="Fingerprints of what the last look found and of what that was judged against, "
        "where it changed nothing; empty where it did, or where time alone may change something.",
    )
    settled_signals = models.PositiveIntegerField(
        default=0, help_text="Rings that the last look knew of."
    )

    objects = WatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "watches"
        constraints = [models.UniqueConstraint(fields=["tenant", "app"], name="watch_once")]
        indexes = [
            models.Index(
                fields=["next_check_at"], name="watch_due", condition=Q(next_check_at__isnull=False)
            ),
            models.Index(
                fields=["returned_at"], name="watch_urgent", condition=Q(returned_at__isnull=False)
            ),
            models.Index(
                fields=["failing_since"],
                name="watch_failing",
                condition=Q(failing_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.app} at {self.tenant}"


class Check(models.Model):
    """One look by the worker. Old ones are pruned."""

    class Outcome(models.TextChoices):
        PRESENT = "present", _("The app is there")
        ABSENT = "absent", _("The app is not there")
        DISABLED = "disabled", _("The app is switched off")
        CREDENTIAL = "credential", _("Our own credential does not work")
        THROTTLED = "throttled", _("Microsoft asked us to wait")
        UNREACHABLE = "unreachable", _("Microsoft did not answer properly")
        UNKNOWN = "unknown", _("Microsoft answered with something new")

    #: Outcomes that say something about the tenant; the others say only that we could not find out.
    TELLING: ClassVar = (Outcome.PRESENT, Outcome.ABSENT, Outcome.DISABLED)

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="checks")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    code = models.CharField(max_length=64, blank=True)
    calls = models.PositiveSmallIntegerField(default=0)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["watch", "at"], name="check_of_a_watch"),
            models.Index(fields=["at", "outcome"], name="check_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.code}".strip()
