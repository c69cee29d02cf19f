"""Whom we do not write to about a matter again, whoever else names them."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from consent.errors import NotAgain
from consent.models import ApprovalLink, ConsentRequest, OutboxMessage
from tenants.models import Contact

#: Asks that are withdrawn and made anew bring an administrator one mail in this time.
RESTS_FOR: Final = timedelta(days=3)
Mail = OutboxMessage.State


def refuse_to_bother(person: Contact, request: ConsentRequest) -> None:
    """Raises NotAgain where that person said not to be the right one for this tenant and app, has
    declined in this very request, or was mailed about one that was withdrawn a short time ago.
    """
    declined = request.links.filter(
        recipient__mailbox=person.mailbox, state=ApprovalLink.State.DECLINED
    )
    if said_not_me(person, request) or declined.exists() or _was_just_mailed(person, request):
        raise NotAgain


def said_not_me(person: Contact, request: ConsentRequest) -> bool:
    """They told us that somebody else decides about this app in this tenant."""
    return ApprovalLink.objects.filter(
        recipient__mailbox=person.mailbox,
        state=ApprovalLink.State.NOT_ME,
        request__tenant=request.tenant_id,
        request__app=request.app_id,
    ).exists()


def _was_just_mailed(person: Contact, request: ConsentRequest) -> bool:
    # One that was dropped or given up has bothered nobody.
    return OutboxMessage.objects.filter(
        kind="approval_request",
        to__mailbox=person.mailbox,
        state__in=[Mail.QUEUED, Mail.SENDING, Mail.SENT],
        created_at__gt=timezone.now() - RESTS_FOR,
        link__request__tenant=request.tenant_id,
        link__request__app=request.app_id,
        link__request__state=ConsentRequest.State.WITHDRAWN,
    ).exists()
