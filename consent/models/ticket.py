"""One person's blocked connection, and what was written about it."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models.app import AppRegistration
from consent.models.event import Event
from consent.models.request import ConsentRequest
from consent.models.state import Stateful, new_public_id
from tenants.models import Contact, Tenant

FIRST_NUMBER = 1000


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets by what their people do."""

    def waiting(self) -> Self:
        """Of people who wait for an approval; the monitor's tickets are nobody's."""
        return self.filter(Ticket.PERSON_WAITS)


class Ticket(Stateful):
    """A person who waits. `move()` is the only way to change `state`."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("Address not confirmed yet")
        OPEN = "open", _("With us")
        WAITING = "waiting", _("Waiting for an answer")
        READY = "ready", _("Approved, ready to try")
        SOLVED = "solved", _("Connected")
        CLOSED = "closed", _("Closed")

    class OpenedBy(models.TextChoices):
        REQUESTER = "requester", _("Requester")
        AGENT = "agent", _("Agent")
        MAIL = "mail", _("Mail")
        MONITOR = "monitor", _("Monitor")

    class Change(models.TextChoices):
        REVOKED = "revoked", _("Approval withdrawn")
        NARROWED = "narrowed", _("A part of the approval is gone")
        DISABLED = "disabled", _("Switched off")
        ASSIGNMENT = "assignment", _("Only assigned people get in")
        DELETED = "deleted", _("The tenant is gone")

    COMES_FROM: ClassVar = {
        State.OPEN: frozenset(State.values),
        State.WAITING: frozenset({State.OPEN, State.READY, State.WAITING}),
        State.READY: frozenset({State.OPEN, State.WAITING, State.READY}),
        State.SOLVED: frozenset({State.OPEN, State.WAITING, State.READY}),
        State.CLOSED: frozenset({State.OPEN, State.WAITING, State.READY, State.SOLVED}),
    }
    ACTIVE: ClassVar = (State.OPEN, State.WAITING, State.READY)
    WAITS: ClassVar = (State.OPEN, State.WAITING)
    PERSON_WAITS: ClassVar = Q(state__in=WAITS, contact__isnull=False)

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    link_version = models.PositiveIntegerField(
        default=1, help_text="Rotating the status link is one more."
    )
    state = models.CharField(max_length=12, choices=State, default=State.UNCONFIRMED)
    opened_by = models.CharField(max_length=10, choices=OpenedBy, default=OpenedBy.REQUESTER)
    change = models.CharField(
        max_length=12, choices=Change, blank=True, help_text="What the monitor found changed."
    )
    app = models.ForeignKey(AppRegistration, on_delete=models.PROTECT, related_name="tickets")
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    request = models.ForeignKey(
        ConsentRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    administrator = models.ForeignKey(
        Contact,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="named_on",
        help_text="Whom to ask.",
    )
    name = models.CharField(max_length=60, blank=True, help_text="As the requester typed it.")
    note = models.CharField(max_length=500, blank=True, help_text="As the requester typed it.")
    pasted = models.TextField(
        blank=True, help_text="What Microsoft showed, without the secrets found in it."
    )
    diagnosis = models.JSONField(default=dict, blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    told_version = models.PositiveIntegerField(
        default=0, help_text="The permission version whose good news was sent."
    )
    invited_at = models.DateTimeField(
        null=True, blank=True, help_text="Invited to test whether it works already."
    )
    placed_at = models.DateTimeField(
        null=True, blank=True, help_text="The tenant was looked up and a request joined."
    )
    sought_at = models.DateTimeField(
        null=True, blank=True, help_text="The sweep last tried to look its tenant up."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(contact__isnull=True, opened_by="monitor") | Q(contact__isnull=False),
                name="ticket_without_contact_is_the_monitors",
            ),
            models.CheckConstraint(
                condition=Q(state="unconfirmed", confirmed_at__isnull=True)
                | (~Q(state="unconfirmed") & Q(confirmed_at__isnull=False)),
                name="ticket_confirmed_exactly_when_it_left_unconfirmed",
            ),
            models.CheckConstraint(
                condition=Q(request__isnull=True) | Q(tenant__isnull=False),
                name="ticket_in_a_request_has_a_tenant",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["unconfirmed", "open", "waiting", "ready", "solved", "closed"]
                ),
                name="ticket_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(code_tries__lte=5), name="ticket_code_at_most_five_tries"
            ),
            models.CheckConstraint(
                condition=Q(change="") | Q(opened_by="monitor", tenant__isnull=False),
                name="ticket_of_a_change_is_the_monitors",
            ),
            models.UniqueConstraint(
                fields=["tenant", "app", "change"],
                condition=Q(state__in=["open", "waiting", "ready"]) & ~Q(change=""),
                name="ticket_one_open_a_change",
            ),
        ]
        indexes = [models.Index(fields=["state", "touched_at"], name="ticket_queue")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The short number that people say on the phone."""
        return f"C-{FIRST_NUMBER + self.pk}"

    @classmethod
    def key_of(cls, number: str) -> int:
        """The primary key behind a number like `C-1042`; raises ValueError for anything else."""
        prefix, _dash, digits = number.strip().upper().partition("-")
        if prefix != "C" or not digits.isascii() or not digits.isdigit():
            raise ValueError(number)
        return int(digits) - FIRST_NUMBER

    @property
    def waits(self) -> bool:
        """For an approval, or for us."""
        return self.state in self.WAITS

    @property
    def is_confirmed(self) -> bool:
        """The address is known to be this person's."""
        return self.confirmed_at is not None

    def says_still_blocked(self) -> bool:
        """Somebody waits here, and the last that was heard of a try is that it did not work."""
        tries = [Event.Kind.TICKET_STILL_BLOCKED, Event.Kind.TICKET_READY, Event.Kind.TICKET_SOLVED]
        told = Event.objects.filter(ticket_id=self.pk, kind__in=tries).order_by("-pk").first()
        blocked = told is not None and told.kind == Event.Kind.TICKET_STILL_BLOCKED
        return blocked and self.state in self.ACTIVE

    @property
    def who(self) -> str:
        """The name typed, else what stands before the @."""
        return self.name or (self.contact.email.partition("@")[0] if self.contact else "")


class Reply(models.Model):
    """What a person wrote on a ticket."""

    class Author(models.TextChoices):
        REQUESTER = "requester", _("Requester")
        ADMINISTRATOR = "administrator", _("Administrator")
        AGENT = "agent", _("Agent")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="replies")
    author = models.CharField(max_length=13, choices=Author)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    link = models.ForeignKey(
        "consent.ApprovalLink",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="talk",
        help_text="The talk with its reader; nobody with another link sees it.",
    )
    body = models.TextField(max_length=5000)
    is_public = models.BooleanField(
        default=True, help_text="Shown to the requester; else a note among agents."
    )
    to_administrator = models.BooleanField(
        default=False, help_text="Part of the talk with an administrator."
    )
    created_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "replies"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_public=True) | Q(author="agent"),
                name="reply_internal_only_from_agents",
            ),
            models.CheckConstraint(condition=~Q(body=""), name="reply_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.author} on {self.ticket_id}"
