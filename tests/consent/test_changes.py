"""What the monitor finds after the grant becomes a ticket, and ends by itself."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from consent import changes, links, requests
from consent.actors import WORKER
from consent.models import Event, OutboxMessage, Ticket
from tenants.microsoft.permissions import GRAPH
from tests.consent.verification.look_stage import GRANTED, NOON, finding, look
from tests.factories import (
    AppRegistrationFactory,
    CheckFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    UserFactory,
    WatchFactory,
)

pytestmark = pytest.mark.django_db
DAY = 24 * 60
DISABLED = finding("disabled", code="AADSTS7000112")
ABSENT = finding("absent")
NARROWED = finding(everyone=["User.Read"])
ASSIGNED = finding(everyone=["User.Read", "Mail.Read"], assignment_required=True)
NOTHING = finding(everyone=[])
UNKNOWN = finding("unknown", code="AADSTS90002")


@pytest.fixture
def granted():
    return ConsentRequestFactory(granted=True, granted_at=NOON)


def tickets():
    """The monitor's, in order: what changed, how it stands."""
    rows = Ticket.objects.filter(opened_by="monitor").order_by("pk")
    return list(rows.values_list("change", "state"))


def notes():
    (ticket,) = Ticket.objects.filter(opened_by="monitor")
    return [
        (reply.author, reply.agent, reply.is_public, reply.body)
        for reply in ticket.replies.order_by("pk")
    ]


def bodies():
    return [body for _author, _agent, _public, body in notes()]


@pytest.mark.parametrize(
    ("found", "change"), [(ABSENT, "revoked"), (NOTHING, "revoked"), (NARROWED, "narrowed")]
)
def test_approval_that_is_gone_or_smaller_is_a_ticket(granted, found, change):
    for minutes in (0, 8):
        look(granted, found, minutes=minutes)
    before = tickets()
    look(granted, found, minutes=16)

    assert (before, tickets(), granted.state) == ([], [(change, "open")], "revoked")
    ticket = Ticket.objects.get(opened_by="monitor")
    assert (ticket.request, ticket.tenant, ticket.app, ticket.contact) == (
        granted,
        granted.tenant,
        granted.app,
        None,
    )


def test_note_names_the_difference_and_is_for_agents_alone(granted):
    for minutes in (0, 8, 16):
        look(granted, NARROWED, minutes=minutes)

    (note,) = notes()
    assert note[:3] == ("agent", None, False)
    assert note[3].splitlines()[1:] == ["Missing: Mail.Read (delegated)"]
    events = Event.objects.filter(kind="ticket_found").values_list("actor", "detail")
    assert list(events) == [("worker", "narrowed")]
    assert OutboxMessage.objects.count() == 0


def test_note_of_an_approval_that_is_gone_names_all_of_it(granted):
    for minutes in (0, 8, 16):
        look(granted, ABSENT, minutes=minutes)

    assert bodies()[0].splitlines()[1:] == ["Missing: Mail.Read (delegated), User.Read (delegated)"]


def test_app_that_was_switched_off_is_one_ticket_that_ends_by_itself(granted):
    for minutes in (0, DAY):
        look(granted, DISABLED, minutes=minutes)
    assert (tickets(), granted.state) == ([("disabled", "open")], "granted")

    look(granted, GRANTED, minutes=2 * DAY)

    assert tickets() == [("disabled", "closed")]
    assert bodies()[0].splitlines()[1:] == ["Microsoft's code: AADSTS7000112"]
    assert bodies()[1] == "The worker sees the app switched on again."
    closed = Event.objects.filter(kind="ticket_closed").values_list("actor", flat=True)
    assert list(closed) == ["worker"]


def test_ticket_that_an_agent_has_stays_his(granted):
    look(granted, DISABLED)
    Ticket.objects.update(agent=UserFactory())

    look(granted, GRANTED, minutes=DAY)

    assert (tickets(), len(notes())) == ([("disabled", "open")], 2)


def test_ticket_that_an_agent_closed_is_not_opened_again_while_nothing_changes(granted):
    look(granted, DISABLED)
    Ticket.objects.get().move("closed")

    look(granted, DISABLED, minutes=DAY)
    assert tickets() == [("disabled", "closed")]

    look(granted, GRANTED, minutes=2 * DAY)
    look(granted, DISABLED, minutes=3 * DAY)
    assert tickets() == [("disabled", "closed"), ("disabled", "open")]


def test_assignment_that_was_switched_on_changes_the_reach(granted):
    look(granted, ASSIGNED)
    told = [(granted.reach, tickets())]
    look(granted, ASSIGNED, minutes=DAY)
    look(granted, GRANTED, minutes=2 * DAY)
    told.append((granted.reach, tickets()))

    assert told == [
        ("assigned", [("assignment", "open")]),
        ("everyone", [("assignment", "closed")]),
    ]
    assert bodies()[1] == "The worker sees that everybody gets in again."


def test_grant_for_assigned_people_is_no_change(granted):
    type(granted).objects.update(reach="assigned")
    granted.refresh_from_db()

    look(granted, ASSIGNED)

    assert (granted.reach, tickets()) == ("assigned", [])


def test_tenant_unknown_for_three_days_is_gone(granted):
    told = []
    for days in (0, 1, 2.9, 3, 4):
        look(granted, UNKNOWN, minutes=days * DAY)
        told.append(tickets())

    assert told == [[], [], [], [("deleted", "open")], [("deleted", "open")]]
    assert bodies()[0].splitlines()[1:] == ["Microsoft's code: AADSTS90002"]
    assert granted.state == "granted"


@pytest.mark.parametrize(
    ("found", "waits"), [(UNKNOWN, timedelta(days=1)), (finding("unknown"), timedelta(minutes=1))]
)
def test_tenant_that_is_unknown_is_looked_at_no_more_often(granted, settings, found, waits):
    settings.CHECK_PACE, settings.MONITOR_EVERY = 1, timedelta(days=1)

    look(granted, GRANTED, minutes=-DAY)

    watch = look(granted, found)

    assert waits * 0.9 <= watch.next_check_at - NOON <= waits * 1.1


def test_tenant_that_is_found_in_between_is_not_gone(granted):
    for days, found in ((0, UNKNOWN), (2, GRANTED), (4, UNKNOWN), (6.9, UNKNOWN)):
        look(granted, found, minutes=days * DAY)

    assert tickets() == []


def test_tenant_that_cannot_be_asked_in_between_may_still_be_gone(granted):
    for days, found in ((0, UNKNOWN), (2, finding("throttled", code="429")), (3, UNKNOWN)):
        look(granted, found, minutes=days * DAY)

    assert tickets() == [("deleted", "open")]


def test_tenant_whose_looks_were_pruned_waits_for_the_next(granted):
    watch = WatchFactory(of=granted)
    CheckFactory(watch=watch, outcome="unknown", code="AADSTS50999")

    changes.mind_the_tenant(watch, granted, changes.NO_SUCH_TENANT)

    assert tickets() == []


def test_tenant_that_microsoft_knows_again_ends_its_ticket(granted):
    for days, found in ((0, UNKNOWN), (3, UNKNOWN), (5, GRANTED)):
        look(granted, found, minutes=days * DAY)

    assert tickets() == [("deleted", "closed")]


def test_tenant_that_an_agent_knows_to_be_gone_is_told_once(granted):
    for days in (0, 3):
        look(granted, UNKNOWN, minutes=days * DAY)
    Ticket.objects.get().move("closed")

    look(granted, UNKNOWN, minutes=4 * DAY)

    assert tickets() == [("deleted", "closed")]


def test_approval_given_anew_ends_what_was_open(granted):
    for minutes in (0, 8, 16):
        look(granted, NARROWED, minutes=minutes)
    ticket = Ticket.objects.get(opened_by="monitor")
    successor = requests.take_up(granted, by=WORKER)
    links.send(successor, to=ContactFactory(), by=WORKER, from_ticket=ticket)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.request) == ("waiting", successor)

    look(successor, GRANTED, minutes=30)

    assert (successor.state, tickets()) == ("granted", [("narrowed", "closed")])
    assert bodies()[1] == "The worker sees the whole approval again."
    kinds = list(OutboxMessage.objects.order_by("pk").values_list("kind", flat=True).order_by("pk"))
    assert kinds == ["approval_request", "consent_receipt"]


def test_approval_given_anew_for_assigned_people_leaves_their_ticket(granted):
    changes.found(granted, Ticket.Change.ASSIGNMENT)
    for minutes in (0, 8, 16):
        look(granted, ABSENT, minutes=minutes)

    look(granted, ASSIGNED, minutes=DAY)

    assert tickets() == [("assignment", "open"), ("revoked", "closed")]


def test_monitors_ticket_is_nobody_who_waits(granted):
    changes.found(granted, Ticket.Change.DISABLED)
    waits = TicketFactory(request=granted, waiting=True)

    look(granted, GRANTED)

    waits.refresh_from_db()
    assert (waits.state, tickets()) == ("ready", [("disabled", "open")])


def test_second_ticket_of_a_change_while_one_is_open_is_refused(granted):
    changes.found(granted, Ticket.Change.DISABLED)

    assert changes.found(granted, Ticket.Change.DISABLED) is None
    with pytest.raises(IntegrityError):
        TicketFactory(request=granted, contact=None, opened_by="monitor", change="disabled")


def test_change_on_a_requesters_ticket_is_refused():
    with pytest.raises(IntegrityError, match="ticket_of_a_change_is_the_monitors"):
        TicketFactory(change="disabled", request=ConsentRequestFactory())


def test_missing_permissions_of_both_kinds_are_named():
    app = AppRegistrationFactory(needs=["Mail.Read", "application Mail.Read"])
    request = ConsentRequestFactory(app=app, granted=True, granted_at=NOON)
    for minutes in (0, 8, 16):
        look(request, finding(everyone=["Mail.Read"], application=[]), minutes=minutes)

    assert tickets() == [("narrowed", "open")]
    assert bodies()[0].splitlines()[1:] == ["Missing: Mail.Read (application)"]
    assert {one.resource_client_id for one in app.permissions()} == {GRAPH}
    assert timedelta(days=3) == changes.GONE_AFTER
