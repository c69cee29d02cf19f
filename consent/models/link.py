"""One way in for one administrator, or for whom a requester passes it on to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models.request import ConsentRequest
from consent.models.state import Stateful, new_public_id
from tenants.models import Contact

MOST_LIVE = 3


class ApprovalLink(Stateful):
    """An approval link. Its token is derived from `public_id` and `version`, so rotating is
    `version + 1`.
    """

    class State(models.TextChoices):
        LIVE = "live", _("Live")
        DECLINED = "declined", _("Declined")
        NOT_ME = "not_me", _("Not the right person")
        REVOKED = "revoked", _("Revoked")
        EXPIRED = "expired", _("Expired")

    class Way(models.TextChoices):
        MAILED = "mailed", _("Mailed to an administrator")
        FORWARDED = "forwarded", _("Forwarded by an administrator")
        SHARED = "shared", _("Passed on by the requester")
        SELF = "self", _("The requester is the administrator")

    class Reason(models.TextChoices):
        TOO_BROAD = "too_broad", _("The permissions are too broad")
        UNVERIFIED = "unverified", _("The publisher or the app is not verified enough")
        NOT_NEEDED = "not_needed", _("We do not need this app")
        NEED_DOCUMENTS = "need_documents", _("I need documents first")
        OTHER = "other", _("Another reason")

    #: Ways whose readers we asked ourselves.
    ASKED: ClassVar = (Way.MAILED, Way.FORWARDED)
    COMES_FROM: ClassVar = {
        State.LIVE: frozenset({State.DECLINED}),
        State.DECLINED: frozenset({State.LIVE}),
        State.NOT_ME: frozenset({State.LIVE}),
        # A decline that may not be taken back any more.
        State.REVOKED: frozenset({State.LIVE, State.DECLINED}),
        State.EXPIRED: frozenset({State.LIVE}),
    }

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    version = models.PositiveIntegerField(default=1)
    request = models.ForeignKey(ConsentRequest, on_delete=models.CASCADE, related_name="links")
    slot = models.PositiveSmallIntegerField(
        help_text="1 to 3: a request has at most three live links."
    )
    state = models.CharField(max_length=10, choices=State, default=State.LIVE)
    way = models.CharField(max_length=10, choices=Way, default=Way.MAILED)
    recipient = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="links"
    )
    from_ticket = models.ForeignKey(
        "consent.Ticket", on_delete=models.SET_NULL, null=True, blank=True, related_name="links"
    )
    forwards = models.PositiveSmallIntegerField(
        default=0, help_text="How often its reader passed it on; at most 3."
    )
    opened_at = models.DateTimeField(
        null=True, blank=True, help_text="Last opened by what seems a person."
    )
    later_until = models.DateField(null=True, blank=True)
    decline_reason = models.CharField(max_length=20, choices=Reason, blank=True)
    decline_note = models.CharField(max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(
        help_text="When it was made or last sent again; its 30 days run from here."
    )
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "slot"], condition=Q(state="live"), name="link_one_live_a_slot"
            ),
            models.CheckConstraint(
                condition=Q(slot__gte=1, slot__lte=MOST_LIVE), name="link_at_most_three_slots"
            ),
            models.CheckConstraint(
                condition=Q(state="declined", decline_reason__gt="")
                | (~Q(state="declined") & Q(decline_reason="")),
                name="link_reason_exactly_when_declined",
            ),
            models.CheckConstraint(
                condition=Q(state="live", closed_at__isnull=True)
                | (~Q(state="live") & Q(closed_at__isnull=False)),
                name="link_closed_exactly_when_not_live",
            ),
            models.CheckConstraint(
                condition=Q(way="shared") | Q(recipient__isnull=False),
                name="link_has_a_recipient_unless_shared",
            ),
            models.CheckConstraint(
                condition=Q(forwards__lte=3), name="link_at_most_three_forwards"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def may_be_taken_back(self) -> bool:
        """A decline whose request waits still, or ended by it. Whoever passed a link on or opened
        one for himself begins nothing anew.
        """
        if self.state != self.State.DECLINED:
            return False
        ended_by_it = self.request.state == ConsentRequest.State.DECLINED and self.was_asked
        return self.request.is_open or ended_by_it

    @property
    def was_asked(self) -> bool:
        """We mailed its reader, so a decline is an administrator's answer."""
        return self.way in self.ASKED

    @property
    def is_live(self) -> bool:
        """It opens the page with its buttons."""
        return self.state == self.State.LIVE
