"""Timeline and audit trail at once."""

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventQuerySet(models.QuerySet["Event"]):
    """Events are only ever added."""

    def update(self, **_fields: Any) -> NoReturn:
        """Refused: an audit trail is not rewritten."""
        raise TypeError("Events are append-only.")


class Event(models.Model):
    """Who did what, when, to which rows: ids only, so that a person can be erased without touching
    the trail.
    """

    class Kind(models.TextChoices):
        TICKET_OPENED = "ticket_opened", _("Asked for help")
        TICKET_FOUND = "ticket_found", _("The worker found a change")
        TICKET_CONFIRMED = "ticket_confirmed", _("Confirmed the address")
        TICKET_TAKEN = "ticket_taken", _("Taken by an agent")
        TICKET_REPLIED = "ticket_replied", _("A reply was written")
        TICKET_NOTED = "ticket_noted", _("A note was written")
        TICKET_ROTATED = "ticket_rotated", _("The status page has a new address")
        TICKET_READY = "ticket_ready", _("You can connect now")
        TICKET_INVITED = "ticket_invited", _("It looks approved; you were invited to test it")
        TICKET_SOLVED = "ticket_solved", _("The connection works")
        TICKET_STILL_BLOCKED = "ticket_still_blocked", _("Still blocked after trying")
        TICKET_WITHDRAWN = "ticket_withdrawn", _("The request for help was withdrawn")
        TICKET_CLOSED = "ticket_closed", _("Closed")
        REQUEST_OPENED = "request_opened", _("A request for approval was prepared")
        REQUEST_JOINED = "request_joined", _("Joined the request of colleagues")
        REQUEST_ASKED = "request_asked", _("An administrator was asked")
        REQUEST_CLAIMED = (
            "request_claimed",
            _("An administrator seems to have approved; we are checking with Microsoft"),
        )
        REQUEST_UNPROVED = "request_unproved", _("No proof of the approval came; we keep looking")
        REQUEST_INSTALLED = (
            "request_installed",
            _("Microsoft shows the app in your organisation now"),
        )
        REQUEST_GRANTED = "request_granted", _("The approval was confirmed")
        REQUEST_DECLINED = "request_declined", _("Declined")
        REQUEST_EXPIRED = "request_expired", _("Nobody answered for 30 days")
        REQUEST_WITHDRAWN = "request_withdrawn", _("The request for approval was withdrawn")
        REQUEST_SUPERSEDED = "request_superseded", _("Replaced by a newer request")
        REQUEST_REVOKED = "request_revoked", _("The approval was withdrawn at Microsoft")
        REQUEST_BACK = (
            "request_back",
            _("No administrator has a link any more; our support looks into it"),
        )
        LINK_SENT = "link_sent", _("A link was sent to an administrator")
        LINK_SHARED = "link_shared", _("A link to pass on was made")
        LINK_OPENED = "link_opened", _("The link was opened")
        LINK_LEFT = "link_left", _("An administrator went to Microsoft's page")
        LINK_RETURNED = "link_returned", _("An administrator came back from Microsoft")
        LINK_AWAY = (
            "link_away",
            _("An administrator went to Microsoft's page and has not come back"),
        )
        LINK_DECLINED = "link_declined", _("An administrator declined")
        LINK_UNDONE = "link_undone", _("An administrator took the decline back")
        LINK_LATER = "link_later", _("An administrator will decide later")
        LINK_NOT_ME = "link_not_me", _("The person asked is not the right one")
        LINK_FORWARDED = "link_forwarded", _("The link was forwarded to a colleague")
        LINK_REVOKED = "link_revoked", _("A link was revoked")
        LINK_ROTATED = "link_rotated", _("A link was replaced by a new one")
        LINK_EXPIRED = "link_expired", _("A link expired")
        LINK_SAW = "link_saw", _("An administrator told what Microsoft showed")
        LINK_NAMED_OUTSIDER = (
            "link_named_outsider",
            _("An administrator named a colleague outside the organisation"),
        )
        QUESTION_ASKED = "question_asked", _("An administrator asked a question")
        LOOKED = "looked", _("A look at Microsoft was asked for")
        APP_CHANGED = "app_changed", _("The app registration was changed")
        STOPPED = "stopped", _("Asked not to be written to again")

    class Actor(models.TextChoices):
        REQUESTER = "requester", _("Requester")
        ADMINISTRATOR = "administrator", _("Administrator")
        AGENT = "agent", _("Agent")
        WORKER = "worker", _("Worker")

    kind = models.CharField(max_length=24, choices=Kind)
    actor = models.CharField(max_length=13, choices=Actor)
    actor_id = models.BigIntegerField(
        null=True, blank=True, help_text="The agent's key, or the contact's."
    )
    at = models.DateTimeField(auto_now_add=True)
    ticket_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    request_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    link_id = models.BigIntegerField(null=True, blank=True)
    tenant_id = models.BigIntegerField(null=True, blank=True)
    detail = models.CharField(
        max_length=40, blank=True, help_text="A short fixed word: a rung, a reason, a reach."
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.kind

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it; a second save is refused."""
        if not self._state.adding:
            raise TypeError("Events are append-only.")
        super().save(*args, **kwargs)
