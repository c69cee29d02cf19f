"""One bad row or step stops only itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consent import deadlines
from consent.models import Check, Ticket
from tenants.models import Contact
from tests.factories import CheckFactory, TicketFactory, WatchFactory
from tests.races import meanwhile

pytestmark = pytest.mark.django_db


def lost(address="ana@contoso.example", **ago):
    """A confirmed ticket whose tenant is not known yet; `confirmed`, `sought` seconds ago."""
    now = timezone.now()
    sought = ago.get("sought")
    return TicketFactory(
        contact=Contact.objects.get_or_create(email=address)[0],
        request=None,
        tenant=None,
        placed_at=None,
        confirmed_at=now - timedelta(seconds=ago.get("confirmed", 60)),
        sought_at=None if sought is None else now - timedelta(seconds=sought),
    )


def placed():
    """Which of them have been placed, by address."""
    done = Ticket.objects.filter(placed_at__isnull=False).order_by("pk")
    return [ticket.contact.email for ticket in done]


def test_sweep_goes_on_where_one_deadline_fails(monkeypatch, caplog):
    def broken():
        raise RuntimeError

    done = []
    monkeypatch.setattr(deadlines, "place_what_was_lost", broken)
    monkeypatch.setattr(deadlines, "prune", lambda: done.append("pruned"))

    deadlines.sweep()

    assert (done, [record.levelname for record in caplog.records]) == (["pruned"], ["ERROR"])


@pytest.mark.parametrize("state", ["closed", "solved"])
def test_ticket_that_left_before_it_was_placed_joins_nothing(state):
    ticket = TicketFactory(**{state: True}, request=None, tenant=None, placed_at=None)

    deadlines.place_what_was_lost()

    ticket.refresh_from_db()
    assert (ticket.placed_at, ticket.request, ticket.state) == (None, None, state)


@pytest.mark.parametrize(
    ("confirmed", "sought", "is_sought"),
    [
        (4, None, False),
        (60, None, True),
        (60, 20, False),
        (60, 31, True),
        (3600, 31, False),
        (3600, 601, True),
    ],
)
def test_tenant_is_sought_soon_again_and_then_more_seldom(microsoft, confirmed, sought, is_sought):
    lost(confirmed=confirmed, sought=sought)

    deadlines.place_what_was_lost()

    assert placed() == (["ana@contoso.example"] if is_sought else [])


def test_tickets_that_can_never_be_placed_stand_in_nobodys_way(monkeypatch):
    sought = []
    monkeypatch.setattr(deadlines, "SOUGHT_AT_ONCE", 2)
    monkeypatch.setattr(deadlines.placing, "place", lambda ticket: sought.append(ticket.pk))
    oldest, older, old = (lost(sought=seconds).pk for seconds in (900, 800, 700))
    never = lost().pk

    for _ in range(3):
        deadlines.place_what_was_lost()

    assert sought == [never, oldest, older, old]


def test_sweep_that_has_taken_long_leaves_the_rest_to_the_next(microsoft, monkeypatch):
    monkeypatch.setattr(deadlines, "SOUGHT_FOR_S", -1.0)
    lost()

    deadlines.place_what_was_lost()

    assert placed() == []


def test_ticket_that_another_sweep_seeks_is_left_to_it(microsoft):
    ticket = lost()

    def sought_by_another():
        Ticket.objects.filter(pk=ticket.pk).update(sought_at=timezone.now())

    with meanwhile(sought_by_another, before='UPDATE "consent_ticket" SET "sought_at"'):
        deadlines.place_what_was_lost()

    assert placed() == []


@pytest.mark.parametrize(("seconds", "left"), [(5.0, 0), (-1.0, 3)])
def test_old_looks_go_as_many_as_there_is_time_for(monkeypatch, seconds, left):
    monkeypatch.setattr(deadlines, "PRUNED", 2)
    monkeypatch.setattr(deadlines, "PRUNED_FOR_S", seconds)
    watch, long_ago = WatchFactory(), timezone.now() - timedelta(days=31)
    CheckFactory.create_batch(5, watch=watch, at=long_ago)

    deadlines.prune()

    assert Check.objects.count() == left
