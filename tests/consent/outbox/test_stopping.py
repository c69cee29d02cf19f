"""The switch that holds back all mails."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command

from consent.models import MailStop, OutboxMessage
from consent.outbox import delivery, stopping
from tests.consent.outbox import backends
from tests.factories import OutboxMessageFactory, UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


def states():
    return list(OutboxMessage.objects.order_by("pk").values_list("state", "attempts"))


def test_mails_wait_while_stopped_and_leave_afterwards(mailoutbox, clock):
    agent = UserFactory()
    mail = OutboxMessageFactory()
    stopping.stop(by=agent)

    assert (delivery.deliver(mail.pk), delivery.deliver_due(), delivery.sweep()) == (False, 0, 0)
    clock.shift(timedelta(days=30))
    assert (delivery.deliver_due(), delivery.sweep(), mailoutbox) == (0, 1, [])
    assert states() == [("queued", 0)]
    assert stopping.resume(by=agent) is True

    assert (delivery.deliver_due(), states()) == (1, [("sent", 1)])
    assert list(
        MailStop.objects.order_by("pk").values_list("since", "by", "ended_at", "ended_by")
    ) == [(NOON, agent.pk, NOON + timedelta(days=30), agent.pk)]


@pytest.mark.django_db(transaction=True)
def test_mails_that_waited_leave_with_the_bell_of_the_switch(run_tasks, mailoutbox):
    stopping.stop(by=None)
    OutboxMessageFactory.create_batch(2)

    stopping.resume(by=None)

    assert len(mailoutbox) == 2


def test_sweep_rings_for_nobody_while_stopped(monkeypatch, clock):
    OutboxMessageFactory()
    stopping.stop(by=None)
    rung = []
    monkeypatch.setattr(delivery, "ring", rung.append)
    clock.shift(timedelta(minutes=1))

    delivery.sweep()
    stopping.resume(by=None)
    delivery.sweep()

    assert rung == ["outbox.deliver_due"]


def test_batch_in_hand_ends_with_the_letter_that_is_leaving(settings, monkeypatch):
    settings.EMAIL_BACKEND = "tests.consent.outbox.backends.Switching"
    monkeypatch.setattr(delivery, "MARK_WITHIN_S", 0)
    OutboxMessageFactory.create_batch(3)

    assert delivery.deliver_due() == 1

    assert states() == [("sent", 1), ("queued", 0), ("queued", 0)]
    assert OutboxMessage.objects.filter(claimed_at=None).count() == 2
    assert backends.Switching.taken == 1


def test_stop_that_stands_is_kept():
    first = stopping.stop(by=None)

    assert (stopping.stop(by=UserFactory()), stopping.standing()) == (first, first)
    assert MailStop.objects.count() == 1


def test_resume_of_what_is_not_stopped_does_nothing():
    assert (stopping.resume(by=None), stopping.standing()) == (False, None)


def test_command_stops_resumes_and_tells(capsys, mailoutbox):
    OutboxMessageFactory()
    OutboxMessageFactory(failed=True)
    told = []
    for act in ([], ["stop"], ["status"], ["resume"]):
        call_command("mails", *act)
        told.append(capsys.readouterr().out)

    assert told == [
        "Mails are leaving: 1 wait, 1 given up.\n",
        "Mails are stopped since 2026-01-05 12:00 UTC: 1 wait, 1 given up.\n",
        "Mails are stopped since 2026-01-05 12:00 UTC: 1 wait, 1 given up.\n",
        "Mails are leaving: 1 wait, 1 given up.\n",
    ]
