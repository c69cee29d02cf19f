"""The switch with which operators hold back all mails. Nothing is lost: mails are queued meanwhile
and leave, in order, when the switch is turned again.
"""

from django.utils import timezone

from consent.models import MailStop
from consent.outbox.doorbell import ring
from tenants.models import User


def stop(*, by: User | None) -> MailStop:
    """Let no further mail leave; what stands already stays. A worker in the middle of a batch
    finishes the letter in its hand.
    """
    return MailStop.objects.standing().first() or MailStop.objects.create(
        since=timezone.now(), by=by
    )


def resume(*, by: User | None) -> bool:
    """Let mails leave again, those that waited first; tells whether they were stopped."""
    ended = MailStop.objects.standing().update(ended_at=timezone.now(), ended_by=by)
    if ended:
        ring("outbox.deliver_due")
    return bool(ended)


def standing() -> MailStop | None:
    """The stop that holds back the mails now."""
    return MailStop.objects.standing().select_related("by").order_by("pk").first()
