import logging

import pytest
from django.db import transaction

from consent.outbox.doorbell import ring
from tests.factories import OutboxMessageFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_bell_is_rung_after_the_commit(run_tasks, mailoutbox):
    mail = OutboxMessageFactory()

    with transaction.atomic():
        ring("outbox.deliver", mail.pk)
        assert mailoutbox == []

    assert len(mailoutbox) == 1


def test_bell_is_silent_after_a_rollback(run_tasks, mailoutbox):
    mail = OutboxMessageFactory()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ring("outbox.deliver", mail.pk)
        raise ZeroDivisionError

    assert mailoutbox == []


def test_bell_that_finds_no_broker_is_lost_and_logged(caplog):
    # Nobody listens at the tests' REDIS_URL.
    with caplog.at_level(logging.WARNING, "consent.outbox.doorbell"), transaction.atomic():
        ring("outbox.deliver", 1)

    assert [record.message for record in caplog.records] == [
        "no bell for outbox.deliver: OperationalError"
    ]
