"""Somebody else acts between one query and the next, and nothing is lost or done twice."""

import pytest
from django.db import OperationalError
from django.utils import timezone

from consent import talks, tickets
from consent.actors import Actor
from consent.errors import NotOpen
from consent.models import OutboxMessage
from consent.outbox import delivery
from consent.verification import checker
from tests.consent.verification.look_stage import GRANTED, look, mails
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


def test_mail_that_left_after_its_lease_counts_as_left(settings, caplog):
    settings.EMAIL_BACKEND = "tests.consent.outbox.backends.Slow"
    mail = OutboxMessageFactory()

    assert delivery.deliver(mail.pk)

    assert OutboxMessage.objects.get().state == "queued"
    assert caplog.messages == [f"mail {mail.pk} left after its lease"]


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
        tickets.reply(ticket, body="Hello", by=Actor.agent(agent), agent=agent)

    assert (ticket.replies.count(), OutboxMessage.objects.count()) == (0, 0)
