"""The people we write to, and those who want us to stop."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from consent import events
from consent.actors import Actor
from consent.models import Event
from tenants.addresses import mailbox_of
from tenants.models import Contact


def contact_of(email: str) -> Contact:
    """The contact with that (normal) address, written down when new. Who is never to be written to
    is not under a second address of the same mailbox either.
    """
    stops = Contact.objects.filter(mailbox=mailbox_of(email), stopped_at__isnull=False)
    # Looked up only for somebody new.
    new: dict[str, Any] = {"stopped_at": stops.values_list("stopped_at", flat=True).first}
    return Contact.objects.get_or_create(email=email, defaults=new)[0]


@transaction.atomic
def stop_writing(contact: Contact) -> None:
    """*Never write to me again*, for every address of that mailbox. What is queued for them is not
    sent.
    """
    Contact.objects.filter(mailbox=contact.mailbox).update(stopped_at=timezone.now())
    events.record(Event.Kind.STOPPED, by=Actor.requester(contact))


def write_again(contact: Contact) -> None:
    """That is taken back, for every address of that mailbox."""
    Contact.objects.filter(mailbox=contact.mailbox).update(stopped_at=None)
