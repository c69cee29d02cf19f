"""Somebody else acts between one query and the next, and nothing is lost or done twice."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from consent import replies, talks
from consent.errors import NotOpen
from consent.models import OutboxMessage
from consent.outbox import delivery
from consent.verification import checker
from tests.consent.outbox import backends
from tests.consent.rows_stage import mails
from tests.consent.verification.look_stage import GRANTED, look
from tests.factories import (
    AppRegistrationFactory,
    ApprovalLinkFactory,
    ConsentRequestFactory,
    EvidenceFactory,
    OutboxMessageFactory,
    TicketFactory,
    UserFactory,
    WatchFactory,
)
from tests.races import meanwhile

pytestmark = pytest.mark.django_db
GLOBAL = "62e90394-69f5-4237-9190-012177145e10"  # Global Administrator


def changed(row, **fields):
    return lambda: type(row).objects.filter(pk=row.pk).update(**fields)


def test_ticket_withdrawn_while_others_are_told_stays_withdrawn():
    request = ConsentRequestFactory(asked=True)
    gone, waits = TicketFactory.create_batch(2, request=request, waiting=True)

    with meanwhile(changed(gone, state="closed"), before='UPDATE "consent_ticket"'):
        look(request, GRANTED)

    for ticket in (gone, waits):
        ticket.refresh_from_db()
    assert (request.state, gone.state, waits.state) == ("granted", "closed", "ready")
    assert mails() == [("consent_granted", waits.contact.email)]


@pytest.fixture
def slow(settings, monkeypatch):
    """A mail server that answers after the lease; tells what was done to the row by then."""
    settings.EMAIL_BACKEND = "tests.consent.outbox.backends.Slow"

    def answers(error=None, **meanwhile):
        monkeypatch.setattr(backends.Slow, "meanwhile", meanwhile)
        monkeypatch.setattr(backends.Slow, "error", error)

    return answers


def test_mail_that_left_after_its_lease_needs_no_twin(slow, caplog):
    slow(state="queued")
    mail = OutboxMessageFactory()

    assert delivery.deliver(mail.pk)

    assert (OutboxMessage.objects.get().state, caplog.messages) == ("sent", [])


def test_mail_that_left_after_its_lease_and_its_twin_before_is_told_of(slow, caplog):
    slow(state="sent", sent_at=timezone.now())
    mail = OutboxMessageFactory()

    assert delivery.deliver(mail.pk)

    assert OutboxMessage.objects.get().state == "sent"
    assert caplog.messages == [f"1 of mails [{mail.pk}] left after their lease"]


def test_mail_that_fails_after_its_lease_is_left_to_who_has_it_now(slow):
    slow(state="queued", due_at=timezone.now() + timedelta(minutes=5), error=TimeoutError())
    mail = OutboxMessageFactory()

    assert delivery.deliver(mail.pk) is False

    found = OutboxMessage.objects.get()
    assert (found.state, found.attempts, found.error) == ("queued", 1, "")


def test_conclusion_that_the_database_refuses_comes_again_soon(caplog):
    watch = WatchFactory(of__app=AppRegistrationFactory(credential=""))
    [errand] = checker.claim()

    def refused():
        raise OperationalError

    with meanwhile(refused, before='SELECT "tenants_tenant"'):
        checker._conclude(errand, checker.Finding(None, timezone.now()))

    watch.refresh_from_db()
    assert watch.lease_until is None
    assert caplog.messages[-1] == f"watch {watch.pk} is concluded later: OperationalError"


def test_person_whose_token_shows_a_role_may_have_granted_it_to_himself():
    app = AppRegistrationFactory(needs=["Directory.Read.All"])
    request = ConsentRequestFactory(asked=True, app=app)
    EvidenceFactory(request=request, coverage=True, covers=["Directory.Read.All"], roles=[GLOBAL])

    look(request, {"outcome": "present", "grants": None, "application": None})

    assert request.state == "asked"


def test_wrong_person_talks_no_more():
    link = ApprovalLinkFactory(not_me=True)

    with pytest.raises(NotOpen):
        talks.question(link, message="Which data?")


def test_reply_to_an_address_that_nobody_confirmed_is_refused():
    ticket = TicketFactory(unconfirmed=True)
    agent = UserFactory()

    with pytest.raises(NotOpen):
        replies.answer(ticket, body="Hello", by=agent)

    assert (ticket.replies.count(), OutboxMessage.objects.count()) == (0, 0)
