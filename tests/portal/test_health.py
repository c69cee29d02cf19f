"""Alive, and ready for people?"""

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.utils import timezone

from portal.celery import app
from tests.factories import MailStopFactory, OutboxMessageFactory, PulseFactory


@pytest.fixture
def broker(monkeypatch):
    """A broker that answers: Celery's own in-memory one."""
    monkeypatch.setitem(app.conf, "broker_write_url", "memory://")


@pytest.fixture
def worker(db):
    """A worker that was at work a moment ago."""
    return PulseFactory(name="checks")


def test_healthz_asks_nobody(client):
    assert client.get("/healthz").json() == {"alive": True}


def test_readyz_when_everything_answers(client, broker, worker):
    page = client.get("/readyz")

    assert (page.status_code, page.json()) == (
        200,
        {"ready": True, "database": True, "broker": True, "worker": True, "mail": True},
    )


def test_readyz_without_a_broker(client, worker):
    page = client.get("/readyz")

    assert page.status_code == 503
    told = page.json()
    assert (told["ready"], told["database"], told["broker"], told["worker"]) == (
        False,
        True,
        False,
        True,
    )


@pytest.mark.parametrize("seconds", [None, 95])
def test_readyz_without_a_worker(client, broker, db, seconds):
    if seconds:
        PulseFactory(name="checks", at=timezone.now() - timedelta(seconds=seconds))
    PulseFactory(name="mail")

    page = client.get("/readyz")

    assert (page.status_code, page.json()["worker"]) == (503, False)


def test_readyz_with_a_mail_that_does_not_leave(client, broker, worker):
    with time_machine.travel(timezone.now() - timedelta(minutes=16)):
        OutboxMessageFactory(attempts=3)

    page = client.get("/readyz")

    assert (page.status_code, page.json()["mail"]) == (503, False)


def test_readyz_with_mails_that_are_held_back_on_purpose(client, broker, worker):
    with time_machine.travel(timezone.now() - timedelta(minutes=16)):
        OutboxMessageFactory()
    MailStopFactory()

    page = client.get("/readyz")

    assert (page.status_code, page.json()["mail"]) == (200, True)


def test_readyz_with_one_bad_address_while_other_mails_leave(client, broker, worker):
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        OutboxMessageFactory(attempts=2)
    OutboxMessageFactory()
    OutboxMessageFactory(sent=True, sent_at=timezone.now())

    assert client.get("/readyz").status_code == 200


def test_readyz_without_a_database(client, broker, db, monkeypatch):
    class Gone:
        def __enter__(self):
            raise DatabaseError

        def __exit__(self, *_error):
            return False

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", Gone)
        page = client.get("/readyz")

    assert (page.status_code, page.json()) == (
        503,
        {"ready": False, "database": False, "broker": True},
    )
