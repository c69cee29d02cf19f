from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine

from consent.models import InvalidTransition, OutboxMessage
from consent.outbox import delivery, messages
from tests.factories import ContactFactory, OutboxMessageFactory, TicketFactory
from tests.races import meanwhile

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
NOWHERE = "tests.consent.outbox.backends.Nowhere"
REFUSING = "tests.consent.outbox.backends.Refusing"


def queue(key="confirm-request:1", ticket=None):
    ticket = ticket or TicketFactory(unconfirmed=True)
    return messages.queue("confirm_request", key=key, to=ticket.contact, ticket=ticket)


def fresh(mail):
    mail.refresh_from_db()
    return mail


def test_same_key_queues_once():
    first, second = queue(), queue()

    assert first == second
    assert (first.state, first.attempts, OutboxMessage.objects.count()) == ("queued", 0, 1)


@pytest.mark.django_db(transaction=True)
def test_queued_mail_leaves_at_once_and_once(run_tasks, mailoutbox):
    mail = queue()
    queue()
    run_tasks("outbox.deliver", mail.pk)

    assert [letter.to for letter in mailoutbox] == [[mail.to.email]]
    assert (fresh(mail).state, mail.attempts) == ("sent", 1)


@time_machine.travel(NOON, tick=False)
def test_delivered_mail_is_marked_with_its_time(mailoutbox):
    mail = queue()

    assert delivery.deliver(mail.pk) is True
    assert delivery.deliver(mail.pk) is False

    assert (fresh(mail).state, mail.sent_at, mail.claimed_at) == ("sent", NOON, NOON)
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("state", ["sending", "sent", "failed", "dropped"])
def test_mail_that_is_not_queued_does_not_leave(state, mailoutbox):
    mail = OutboxMessageFactory(**{state: True})

    assert delivery.deliver(mail.pk) is False
    assert (fresh(mail).state, mailoutbox) == (state, [])


def test_mail_that_is_not_due_or_gone_does_not_leave(mailoutbox):
    with time_machine.travel(NOON):
        mail = OutboxMessageFactory(due_at=NOON + timedelta(minutes=1))

        assert [delivery.deliver(key) for key in (mail.pk, 404)] == [False, False]
    assert mailoutbox == []


def test_mail_that_is_no_longer_true_is_dropped(mailoutbox):
    mail = queue(ticket=TicketFactory())

    assert delivery.deliver(mail.pk) is False

    assert (fresh(mail).state, mail.error, mailoutbox) == ("dropped", "no longer true", [])


def test_mail_to_who_wants_none_is_dropped(mailoutbox):
    ticket = TicketFactory(unconfirmed=True, contact=ContactFactory(stopped_at=NOON))
    mail = queue(ticket=ticket)

    delivery.deliver(mail.pk)

    assert (fresh(mail).state, mail.error, mailoutbox) == ("dropped", "stopped", [])


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(0, 1), (1, 2), (2, 5), (3, 15), (4, 30), (5, 60), (6, 120), (7, 240), (8, 480)],
)
@time_machine.travel(NOON, tick=False)
def test_mail_that_did_not_leave_is_tried_again_ever_more_slowly(settings, attempts, minutes):
    settings.EMAIL_BACKEND = NOWHERE
    mail = OutboxMessageFactory(attempts=attempts)

    assert delivery.deliver(mail.pk) is False

    assert (fresh(mail).state, mail.attempts) == ("queued", attempts + 1)
    assert (mail.due_at, mail.error) == (NOON + timedelta(minutes=minutes), "TimeoutError")


def test_mail_is_given_up_after_three_days(settings):
    settings.EMAIL_BACKEND = NOWHERE
    mail = OutboxMessageFactory(attempts=len(delivery.RETRY_AFTER))

    delivery.deliver(mail.pk)

    assert (fresh(mail).state, mail.attempts, mail.error) == (
        "failed",
        len(delivery.RETRY_AFTER) + 1,
        "TimeoutError",
    )
    assert timedelta(days=3) < sum(delivery.RETRY_AFTER, timedelta()) < timedelta(days=4)


def test_mail_refused_for_good_is_given_up_at_once(settings):
    settings.EMAIL_BACKEND = REFUSING
    mail = OutboxMessageFactory()

    delivery.deliver(mail.pk)

    assert (fresh(mail).state, mail.error) == ("failed", "550 No such user")


def test_mail_tried_again_has_the_same_message_id(settings, mailoutbox):
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = NOWHERE
    mail, other = queue("a"), queue("b")
    delivery.deliver(mail.pk)
    settings.EMAIL_BACKEND = works
    # A twin: the server took it, and the worker died before it could say so.
    for _ in range(2):
        OutboxMessage.objects.filter(pk=mail.pk).update(state="queued", due_at=NOON, sent_at=None)
        delivery.deliver(mail.pk)
    delivery.deliver(other.pk)

    ids = [letter.extra_headers["Message-ID"] for letter in mailoutbox]
    assert ids[0] == ids[1] != ids[2]


def test_mail_given_up_may_go_again(mailoutbox):
    mail = OutboxMessageFactory(failed=True, attempts=10, error="TimeoutError")

    messages.send_again(mail)
    assert (fresh(mail).state, mail.attempts, mail.error) == ("queued", 0, "")

    assert delivery.deliver(mail.pk) is True


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "dropped"])
def test_mail_not_given_up_does_not_go_again(state):
    mail = OutboxMessageFactory(**({} if state == "queued" else {state: True}))

    with pytest.raises(InvalidTransition):
        messages.send_again(mail)

    assert fresh(mail).state == state


def test_sweep_frees_what_a_dead_worker_held():
    with time_machine.travel(NOON):
        dead, alive = (
            OutboxMessageFactory(sending=True, claimed_at=NOON - timedelta(seconds=seconds))
            for seconds in (46, 44)
        )
        delivery.sweep()

    assert [fresh(mail).state for mail in (dead, alive)] == ["queued", "sending"]


def test_sweep_sets_aside_a_mail_that_ends_its_worker_again_and_again():
    with time_machine.travel(NOON):
        held = {"sending": True, "claimed_at": NOON - timedelta(minutes=1)}
        last, deadly = (OutboxMessageFactory(attempts=n, **held) for n in (20, 21))
        delivery.sweep()

    assert [fresh(mail).state for mail in (last, deadly)] == ["queued", "failed"]


@pytest.mark.django_db(transaction=True)
def test_sweep_delivers_what_nobody_rang_for(run_tasks, mailoutbox):
    with time_machine.travel(NOON):
        lost, fresh_one, later = (
            OutboxMessageFactory(due_at=NOON - timedelta(seconds=seconds))
            for seconds in (6, 4, -60)
        )

        assert delivery.sweep() == 1

    assert [fresh(mail).state for mail in (lost, fresh_one, later)] == ["sent", "sent", "queued"]
    assert len(mailoutbox) == 2


def moved(mail, state, **fields):
    """What another worker does to the row."""
    return lambda: OutboxMessage.objects.filter(pk=mail.pk).update(state=state, **fields)


def test_mail_that_another_worker_claims_first_does_not_leave_here(mailoutbox):
    mail = OutboxMessageFactory()

    with meanwhile(
        moved(mail, "sending", claimed_at=NOON), before='UPDATE "consent_outboxmessage"'
    ):
        assert delivery.deliver(mail.pk) is False

    assert (fresh(mail).claimed_at, mailoutbox) == (NOON, [])


def test_sweep_leaves_alone_what_was_sent_after_all():
    with time_machine.travel(NOON):
        mail = OutboxMessageFactory(sending=True, claimed_at=NOON - timedelta(minutes=1))
        with meanwhile(moved(mail, "sent", sent_at=NOON), before='UPDATE "consent_outboxmessage"'):
            delivery.sweep()

    assert fresh(mail).state == "sent"


def test_sweep_leaves_alone_what_is_on_its_way_anew():
    with time_machine.travel(NOON):
        mail = OutboxMessageFactory(sending=True, claimed_at=NOON - timedelta(minutes=1))
        taken_anew = partial(OutboxMessage.objects.update, claimed_at=NOON)
        with meanwhile(taken_anew, before='SELECT "consent_outboxmessage"."id", '):
            delivery.sweep()

    assert (fresh(mail).state, mail.claimed_at) == ("sending", NOON)


def test_all_mails_given_up_may_go_again_at_once(mailoutbox):
    mails = OutboxMessageFactory.create_batch(2, failed=True, attempts=20, error="550 No such user")
    sent = OutboxMessageFactory(sent=True)

    assert (messages.send_all_again(), messages.send_all_again()) == (2, 0)

    assert [(fresh(mail).state, mail.attempts, mail.error) for mail in mails] == [
        ("queued", 0, "")
    ] * 2
    assert (delivery.deliver_due(), fresh(sent).state, len(mailoutbox)) == (2, "sent", 2)
    assert messages.counts() == messages.Counts(waiting=0, given_up=0)
