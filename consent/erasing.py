"""A person is erased: words, pictures and the address go, the numbers of what happened stay.

Events hold neither addresses nor typed words, so the timeline of a request is still true
afterwards.
"""

import re
from typing import Final

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from consent import links, tickets
from consent.actors import Actor
from consent.models import ApprovalLink, Attachment, OutboxMessage, Reply, Ticket
from tenants.addresses import mailbox_of
from tenants.models import Contact

ERASED: Final = "[erased]"
#: Facts of a diagnosis that come from the paste and lead to a person or one of his sign-ins.
_OF_THE_PERSON: Final = ("correlation_id", "trace_id", "request_id", "timestamp")
#: Where people write freely, and may write somebody's address.
_WRITTEN: Final[tuple[tuple[type[Model], str], ...]] = (
    (Reply, "body"),
    (Ticket, "name"),
    (Ticket, "note"),
    (Ticket, "pasted"),
    (ApprovalLink, "decline_note"),
    (OutboxMessage, "error"),
    (LogEntry, "object_repr"),
    (LogEntry, "change_message"),
)


@transaction.atomic
def erase(contact: Contact, *, by: Actor) -> None:
    """Erase what this person typed, showed and was sent, and the address itself, everywhere.

    What waits is closed, links that were sent to that address open nothing any more, and
    unconfirmed tickets are gone. Nothing can be mailed to what stands in the address's place.
    """
    address = contact.email
    _end(contact, by)
    own = Ticket.objects.filter(contact=contact)
    _blank_diagnoses(own | Ticket.objects.filter(pasted__icontains=address))
    own.update(name="", note="", pasted="")
    Attachment.objects.filter(ticket__in=own).delete()
    OutboxMessage.objects.filter(to=contact).delete()
    Reply.objects.filter(contact=contact).update(body=ERASED)
    ApprovalLink.objects.filter(recipient=contact).update(decline_note="")
    for model, field in _WRITTEN:
        _take_out(address, model._default_manager.all(), field)
    # RFC 6761: nothing is ever delivered to .invalid.
    nobody = f"erased-{contact.pk}@erased.invalid"
    now = contact.stopped_at or timezone.now()
    people = Contact.objects.filter(pk=contact.pk)
    people.update(email=nobody, mailbox=mailbox_of(nobody), stopped_at=now)
    contact.refresh_from_db()


def _end(contact: Contact, by: Actor) -> None:
    """Nobody waits, and nobody is asked, under that address."""
    unconfirmed = Ticket.objects.filter(contact=contact, state=Ticket.State.UNCONFIRMED)
    OutboxMessage.objects.filter(ticket__in=unconfirmed).delete()
    unconfirmed.delete()
    for ticket in Ticket.objects.filter(contact=contact, state__in=Ticket.ACTIVE):
        tickets.close(ticket, by=by)
    # Closing the last ticket may have taken links along, so they are asked for afterwards.
    for link in ApprovalLink.objects.filter(recipient=contact, state=ApprovalLink.State.LIVE):
        links.revoke(link, by=by)


def _blank_diagnoses(concerned: "QuerySet[Ticket]") -> None:
    """Keep what was the matter, without the words that led there."""
    for ticket in concerned.only("diagnosis"):
        facts = dict.fromkeys(_OF_THE_PERSON) | {"evidence": []}
        Ticket.objects.filter(pk=ticket.pk).update(diagnosis={**ticket.diagnosis, **facts})


def _take_out(address: str, rows: "QuerySet[Model]", field: str) -> None:
    written = re.compile(re.escape(address), re.IGNORECASE)
    for key, text in rows.filter(**{f"{field}__icontains": address}).values_list("pk", field):
        rows.filter(pk=key).update(**{field: written.sub(ERASED, text)})
