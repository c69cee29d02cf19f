"""Whatever happens in whatever order, the promises hold: people and administrators act, browsers
lie, Microsoft changes, mail servers fail, workers die and time passes, all at random.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from consent import attempts, deadlines, links, placing, replies, tickets, tokens
from consent.errors import DomainError
from consent.models import (
    AppRegistration,
    ApprovalLink,
    ConsentAttempt,
    ConsentRequest,
    Event,
    InvalidTransition,
    OutboxMessage,
    Ticket,
    Watch,
)
from consent.outbox import delivery, stopping
from consent.verification import canary, checker
from portal.sandbox import fresh
from tenants.microsoft import authority
from tenants.models import User
from tests.consent.outbox.backends import Died, Moody
from tests.consent.reachable import reachable
from tests.consent.thoroughness import SECONDS, limits

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
#: Eva never confirms her address.
PEOPLE = ("ana", "ben", "eva")
DOMAINS = ("contoso.example", "relecloud.example")
STATEFUL = (ApprovalLink, ConsentRequest, OutboxMessage, Ticket)
MOODS = st.sampled_from(["take", "full", "unknown", "away", "drop", "die"])
FEW = st.integers(0, 5)
REFUSALS = (DomainError, InvalidTransition)
#: No sequence of ours needs longer for whatever it waits for, retries of mails included.
SETTLED_AFTER = 6


class Portal(RuleBasedStateMachine):
    """The real services on the real database, and the simulated Microsoft."""

    microsoft = None

    def __init__(self):
        super().__init__()
        self.microsoft.control({"reset": True})
        authority.forget()
        canary.forget()
        Moody.begin()
        self.room = transaction.atomic()
        self.room.__enter__()
        self.clock = None
        self.travel(START)
        self.app = AppRegistration.objects.get(slug="acme-suite")
        self.lead = User.objects.get(email="lead@acme.example")
        self.states, self.granted_there, self.ever_granted = {}, set(), set()
        self.grants_by_worker = 0
        self.away = []

    def travel(self, to):
        if self.clock:
            self.clock.stop()
        self.clock = time_machine.travel(to, tick=True)
        self.clock.start()

    def one(self, model, number, **found):
        rows = model.objects.filter(**found).order_by("pk")
        return rows[number % len(rows)] if rows else None

    # What people do.

    @initialize(mood=MOODS)
    def begin(self, mood):
        """Somebody waits, and somebody's first mail is on its way or not."""
        self.ask("ana", "contoso.example", named=True)
        self.ask("eva", "contoso.example", named=False)
        self.deliver(mood)

    @rule(who=st.sampled_from(PEOPLE), at=st.sampled_from(DOMAINS), named=st.booleans())
    def ask(self, who, at, named):
        admin = f"admin@{at}" if named else ""
        given = {"name": "", "note": "", "pasted": "", "seen": "", "administrator_email": admin}
        ticket = tickets.ask(app=self.app, email=f"{who}@{at}", **given)
        if who != "eva" and not ticket.is_confirmed:
            tickets.confirm(ticket)
            placing.place(ticket)

    @rule(number=FEW, does=st.sampled_from(["withdraw", "worked", "blocked", "reply", "share"]))
    def requester(self, number, does):
        ticket = self.one(Ticket, number, confirmed_at__isnull=False)
        if ticket is None:
            return
        acts = {
            "withdraw": lambda: tickets.withdraw(ticket),
            "worked": lambda: tickets.tried(ticket, worked=True, pasted=""),
            "blocked": lambda: tickets.tried(ticket, worked=False, pasted=""),
            "reply": lambda: replies.reply(ticket, body="?"),
            "share": lambda: links.share(ticket),
        }
        self.attempt(acts[does])

    @rule(number=FEW, does=st.sampled_from(["open", "decline", "undo", "later", "not_me", "leave"]))
    def administrator(self, number, does):
        link = self.one(ApprovalLink, number)
        if link is None:
            return
        tomorrow = (timezone.now() + timedelta(days=1)).date()
        acts = {
            "open": lambda: links.opened(link, method="GET", at=timezone.now()),
            "decline": lambda: links.decline(link, reason="other", note=""),
            "undo": lambda: links.undo_decline(link),
            "later": lambda: links.later(link, until=tomorrow, note=""),
            "not_me": lambda: links.not_me(link),
            "leave": lambda: self.away.append(attempts.leave(link)),
        }
        self.attempt(acts[does])

    @precondition(lambda self: self.away)
    @rule(says=st.sampled_from(["yes", "no", "other tenant"]))
    def browser_claims(self, says):
        """It may say what it likes, whatever happened at Microsoft."""
        trip = self.away.pop()
        asked = parse_qs(urlsplit(trip.address).query)
        tenant = ConsentAttempt.objects.get(pk=trip.attempt.pk).request.tenant.tenant_id
        query = {"state": asked["state"][0], "admin_consent": "True", "tenant": tenant}
        query["scope"] = " ".join(asked.get("scope", []))
        if says == "no":
            query |= {"error": "access_denied", "error_description": "AADSTS65004"}
        elif says == "other tenant":
            query["tenant"] = "0" * 8 + tenant[8:]
        secrets = {trip.attempt.public_id: trip.browser_secret}
        if attempt := attempts.known(query, secrets):
            self.attempt(lambda: attempts.come_back(attempt, query))

    @rule(number=FEW, mood=MOODS)
    def agent(self, number, mood):
        """Writes to somebody twice, and the first of the mails has the harder way."""
        ticket = self.one(Ticket, number, confirmed_at__isnull=False)
        if ticket:
            for weather in (mood, "take"):
                self.attempt(lambda: replies.answer(ticket, body="So.", by=self.lead))
                self.deliver(weather)

    def attempt(self, act):
        with suppress(*REFUSALS):
            act()

    # What the world does.

    @rule(at=st.sampled_from(DOMAINS))
    def approve_at_microsoft(self, at):
        grant = {"tenant": at, "app": self.app.slug, "by": f"admin@{at}"}
        self.microsoft.control({"grants": [grant]})
        self.granted_there.add(at)
        self.ever_granted.add(at)

    @precondition(lambda self: self.granted_there)
    @rule(at=st.sampled_from(DOMAINS))
    def revoke_at_microsoft(self, at):
        self.microsoft.control({"revoke": [{"tenant": at, "app": self.app.slug}]})
        self.granted_there.discard(at)

    @rule(span=st.sampled_from([timedelta(minutes=1), timedelta(hours=9), timedelta(days=8)]))
    def time_passes(self, span):
        self.travel(datetime.now(UTC) + span)

    @rule(mood=MOODS)
    def deliver(self, mood):
        Moody.mood = mood
        with suppress(Died):
            delivery.deliver_due()

    @rule(stopped=st.booleans())
    def turn_the_switch(self, stopped):
        if stopped:
            stopping.stop(by=None)
        else:
            stopping.resume(by=None)

    @rule()
    def look(self):
        checker.look_at_due()
        self.grants_by_worker = self.count_of_grants()

    @rule()
    def sweep(self):
        deadlines.sweep()
        delivery.sweep()

    # What holds.

    def count_of_grants(self):
        return Event.objects.filter(kind=Event.Kind.REQUEST_GRANTED).count()

    @invariant()
    def only_the_worker_grants_and_only_what_microsoft_shows(self):
        assert self.count_of_grants() == self.grants_by_worker
        others = Event.objects.exclude(actor="worker")
        assert not others.filter(kind=Event.Kind.REQUEST_GRANTED).exists()
        granted = ConsentRequest.objects.filter(granted_at__isnull=False)
        assert set(granted.values_list("tenant__domains__name", flat=True)) <= self.ever_granted

    @invariant()
    def nobody_is_told_twice(self):
        twice = {one for one, times in Moody.taken.items() if times > 1 + Moody.unsure[one]}
        assert twice == set()
        rows = OutboxMessage.objects.filter(state="sent").values_list("key", flat=True)
        ids = {f"<{tokens.digest('mail', key)[:32]}@acme.example>" for key in rows}
        assert ids <= set(Moody.taken)

    @invariant()
    def each_person_reads_in_the_order_of_writing(self):
        assert {to: keys for to, keys in Moody.order().items() if keys != sorted(keys)} == {}

    @invariant()
    def states_change_by_their_doors(self):
        now = {
            (model, key): state
            for model in STATEFUL
            for key, state in model.objects.values_list("pk", "state")
        }
        kept = {row: (was, now[row]) for row, was in self.states.items() if row in now}
        wrong = {row: way for row, way in kept.items() if way[1] not in reachable(row[0], way[0])}
        assert wrong == {}
        self.states = now

    @invariant()
    def nothing_waits_for_ever(self):
        far = timezone.now() + timedelta(hours=8, seconds=1)
        assert not OutboxMessage.objects.filter(state="queued", due_at__gt=far).exists()
        still = ConsentRequest.objects.filter(state__in=ConsentRequest.OPEN)
        watched = Watch.objects.filter(next_check_at__isnull=False)
        places = set(watched.values_list("tenant_id", "app_id"))
        assert set(still.values_list("tenant_id", "app_id")) <= places

    def teardown(self):
        """Everything works again: nobody was forgotten."""
        try:
            Moody.mood = "take"
            stopping.resume(by=None)
            for _ in range(SETTLED_AFTER):
                self.travel(datetime.now(UTC) + timedelta(hours=9))
                self.sweep()
                while checker.look_at_due():
                    pass
                delivery.deliver_due()
            assert not OutboxMessage.objects.filter(state__in=["queued", "sending"]).exists()
            still = ConsentRequest.objects.filter(state__in=ConsentRequest.OPEN)
            forgotten = still.filter(tenant__domains__name__in=self.granted_there)
            assert list(forgotten) == []
            self.grants_by_worker = self.count_of_grants()
            self.nobody_is_told_twice()
            self.each_person_reads_in_the_order_of_writing()
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self.room.__exit__(None, None, None)


@pytest.mark.django_db
@pytest.mark.timeout(SECONDS)
def test_promises_hold_whatever_happens(microsoft, settings):
    settings.EMAIL_BACKEND = "tests.consent.outbox.backends.Moody"
    fresh.plant()
    Portal.microsoft = microsoft
    run(Portal, settings=limits(examples=12, steps=25))
