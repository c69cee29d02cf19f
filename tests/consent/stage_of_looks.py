"""A stage for stories about looks: people who wait, administrators who approve a whole set or a
part of it or take it back, and a Microsoft that has bad days.
"""

from contextlib import suppress
from datetime import UTC, datetime
from random import Random

import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from consent import attempts, links, placing, requests, tickets, watching
from consent.actors import WORKER
from consent.errors import DomainError
from consent.models import AppRegistration, ConsentRequest, Evidence, Ticket
from consent.verification import breaker, budget, canary
from portal.sandbox.microsoft.seed import APPS, Role
from tenants.microsoft import authority, kept_tokens
from tenants.microsoft.permissions import GRAPH, Kind
from tests.consent.outbox.backends import Moody
from tests.consent.truth import MANY, Truth, domain_of, whole_set
from tests.consent.witness_stage import add_witness
from tests.factories import RequiredPermissionFactory

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DOMAINS = ("contoso.example", "relecloud.example")
PLACES = st.sampled_from(DOMAINS)
PEOPLES_ACTS = ("ask", "ask", "ask, many", "come back", "test")
ACTS = (
    *("approve", "approve", "approve", "approve", "approve a part", "revoke", "revoke"),
    *("switch", "assign", "bad token", "bad graph", "good", "good", "refuse", "accept", "accept"),
    "want more",
)
#: What the worker does after something has changed.
WORKERS_WAYS = ("sleeps", "looks", "looks", "looks for half an hour")
THEN = st.sampled_from(WORKERS_WAYS)
#: App, and whether it has a witness.
PROOFS = (("acme-suite", False), ("acme-archive", False), ("acme-calendar", True))
#: What a look cannot prove by itself: people's sign-ins have to.
BY_PEOPLE = ("acme-calendar", False)
BAD = [{"429": 1.0, "retry_after": 30}, {"503": 1.0}, {"garbage": 1.0}, {"429_text": 1.0}]
ADMINISTRATOR = "0a" * 16
SECRETS = {app.slug: app.secret for app in APPS}


class Stage(RuleBasedStateMachine):
    """The real rows, the simulated Microsoft, and what people do at both; nobody looks yet."""

    microsoft, proof = None, PROOFS[0]

    def __init__(self):
        super().__init__()
        self.microsoft.control({"reset": True})
        for memory in (authority, breaker, budget, canary, kept_tokens):
            memory.forget()
        Moody.begin()
        self.room = transaction.atomic()
        self.room.__enter__()
        self.clock, self.in_hand, self.turned = None, None, set()
        self.travel(START)

    def travel(self, to):
        if self.clock:
            self.clock.stop()
        self.clock = time_machine.travel(to, tick=True)
        self.clock.start()

    @initialize(seed=st.integers(0, 10**9))
    def begin(self, seed):
        """One of our apps, somebody who waits for it in each tenant, and a long story at once:
        those that Hypothesis begins by itself are short.
        """
        self.slug, self.has_witness = self.proof
        self.is_seen = self.proof != BY_PEOPLE
        if self.has_witness:
            add_witness(self.microsoft, self.app)
        self.truth = Truth()
        for domain in DOMAINS:
            self.ask(1, domain)
        self.play(Random(seed))

    @property
    def app(self):
        return AppRegistration.objects.get(slug=self.slug)

    def standing(self, domain, **found):
        rows = ConsentRequest.objects.filter(tenant__domains__name=domain, **found)
        return rows.exclude(state__in=ConsentRequest.CLOSED).order_by("pk").last()

    def play(self, dice):
        """A story of these dice."""
        raise NotImplementedError

    def worker(self, then):
        """Sleeps or looks for a while."""
        raise NotImplementedError

    def switch(self, domain, **switches):
        self.microsoft.control({"tenants": {domain: switches}})

    # What people do.

    @rule(does=st.sampled_from(PEOPLES_ACTS), at=PLACES)
    def people(self, does, at):
        request = self.standing(at, state__in=ConsentRequest.OPEN)
        acts = {
            "ask": lambda: self.ask(1, at),
            "ask, many": lambda: self.ask(MANY + 1, at),
            "come back": lambda: self.come_back(request),
            "test": lambda: self.test_the_connection(request),
        }
        if request or does.startswith("ask"):
            acts[does]()

    def ask(self, people, at):
        for _ in range(people):
            who = f"p{Ticket.objects.count()}@{at}"
            given = {"name": "", "note": "", "pasted": "", "seen": "", "administrator_email": ""}
            ticket = tickets.ask(app=self.app, email=who, **given)
            tickets.confirm(ticket)
            placing.place(ticket)

    def come_back(self, request):
        """A browser claims an approval, and its silent sign-in shows what it covers: all of it, or
        that it is not covered, as it is at Microsoft then.
        """
        ticket = request.tickets.first()
        with suppress(DomainError):
            attempt = attempts.leave(links.share(ticket)).attempt
            claims = {"admin_consent": "True", "tenant": request.tenant.tenant_id}
            whole = request.app.permissions(request.permission_version)
            claims["scope"] = " ".join(one.name for one in whole if one.kind == Kind.DELEGATED)
            attempts.come_back(attempt, claims)
            roles = [Role.GLOBAL_ADMINISTRATOR.value]
            self.learn(request, "identity", "yes", attempt=attempt, roles=roles)
            self.learn(request, "coverage", self.covers(request), attempt=attempt)

    def test_the_connection(self, request):
        """Two who wait sign in silently, one after the other."""
        for ticket in request.tickets.order_by("pk")[:2]:
            person = f"{ticket.pk:032x}"
            self.learn(request, "coverage", self.covers(request), ticket=ticket, person=person)

    def covers(self, request):
        return "yes" if whole_set(request) <= self.truth.now(domain_of(request)) else "not_covered"

    def learn(self, request, kind, said, *, person=ADMINISTRATOR, **more):
        whole = request.app.needed(request.permission_version)
        if kind == "coverage" and said == "yes":
            rows = [[one.resource_client_id, one.kind.value, one.name] for one in whole]
            more["permissions"] = rows
        attempts.record_evidence(
            request, kind=Evidence.Kind(kind), said=said, person=person, **more
        )
        watching.learnt(request)

    # What administrators and Microsoft do; the worker sleeps, or looks for a while.

    @rule(does=st.sampled_from(ACTS), at=PLACES, fault=st.sampled_from(BAD), then=THEN)
    def world(self, does, at, fault, then):
        acts = {
            "approve": lambda: self.approve(at, self.whole()),
            "approve a part": lambda: self.approve(at, self.a_part()),
            "revoke": lambda: self.revoke(at),
            "switch": lambda: self.turn(at, "disabled"),
            "assign": lambda: self.turn(at, "assignment_required"),
            "bad token": lambda: self.switch(at, faults={"token": fault}),
            "bad graph": lambda: self.switch(at, faults={"graph": fault}),
            "good": lambda: self.switch(at, faults={}),
            "refuse": self.accept_secrets,
            "accept": lambda: self.accept_secrets(SECRETS[self.slug]),
            "want more": self.want_more,
        }
        acts[does]()
        self.worker(then)

    def whole(self):
        app = self.app
        return whole_set(ConsentRequest(app=app, permission_version=app.permission_version))

    def a_part(self):
        """One delegated permission, where there is one."""
        return set(sorted(p.name for p in self.app.needed() if p.kind == Kind.DELEGATED)[:1])

    def approve(self, at, names):
        grant = {"tenant": at, "app": self.slug, "permissions": sorted(names)}
        self.microsoft.control({"grants": [grant]})
        self.truth.becomes(at, self.truth.now(at) | names, timezone.now())

    def revoke(self, at):
        self.microsoft.control({"revoke": [{"tenant": at, "app": self.slug}]})
        self.truth.becomes(at, set(), timezone.now())

    def turn(self, at, switch):
        """The app is switched off there, or only assigned people get in; or no longer."""
        self.turned ^= {(at, switch)}
        self.switch(at, **{switch: (at, switch) in self.turned})

    def accept_secrets(self, *secrets):
        self.microsoft.control({"apps": {self.slug: {"secrets": secrets}}})

    def want_more(self):
        """A second version of the set, at Entra and here. A witness cannot prove two."""
        app = self.app
        if self.has_witness or app.permission_version > 1:
            return
        texts = [f"{one.kind.value} {one.name}" for one in app.permissions()]
        kind = "application" if self.slug == "acme-archive" else "delegated"
        more = f"{kind} MailboxSettings.Read"
        listed = [*self.microsoft.state()["apps"][self.slug]["permissions"], f"{GRAPH} {more}"]
        self.microsoft.control({"apps": {self.slug: {"permissions": listed}}})
        app.permission_version += 1
        app.save(update_fields=["permission_version"])
        for text in [*texts, more]:
            RequiredPermissionFactory(app=app, of=text)
        requests.supersede_open(app, by=WORKER)
