"""Screenshots: kept with their ticket, gone with it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent import attachments, deadlines
from consent.errors import TooManyPictures
from consent.models import Attachment, Event, Ticket
from consent.pictures import MOST_BYTES, picture
from tests.factories import AttachmentFactory, TicketFactory
from tests.pictures import EXTENDED, png

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["open", "waiting", "ready", "solved", "closed"])
def test_attach_brings_the_ticket_back_to_us_like_a_reply(state):
    ticket = TicketFactory(state=state)

    attachments.attach(ticket, picture(EXTENDED))

    kept = Attachment.objects.values("ticket", "kind", "width", "height", "size", "content").get()
    assert {**kept, "content": bytes(kept["content"])} == {
        "ticket": ticket.pk,
        "kind": "image/webp",
        "width": 640,
        "height": 480,
        "size": len(EXTENDED),
        "content": EXTENDED,
    }
    assert Ticket.objects.get().state == "open"
    events = Event.objects.values_list("kind", "detail", "ticket_id")
    assert list(events) == [("ticket_replied", "screenshot", ticket.pk)]


def test_attach_stops_at_five():
    ticket = TicketFactory(waiting=True)
    for _number in range(5):
        AttachmentFactory(ticket=ticket)

    with pytest.raises(TooManyPictures):
        attachments.attach(ticket, picture(png()))

    assert (ticket.attachments.count(), Event.objects.count()) == (5, 0)


def test_screenshots_of_an_unconfirmed_ticket_are_erased_with_it():
    old = TicketFactory(unconfirmed=True)
    Ticket.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=15))
    AttachmentFactory(ticket=old)
    kept = AttachmentFactory(ticket=TicketFactory(unconfirmed=True))

    deadlines.erase_unconfirmed()

    assert list(Attachment.objects.all()) == [kept]


@pytest.mark.parametrize("wrong", [{"kind": "image/gif"}, {"size": 0}, {"size": MOST_BYTES + 1}])
def test_attachment_that_is_no_small_picture_is_refused(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        AttachmentFactory(**wrong)


def test_attachment_says_what_it_is():
    assert str(AttachmentFactory()) == "PNG, 640 × 480"
