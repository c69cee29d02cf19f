import pytest

from consent import events
from consent.actors import WORKER, Actor
from consent.models import Event
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    EventFactory,
    TenantFactory,
    TicketFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def ids_of(event):
    return (event.ticket_id, event.request_id, event.link_id, event.tenant_id)


def test_event_written_is_never_changed():
    event = EventFactory(kind="ticket_opened")
    event.kind = "ticket_closed"

    with pytest.raises(TypeError, match="append-only"):
        event.save()
    with pytest.raises(TypeError, match="append-only"):
        Event.objects.update(kind="ticket_closed")

    event.refresh_from_db()
    assert str(event) == "ticket_opened"


def test_events_stand_in_the_order_in_which_they_happened():
    first, second, third = (EventFactory() for _ in range(3))

    assert list(Event.objects.all()) == [first, second, third]


def test_event_of_a_link_is_of_its_request_and_tenant_too():
    link = ApprovalLinkFactory()

    event = events.record(
        Event.Kind.LINK_DECLINED,
        by=Actor.administrator(link.recipient),
        link=link,
        detail="too_broad",
    )

    assert ids_of(event) == (None, link.request.pk, link.pk, link.request.tenant.pk)
    assert (event.kind, event.actor, event.actor_id, event.detail) == (
        "link_declined",
        "administrator",
        link.recipient.pk,
        "too_broad",
    )


def test_event_of_a_request_beside_a_link_is_of_that_request():
    link, successor = ApprovalLinkFactory(), ConsentRequestFactory()

    event = events.record(Event.Kind.LINK_RETURNED, by=WORKER, link=link, request=successor)

    assert ids_of(event) == (None, successor.pk, link.pk, successor.tenant.pk)


def test_event_of_a_ticket_without_request_is_of_its_tenant():
    ticket = TicketFactory(tenant=TenantFactory())

    event = events.record(Event.Kind.TICKET_TAKEN, by=WORKER, ticket=ticket)

    assert ids_of(event) == (ticket.pk, None, None, ticket.tenant.pk)


def test_event_may_be_of_nothing_but_its_actor():
    event = events.record(Event.Kind.STOPPED, by=WORKER)

    assert ids_of(event) == (None, None, None, None)


def test_actors_are_kinds_of_people_and_the_keys_of_their_rows():
    contact, user = ContactFactory(), UserFactory()

    assert Actor.agent(user) == Actor(Event.Actor.AGENT, user.pk)
    assert Actor.requester(contact) == Actor(Event.Actor.REQUESTER, contact.pk)
    assert Actor.requester(None) == Actor(Event.Actor.REQUESTER, None)
    assert Actor.administrator(contact) == Actor(Event.Actor.ADMINISTRATOR, contact.pk)
    assert Actor.administrator(None) == Actor(Event.Actor.ADMINISTRATOR, None)
    assert Actor(Event.Actor.WORKER, None) == WORKER
