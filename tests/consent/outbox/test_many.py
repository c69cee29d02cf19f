"""Many mails: one call, in order, and a server that goes away holds nobody."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent.models import Event, OutboxMessage
from consent.outbox import delivery, mail, messages
from consent.verification import telling
from tests.consent.outbox import backends
from tests.factories import (
    ConsentRequestFactory,
    ContactFactory,
    OutboxMessageFactory,
    TicketFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def counting(settings):
    """A mail server that counts."""
    settings.EMAIL_BACKEND = "tests.consent.outbox.backends.Counting"
    backends.Counting.begin()
    return backends.Counting


def states():
    return list(OutboxMessage.objects.order_by("pk").values_list("state", "attempts"))


def test_due_mails_leave_in_order_over_one_call(counting):
    with time_machine.travel(NOON):
        later, first = (
            OutboxMessageFactory(due_at=NOON - timedelta(minutes=minutes)) for minutes in (1, 2)
        )

        assert delivery.deliver_due() == 2

    assert (counting.calls, counting.letters) == (1, [first.to.email, later.to.email])
    assert states() == [("sent", 1), ("sent", 1)]


def test_call_is_renewed_before_the_server_loses_patience(counting, settings):
    settings.MAILS_A_CONNECTION = 2
    OutboxMessageFactory.create_batch(5)

    assert delivery.deliver_due() == 5

    assert counting.calls == 3


def test_server_that_hung_up_in_between_is_called_again(counting):
    counting.begin(drops={1})
    OutboxMessageFactory.create_batch(3)

    assert delivery.deliver_due() == 3

    assert (counting.calls, states()) == (2, [("sent", 1)] * 3)


def test_server_that_hangs_up_on_a_new_call_is_left_alone_for_a_while(counting):
    counting.begin(drops={0})
    OutboxMessageFactory.create_batch(2)

    with time_machine.travel(datetime.now(UTC), tick=False):
        delivery.deliver_due()

    # The first waits its minute; the second lost no try and goes with the next bell.
    assert states() == [("queued", 1), ("queued", 0)]
    assert delivery.deliver_due() == 1


def test_server_that_goes_away_gives_the_rest_back_at_once(settings):
    settings.EMAIL_BACKEND = "tests.consent.outbox.backends.Silent"
    backends.Silent.taken = 0
    OutboxMessageFactory.create_batch(6)

    with time_machine.travel(datetime.now(UTC), tick=False):
        assert delivery.deliver_due() == 3

    # Nobody's share of tries was spent on waiting behind another.
    assert states() == [("sent", 1)] * 3 + [("queued", 1)] + [("queued", 0)] * 2


def test_lease_of_a_long_batch_is_renewed_on_the_way(counting, monkeypatch):
    monkeypatch.setattr(delivery, "RENEW_S", 0)
    monkeypatch.setattr(delivery, "MARK_WITHIN_S", 0)
    OutboxMessageFactory.create_batch(2)

    assert delivery.deliver_due() == 2
    assert states() == [("sent", 1)] * 2


def test_mails_that_are_no_longer_true_hold_up_nobody(counting):
    for unwanted in OutboxMessageFactory.create_batch(2):
        type(unwanted.to).objects.filter(pk=unwanted.to_id).update(stopped_at=NOON)
    OutboxMessageFactory()

    assert delivery.deliver_due() == 1

    assert [state for state, _attempts in states()] == ["dropped", "dropped", "sent"]


def test_mails_queued_together_are_queued_once():
    tickets = TicketFactory.create_batch(2, request=ConsentRequestFactory(granted=True))
    many = [messages.Addressed(f"k:{t.pk}", t.contact_id, t.pk) for t in tickets]

    messages.queue_many("consent_granted", many)
    messages.queue_many("consent_granted", many)
    messages.queue_many("consent_granted", [])

    assert OutboxMessage.objects.count() == 2


def waiting_crowd(number):
    request = ConsentRequestFactory(granted=True, confirmed_again_at=NOON)
    contacts = ContactFactory.create_batch(number)
    for contact in contacts:
        TicketFactory(request=request, waiting=True, contact=contact)
    return request


def test_crowd_is_told_with_as_many_statements_as_a_few():
    counts = []
    for number in (1, 3, 400):
        request = waiting_crowd(number)
        with CaptureQueriesContext(connection) as captured:
            assert telling.tell(request) == number
        counts.append(len(captured))

    # SQLite takes some hundred rows a statement.
    assert counts[0] == counts[1]
    assert counts[2] < 20
    assert (OutboxMessage.objects.count(), Event.objects.count()) == (404, 404)


def test_full_batch_rings_for_one_more_worker(counting, monkeypatch):
    monkeypatch.setattr(delivery, "BATCH", 2)
    rung = []
    monkeypatch.setattr(delivery, "ring", rung.append)
    OutboxMessageFactory.create_batch(5)

    assert delivery.deliver_due() == 5
    OutboxMessageFactory()
    delivery.deliver_due()

    assert rung == ["outbox.deliver_due"]


def test_turn_ends_so_that_looks_and_other_bells_have_theirs(counting, monkeypatch):
    monkeypatch.setattr(delivery, "BATCH", 2)
    monkeypatch.setattr(delivery, "TURN_S", 0)
    rung = []
    monkeypatch.setattr(delivery, "ring", rung.append)
    OutboxMessageFactory.create_batch(3)

    assert [delivery.deliver_due() for _ in range(3)] == [2, 1, 0]
    # One more for the full batch, and one at the end of each turn.
    assert rung == ["outbox.deliver_due"] * 3


def test_crowd_takes_two_threads_of_a_process_and_leaves_the_others(counting):
    OutboxMessageFactory()

    with delivery.LINES, delivery.LINES:
        assert delivery.deliver_due() == 0

    assert delivery.deliver_due() == 1


def test_marks_are_made_together(counting):
    OutboxMessageFactory.create_batch(30)

    with CaptureQueriesContext(connection) as captured:
        delivery.deliver_due()

    # One claims; the others mark.
    updates = [query["sql"] for query in captured if query["sql"].startswith("UPDATE")]
    assert len(updates) < 10
    assert states() == [("sent", 1)] * 30


def test_row_that_cannot_become_a_letter_holds_up_nobody(counting, caplog):
    poison, good = OutboxMessageFactory(kind="no_such_folder"), OutboxMessageFactory()

    with time_machine.travel(NOON, tick=False):
        OutboxMessage.objects.update(due_at=NOON)
        assert delivery.deliver_due() == 1

    poison.refresh_from_db()
    good.refresh_from_db()
    assert (poison.state, poison.error, good.state) == ("queued", "TemplateDoesNotExist", "sent")
    assert poison.due_at == NOON + timedelta(minutes=1)


def test_server_that_takes_none_of_many_letters_is_left_alone_for_a_while(settings):
    settings.EMAIL_BACKEND = "tests.consent.outbox.backends.Out"
    backends.Out.tried = 0
    OutboxMessageFactory.create_batch(mail.IN_A_ROW + 5)

    delivery.deliver_due()

    assert backends.Out.tried == mail.IN_A_ROW
    assert states() == [("queued", 1)] * mail.IN_A_ROW + [("queued", 0)] * 5


def test_server_that_takes_no_call_costs_no_mail_a_try(settings, counting):
    works, settings.EMAIL_BACKEND = (
        settings.EMAIL_BACKEND,
        "tests.consent.outbox.backends.Away",
    )
    OutboxMessageFactory.create_batch(3)

    assert [delivery.deliver_due() for _ in range(30)] == [0] * 30
    assert states() == [("queued", 0)] * 3
    assert OutboxMessage.objects.order_by("pk").first().error == "ConnectionRefusedError"
    settings.EMAIL_BACKEND = works

    assert (delivery.deliver_due(), states()) == (3, [("sent", 1)] * 3)
    assert OutboxMessage.objects.filter(error="").count() == 3
