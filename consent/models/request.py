"""Our record that one tenant is asked to grant one version of an app's permissions."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models.app import AppRegistration
from consent.models.state import Stateful, new_public_id
from tenants.models import Tenant


class Rung(models.TextChoices):
    """How much is known: the ladder of proof. What proves less stands first."""

    NONE = "none", _("No approval seen yet")
    CLAIMED = "claimed", _("An administrator's browser says it was approved")
    INSTALLED = "installed", _("The app has appeared in the tenant")
    IN_USE = "in_use", _("People get in")
    WITNESS = "witness", _("Microsoft shows the mark that approving everything leaves")
    SIGN_IN = "sign_in", _("An administrator's sign-in showed the approval")
    DIRECTORY = "directory", _("Microsoft's directory shows the approval")

    @property
    def proves(self) -> bool:
        """It is enough for a grant."""
        return self not in {Rung.NONE, Rung.CLAIMED, Rung.INSTALLED}


class Reach(models.TextChoices):
    """For whom a grant works."""

    EVERYONE = "everyone", _("Everyone in the organisation")
    ASSIGNED = "assigned", _("The people assigned to the app")
    NAMED = "named", _("Named people")


class ConsentRequest(Stateful):
    """One tenant, one app, one permission version. Only the worker moves it to `granted`."""

    class State(models.TextChoices):
        TRIAGE = "triage", _("With our support")
        ASKED = "asked", _("An administrator was asked")
        CLAIMED = "claimed", _("Said to be approved, being checked")
        GRANTED = "granted", _("Approved")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Nobody answered")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        SUPERSEDED = "superseded", _("Replaced by a newer request")
        REVOKED = "revoked", _("Approval withdrawn")

    OPEN: ClassVar = (State.TRIAGE, State.ASKED, State.CLAIMED)
    CLOSED: ClassVar = (
        State.DECLINED,
        State.EXPIRED,
        State.WITHDRAWN,
        State.SUPERSEDED,
        State.REVOKED,
    )
    COMES_FROM: ClassVar = {
        State.TRIAGE: frozenset({State.ASKED}),
        State.ASKED: frozenset({State.TRIAGE, State.CLAIMED}),
        State.CLAIMED: frozenset({State.ASKED}),
        State.GRANTED: frozenset(OPEN),
        State.DECLINED: frozenset(OPEN),
        State.EXPIRED: frozenset(OPEN),
        State.WITHDRAWN: frozenset(OPEN),
        State.SUPERSEDED: frozenset({*OPEN, State.GRANTED}),
        State.REVOKED: frozenset({State.GRANTED}),
    }

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="requests")
    app = models.ForeignKey(AppRegistration, on_delete=models.PROTECT, related_name="requests")
    permission_version = models.PositiveIntegerField()
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="successors"
    )
    state = models.CharField(max_length=12, choices=State, default=State.TRIAGE)
    rung = models.CharField(max_length=10, choices=Rung, default=Rung.NONE)
    reach = models.CharField(
        max_length=10, choices=Reach, blank=True, help_text="Empty until granted."
    )
    missing = models.JSONField(
        default=list, blank=True, help_text="Names, once a look could read what is granted."
    )
    looks_approved = models.BooleanField(
        default=False, help_text="Derived by the worker's last look."
    )
    disabled_at = models.DateTimeField(
        null=True, blank=True, help_text="The tenant switched the app off."
    )
    absent_at = models.DateTimeField(
        null=True, blank=True, help_text="A look found no usable service principal."
    )
    news_at = models.DateTimeField(
        null=True, blank=True, help_text="A later look found it there: that is news."
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    granted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    confirmed_again_at = models.DateTimeField(
        null=True, blank=True, help_text="A second look, a minute after the grant, still saw it."
    )
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "app"],
                condition=Q(state__in=["triage", "asked", "claimed"]),
                name="request_one_open",
            ),
            models.UniqueConstraint(
                fields=["tenant", "app"], condition=Q(state="granted"), name="request_one_granted"
            ),
            models.CheckConstraint(
                condition=~Q(state="granted")
                | (
                    Q(granted_at__isnull=False)
                    & Q(reach__in=["everyone", "assigned", "named"])
                    & Q(rung__in=["witness", "sign_in", "directory", "in_use"])
                ),
                name="request_granted_with_date_reach_and_proof",
            ),
            models.CheckConstraint(
                condition=Q(reach="") | Q(granted_at__isnull=False),
                name="request_reach_only_once_granted",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claimed_at__isnull=False),
                name="request_claimed_with_date",
            ),
            models.CheckConstraint(
                condition=(
                    Q(closed_at__isnull=True, state__in=["triage", "asked", "claimed", "granted"])
                    | Q(
                        closed_at__isnull=False,
                        state__in=["declined", "expired", "withdrawn", "superseded", "revoked"],
                    )
                ),
                name="request_closed_exactly_with_date",
            ),
            models.CheckConstraint(
                condition=Q(
                    rung__in=[
                        *("none", "claimed", "installed"),
                        *("witness", "sign_in", "directory", "in_use"),
                    ]
                ),
                name="request_rung_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "expires_at"], name="request_due"),
            models.Index(fields=["tenant", "app"], name="request_of_tenant_and_app"),
        ]

    def __str__(self) -> str:
        return f"{self.app} for {self.tenant}"

    @property
    def is_open(self) -> bool:
        """Somebody may still answer it."""
        return self.state in self.OPEN

    @property
    def is_granted(self) -> bool:
        """Proved, and not seen withdrawn."""
        return self.state == self.State.GRANTED
