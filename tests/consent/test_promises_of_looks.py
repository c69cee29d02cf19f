"""Whatever Microsoft shows and hides in whatever order, only what was approved there is granted,
only what is gone is withdrawn, and everybody who waits is told, once.

Every kind of proof has its turn: the directory, an application permission's token, the witness, and
what people's sign-ins show.
"""

from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from consent import canaries, deadlines
from consent.models import Check, ConsentRequest, Event, OutboxMessage
from consent.outbox import delivery
from consent.verification import checker, claiming, looking
from portal.sandbox import fresh
from tenants.microsoft import graph
from tests.consent.outbox.backends import Moody
from tests.consent.stage_of_looks import (
    ACTS,
    BAD,
    BY_PEOPLE,
    DOMAINS,
    PEOPLES_ACTS,
    PROOFS,
    SECRETS,
    THEN,
    WORKERS_WAYS,
    Stage,
)
from tests.consent.thoroughness import SECONDS, limits
from tests.consent.truth import domain_of, told_too_often, whole_set

SPANS = [timedelta(seconds=20), timedelta(minutes=3), timedelta(minutes=16), timedelta(days=2)]
ACTS_A_STORY = 20


class World(Stage):
    """The worker, or two of them, at work on that stage."""

    def play(self, dice):
        for _ in range(ACTS_A_STORY):
            at, then = dice.choice(DOMAINS), dice.choice(WORKERS_WAYS)
            if dice.random() < 0.3:
                self.people(does=dice.choice(PEOPLES_ACTS), at=at)
            self.world(does=dice.choice(ACTS), at=at, fault=dice.choice(BAD), then=then)
            if dice.random() < 0.3:
                self.time_passes(span=dice.choice(SPANS))
            if self.in_hand is None and dice.random() < 0.3:
                self.ask_and_keep_the_answer()
            elif self.in_hand:
                self.write_it_down_or_die(dies=dice.random() < 0.3)
            if dice.random() < 0.5:
                self.deliver(mood=dice.choice(["take", "take", "full", "away"]))
            self.only_the_worker_concludes()
            self.nobody_is_told_twice()

    # What the worker does.

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span):
        self.travel(datetime.now(UTC) + span)

    @rule(then=THEN)
    def worker(self, then):
        if then == "looks for half an hour":
            for _ in range(6):
                self.travel(datetime.now(UTC) + timedelta(minutes=6))
                self.look()
        elif then == "looks":
            self.look()
            self.travel(datetime.now(UTC) + timedelta(seconds=7))
            self.look()

    def look(self):
        canaries.listen()
        checker.look_at_due()
        self.truth.compare()

    @precondition(lambda self: self.in_hand is None)
    @rule()
    def ask_and_keep_the_answer(self):
        """A worker has an answer in hand; a second one looks at the others meanwhile."""
        errands = claiming.claim(1)
        if errands:
            self.in_hand = errands[0], async_to_sync(asked)(errands[0])
            mine = Check.objects.filter(watch=errands[0].watch_id)
            before = mine.count()
            checker.look_at_due()
            assert mine.count() == before
            self.truth.compare()

    @precondition(lambda self: self.in_hand)
    @rule(dies=st.booleans())
    def write_it_down_or_die(self, dies):
        errand, finding = self.in_hand
        self.in_hand = None
        if not dies:
            checker.write_down([(errand, finding)], [errand.lease])
            self.truth.compare()

    @rule(mood=st.sampled_from(["take", "take", "full", "away"]))
    def deliver(self, mood):
        off = ConsentRequest.objects.exclude(disabled_at=None)
        of_those = self.sent().filter(ticket__request__in=off)
        Moody.mood, before = mood, of_those.count()
        delivery.deliver_due()
        # Whoever is told can get in, as far as the last look knows.
        assert of_those.count() == before

    def sent(self):
        return OutboxMessage.objects.filter(kind="consent_granted", state="sent")

    @rule()
    def sweep(self):
        deadlines.sweep()
        delivery.sweep()

    # What holds; grants and withdrawals are compared with the truth whenever a look was made.

    @invariant()
    def only_the_worker_concludes(self):
        self.truth.compare()

    @invariant()
    def nobody_is_told_twice(self):
        assert told_too_often() == {}
        assert set(Moody.taken.values()) <= {1}

    @invariant()
    def many_are_told_only_after_a_second_look(self):
        for request in ConsentRequest.objects.exclude(confirmed_again_at=None):
            assert request.confirmed_again_at - request.granted_at >= timedelta(seconds=60)

    @invariant()
    def at_most_three_are_invited_once_each(self):
        invited = Event.objects.filter(kind=Event.Kind.TICKET_INVITED)
        pairs = list(invited.values_list("request_id", "ticket_id"))
        assert len(pairs) == len(set(pairs))
        per_request = [request for request, _ticket in pairs]
        assert all(per_request.count(one) <= 3 for one in per_request)

    def teardown(self):
        """Everything works again: whoever waits where it is approved is told."""
        try:
            Moody.mood = "take"
            self.accept_secrets(SECRETS[self.slug])
            for domain in DOMAINS:
                self.switch(domain, faults={}, disabled=False)
            for _ in range(8):
                self.travel(datetime.now(UTC) + timedelta(hours=9))
                canaries.listen()
                self.sweep()
                while checker.look_at_due():
                    self.truth.compare()
                delivery.deliver_due()
            self.everybody_was_told()
            self.nobody_is_told_twice()
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self.room.__exit__(None, None, None)

    def everybody_was_told(self):
        assert not OutboxMessage.objects.filter(state__in=["queued", "sending"]).exists()
        for request in ConsentRequest.objects.filter(state__in=[*ConsentRequest.OPEN, "granted"]):
            is_whole = whole_set(request) <= self.truth.now(domain_of(request))
            if self.is_seen:
                assert request.is_granted == is_whole
            if not request.is_granted:
                continue
            assert request.disabled_at is None
            people = request.tickets.filter(contact__isnull=False)
            # Whoever was told of an older set and waits for nothing hears no more.
            assert {ticket.state for ticket in people} <= {"ready"}
            for ticket in people:
                key = f"consent-granted:{ticket.pk}:{ticket.told_version}"
                assert self.sent().filter(key__startswith=key).exists()


async def asked(errand):
    """What one look finds; nothing is written down."""
    async with graph.new_session() as session:
        return await looking.look(session, errand)


@pytest.mark.django_db
@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize(
    "proof", [*PROOFS, BY_PEOPLE], ids=["directory", "roles", "witness", "people"]
)
def test_promises_hold_whatever_microsoft_shows(microsoft, settings, proof):
    settings.EMAIL_BACKEND = "tests.consent.outbox.backends.Moody"
    fresh.plant()
    World.microsoft, World.proof = microsoft, proof
    run(World, settings=limits(examples=6, steps=5))
