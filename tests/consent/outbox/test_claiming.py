"""Which mails may leave now: in order for each recipient, within the limit, none while stopped."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent.models import OutboxMessage
from consent.outbox import claiming, delivery
from consent.outbox.rendering import render
from tests.factories import (
    ContactFactory,
    MailStopFactory,
    OutboxMessageFactory,
    TicketFactory,
)
from tests.races import meanwhile

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOWHERE = "tests.consent.outbox.backends.Nowhere"
PICKY = "tests.consent.outbox.backends.Picky"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


def mails_to(contact, *kinds, **fields):
    """One mail after the other to that person; each is true."""
    ticket = TicketFactory(unconfirmed=True, contact=contact)
    return [OutboxMessageFactory(ticket=ticket, **kind, **fields) for kind in kinds or ({},)]


def states():
    return list(OutboxMessage.objects.order_by("pk").values_list("state", "attempts"))


def sent_to(mailoutbox):
    return [letter.to[0] for letter in mailoutbox]


def test_later_mail_waits_for_the_earlier_ones_next_try(mailoutbox, settings, clock):
    works, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, NOWHERE
    ana, ben = ContactFactory(), ContactFactory()
    [first] = mails_to(ana)
    delivery.deliver(first.pk)
    settings.EMAIL_BACKEND = works
    [second], _other = mails_to(ana), mails_to(ben)

    assert (delivery.deliver(second.pk), delivery.deliver_due()) == (False, 1)
    assert states() == [("queued", 1), ("queued", 0), ("sent", 1)]
    clock.shift(MINUTE)
    assert delivery.deliver(second.pk) is True

    assert states() == [("sent", 2), ("sent", 1), ("sent", 1)]
    ids = [letter.extra_headers["Message-ID"] for letter in mailoutbox]
    assert sent_to(mailoutbox) == [ben.email, ana.email, ana.email]
    assert len(set(ids)) == 3


def test_later_mail_in_the_same_batch_waits_as_well(settings):
    settings.EMAIL_BACKEND = PICKY
    ana = ContactFactory(email="ana@full.example")
    mails_to(ana, {}, {})
    OutboxMessageFactory()

    assert delivery.deliver_due() == 1

    # Nothing of the second one was tried, so it has all its tries still.
    assert states() == [("queued", 1), ("queued", 0), ("sent", 1)]


def test_mail_given_up_blocks_nobody(settings, mailoutbox):
    ana = ContactFactory()
    mails_to(ana, {"failed": True}, {"dropped": True}, {})

    assert delivery.deliver_due() == 1

    assert states() == [("failed", 1), ("dropped", 0), ("sent", 1)]


def test_mail_refused_for_good_lets_the_next_one_go_in_the_same_batch(settings):
    settings.EMAIL_BACKEND = "tests.consent.outbox.backends.Refusing"
    mails_to(ContactFactory(), {}, {})

    delivery.deliver_due()

    assert states() == [("failed", 1), ("failed", 1)]


def test_mail_that_somebody_sends_just_now_keeps_the_later_one_back(mailoutbox):
    ana = ContactFactory()
    [_held, later] = mails_to(ana, {"sending": True}, {})

    assert (delivery.deliver(later.pk), delivery.deliver_due()) == (False, 0)
    assert states() == [("sending", 1), ("queued", 0)]


def test_mails_of_one_person_leave_in_the_order_in_which_they_were_queued(mailoutbox):
    ana = ContactFactory()
    keys = [mail.pk for mail in mails_to(ana, *[{}] * 60)]

    assert delivery.deliver(keys[-1]) is True

    assert states() == [("sent", 1)] * 60
    assert [letter.extra_headers["Message-ID"] for letter in mailoutbox] == [
        render(mail).message_id for mail in OutboxMessage.objects.order_by("pk")
    ]


def test_later_mail_is_left_where_another_worker_takes_the_earlier_one_in_this_moment():
    ana = ContactFactory()
    first, later = mails_to(ana, {}, {})

    # SKIP LOCKED passes over the first, though it still reads as queued.
    assert claiming._in_turn({later.pk: ana.pk}) == []
    assert claiming._in_turn({first.pk: ana.pk, later.pk: ana.pk}) == [first.pk, later.pk]


def test_claimed_rows_are_given_back_without_a_try():
    OutboxMessageFactory()
    [mail] = claiming.claim(50)
    assert (mail.state, mail.attempts, mail.claimed_at) == ("sending", 1, NOON)

    claiming.give_back([mail.pk])

    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.claimed_at) == ("queued", 0, None)


def test_no_more_mails_leave_in_a_minute_than_the_provider_allows(settings, mailoutbox, clock):
    settings.MAILS_PER_MINUTE = 5
    OutboxMessageFactory.create_batch(12)

    left = []
    for _ in range(13):
        left.append(delivery.deliver_due())
        clock.shift(timedelta(seconds=10))

    assert left == [5, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 2]
    assert [state for state, _attempts in states()] == ["sent"] * 12


def test_limit_holds_where_another_worker_takes_its_share_in_the_same_moment(settings):
    settings.MAILS_PER_MINUTE = 3
    OutboxMessageFactory.create_batch(5)
    others = list(OutboxMessage.objects.order_by("-pk")[:2].values_list("pk", flat=True))

    def take():
        OutboxMessage.move_all(others, "sending", claimed_at=NOON, attempts=1)

    with meanwhile(take, before='UPDATE "consent_outboxmessage"'):
        mine = claiming.claim(50)

    assert len(mine) == 1
    assert states() == [("sending", 1), ("queued", 0), ("queued", 0)] + [("sending", 1)] * 2


def test_all_goes_back_where_others_took_more_than_there_was_room_for(settings):
    settings.MAILS_PER_MINUTE = 3
    OutboxMessageFactory.create_batch(9)
    others = list(OutboxMessage.objects.order_by("-pk")[:6].values_list("pk", flat=True))

    def take():
        OutboxMessage.move_all(others, "sending", claimed_at=NOON, attempts=1)

    with meanwhile(take, before='UPDATE "consent_outboxmessage"'):
        mine = claiming.claim(50)

    assert mine == []
    assert states() == [("queued", 0)] * 3 + [("sending", 1)] * 6


def test_nothing_is_taken_while_mails_are_stopped():
    OutboxMessageFactory()
    MailStopFactory(ended_at=NOON, since=NOON - MINUTE)
    stop = MailStopFactory()

    assert claiming.claim(50) == []
    stop.ended_at = NOON
    stop.save()

    assert len(claiming.claim(50)) == 1
