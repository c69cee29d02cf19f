from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from consent.models import InvalidTransition, OutboxMessage
from tests.factories import (
    MailStopFactory,
    OutboxMessageFactory,
    PulseFactory,
    RateCountFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

STATES = ["queued", "sending", "sent", "failed", "dropped"]
DOORS = {
    "queued": ["sending", "failed", "dropped"],
    "sending": ["queued"],
    "sent": ["queued", "sending"],
    "failed": ["sending"],
    "dropped": ["queued", "sending"],
}


def mail_in(state, **fields):
    return OutboxMessageFactory(**({} if state == "queued" else {state: True}), **fields)


def fields_for(state):
    now = timezone.now()
    return {"sending": {"claimed_at": now}, "sent": {"sent_at": now}}.get(state, {})


@pytest.mark.parametrize("state", STATES)
def test_mail_can_stand_in_every_state(state):
    mail = mail_in(state)

    assert (mail.state, str(mail)) == (state, f"confirm_request {mail.pk}")


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("was", STATES)
def test_mail_moves_through_its_doors_alone(was, to):
    mail = mail_in(was)

    if was in DOORS[to]:
        mail.move(to, **fields_for(to))
        assert mail.state == to
    else:
        with pytest.raises(InvalidTransition, match=f"OutboxMessage {mail.pk}: {was} -> {to}"):
            mail.move(to, **fields_for(to))
        mail.refresh_from_db()
        assert mail.state == was


def test_mail_held_by_two_workers_is_claimed_once():
    mail = mail_in("queued")
    mine, yours = (OutboxMessage.objects.get(pk=mail.pk) for _ in range(2))

    mine.move("sending", claimed_at=timezone.now(), attempts=1)
    with pytest.raises(InvalidTransition):
        yours.move("sending", claimed_at=timezone.now(), attempts=2)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.claimed_at) == ("sending", 1, mine.claimed_at)


def test_mail_sent_without_date_is_refused():
    with pytest.raises(IntegrityError, match="mail_sent_exactly_with_date"):
        mail_in("sent", sent_at=None)


@pytest.mark.parametrize("state", ["queued", "sending", "failed", "dropped"])
def test_mail_not_sent_with_date_is_refused(state):
    with pytest.raises(IntegrityError, match="mail_sent_exactly_with_date"):
        mail_in(state, sent_at=timezone.now())


def test_mail_in_sending_that_nobody_claimed_is_refused():
    with pytest.raises(IntegrityError, match="mail_in_sending_was_claimed"):
        mail_in("sending", claimed_at=None)


def test_mail_without_a_key_is_refused():
    with pytest.raises(IntegrityError, match="mail_has_a_key"):
        OutboxMessageFactory(key="")


def test_mail_with_a_key_used_before_is_refused():
    OutboxMessageFactory(key="consent-granted:1:1")

    with pytest.raises(IntegrityError):
        OutboxMessageFactory(key="consent-granted:1:1")


def test_counter_twice_in_one_span_is_refused():
    now = timezone.now()
    row = RateCountFactory(subject="a", span_start=now, count=3)
    assert str(row) == f"3 since {now:%H:%M}"

    with pytest.raises(IntegrityError):
        RateCountFactory(subject="a", span_start=now)


def test_pulse_of_one_part_twice_is_refused():
    assert str(PulseFactory(name="checks")) == "checks"

    with pytest.raises(IntegrityError):
        PulseFactory(name="checks")


def test_stop_that_ended_before_it_began_is_refused():
    with pytest.raises(IntegrityError, match="stop_ends_after_it_began"):
        MailStopFactory(ended_at=timezone.now() - timedelta(days=1))


def test_stop_that_stands_and_was_ended_by_somebody_is_refused():
    with pytest.raises(IntegrityError, match="stop_ended_by_with_date"):
        MailStopFactory(ended_by=UserFactory())


def test_stop_is_named_by_its_beginning():
    assert str(MailStopFactory(since=datetime(2026, 1, 5, 12, tzinfo=UTC))) == "2026-01-05 12:00"
