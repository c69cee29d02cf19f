"""Looks written down without judging leave everything as judging each of them would have."""

from dataclasses import dataclass, field
from datetime import timedelta

import hypothesis.strategies as st
import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, Phase, event, example, given, settings

from consent import requests, watching
from consent.models import ConsentRequest, Event, Grant, OutboxMessage, Ticket, Watch
from consent.verification.claiming import claim
from consent.verification.concluding import conclude
from consent.verification.findings import Finding
from consent.verification.settling import conclude_unchanged
from tests.consent.verification.look_stage import NOON, finding, grant
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    EvidenceFactory,
    TenantFactory,
    TicketFactory,
    guid,
)

pytestmark = pytest.mark.django_db

NEEDS = ["User.Read", "Mail.Read", "application Directory.Read.All"]
ROLES = ["Directory.Read.All"]
FINDINGS = {
    "absent": finding("absent"),
    "off": finding("disabled"),
    "there": finding(application=[]),
    "unreadable": finding(application=ROLES),
    "half": finding(application=ROLES, everyone=["User.Read"]),
    "whole": finding(application=ROLES, everyone=["User.Read", "Mail.Read"]),
    "assigned": finding(
        application=ROLES, everyone=["User.Read", "Mail.Read"], assignment_required=True
    ),
    "one person's": finding(
        application=ROLES, everyone=[], persons=[grant("Mail.Read", person=guid("ana"))]
    ),
    "throttled": finding("throttled", retry_after=90.0),
    "silence": finding("unreachable"),
}
GAPS = [0, 1, 2, 16, 45, 24 * 60, 91 * 24 * 60]


@dataclass
class Side:
    """One tenant, and whether its looks may be written down without judging."""

    may_settle: bool
    request: ConsentRequest
    tickets: list[Ticket] = field(default_factory=list)
    unjudged: int = 0

    def newest(self):
        rows = ConsentRequest.objects.filter(tenant=self.request.tenant)
        return rows.order_by("-pk").first()

    def look(self, found):
        Watch.objects.filter(tenant=self.request.tenant).update(
            next_check_at=timezone.now(), not_before=None, lease_until=None
        )
        watch = Watch.objects.get(tenant=self.request.tenant)
        [claimed] = claim(only=watch.pk)
        looked = Finding(at=timezone.now(), **found)
        if self.may_settle and not conclude_unchanged([(claimed, looked)]):
            self.unjudged += 1
        else:
            conclude(claimed, looked)

    def happen(self, what):
        request = self.newest()
        if what in {"opened", "returned", "learnt", "wanted"}:
            getattr(watching, what)(request)
        elif what == "claim":
            EvidenceFactory(request=request, at=timezone.now())
        elif what == "coverage":
            scopes = ["User.Read", "Mail.Read"]
            EvidenceFactory(request=request, coverage=True, covers=scopes, at=timezone.now())
        elif what == "join":
            self.tickets.append(TicketFactory(request=request, waiting=True))
        elif what == "leave" and self.tickets:
            self.tickets.pop().move(Ticket.State.CLOSED)
        elif what == "expire" and request.is_open:
            requests.expire(request)

    def state(self):
        """Everything that is believed or was told, and when the next look is."""
        tenant = self.request.tenant
        asked = [
            (r.state, r.rung, r.reach, r.missing, r.looks_approved, r.permission_version)
            + (r.disabled_at, bool(r.absent_at), r.news_at, r.claimed_at, r.granted_at)
            + (r.closed_at, r.confirmed_again_at)
            for r in ConsentRequest.objects.filter(tenant=tenant).order_by("pk")
        ]
        people = Ticket.objects.filter(request__tenant=tenant).order_by("pk")
        grants = Grant.objects.filter(tenant=tenant).order_by("pk")
        mails = OutboxMessage.objects.filter(ticket__request__tenant=tenant).order_by("pk")
        told = Event.objects.filter(request_id__in=tenant.requests.values("pk")).order_by("pk")
        watch = Watch.objects.get(tenant=tenant)
        return {
            "requests": asked,
            "tickets": list(people.values_list("state", "told_version", "invited_at")),
            "grants": list(
                grants.values_list("value", "person", "observed_at", "last_seen_at", "gone_at")
            ),
            "mails": list(mails.values_list("kind", flat=True)),
            "events": list(told.values_list("kind", "detail")),
            "evidence": [
                (row.kind, row.said)
                for r in tenant.requests.order_by("pk")
                for row in r.evidence.order_by("pk")
            ],
            "checks": list(watch.checks.order_by("pk").values_list("at", "outcome", "code")),
            "watch": (watch.negatives, watch.first_negative_at, watch.last_look_at)
            + (watch.news_at, watch.not_before, watch.lease_until, watch.signals),
        }

    def wait(self):
        """Seconds from the last look to the next."""
        watch = Watch.objects.get(tenant=self.request.tenant)
        since = watch.last_look_at or NOON
        return watch.next_check_at and (watch.next_check_at - since).total_seconds()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("look"), st.sampled_from(GAPS), st.sampled_from(list(FINDINGS))),
        st.tuples(st.just("again"), st.sampled_from(GAPS), st.integers(1, 4)),
        st.tuples(
            st.just("happen"),
            st.sampled_from(GAPS[:4]),
            st.sampled_from(
                ["opened", "returned", "learnt", "wanted", "claim", "coverage"]
                + ["join", "leave", "expire"]
            ),
        ),
    ),
    min_size=2,
    max_size=10,
)


@pytest.mark.timeout(240)  # a machine may be busy
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)
@example(steps=[("again", 0, 3), ("look", 0, "silence")], people=0)
@given(steps=STEPS, people=st.sampled_from([0, 1, 4, 12]))
def test_settled_looks_leave_what_judged_ones_leave(db, steps, people):
    app = AppRegistrationFactory(needs=NEEDS)
    judged, quick = (
        Side(may_settle, ConsentRequestFactory(asked=True, app=app, tenant=TenantFactory()))
        for may_settle in (False, True)
    )
    at, found = NOON, "absent"
    with time_machine.travel(at, tick=False) as clock:
        for side in (judged, quick):
            watching.begin(side.request)
            for _ in range(people):
                side.happen("join")
        for kind, minutes, what in [("look", 0, "absent"), *steps]:
            found = what if kind == "look" else found
            for _ in range(what if kind == "again" else 1):
                at += timedelta(minutes=minutes)
                clock.move_to(at, tick=False)
                for side in (judged, quick):
                    if kind == "happen":
                        side.happen(what)
                    else:
                        side.look(FINDINGS[found])
                assert quick.state() == judged.state()
                assert same_wait(quick.wait(), judged.wait())
    event(f"unjudged looks: {min(quick.unjudged, 3)}")


def same_wait(one, other):
    """The same but for the dice, which move a wait by a tenth to either side."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 0.25 * max(abs(one), abs(other)) + 1
