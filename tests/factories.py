"""Rows for tests: valid by default, and in every state, as `ConsentRequestFactory(granted=True)`.

People, tenants and apps of the simulated Microsoft come from `seeded_tenant` and `seeded_app`.
"""

from datetime import timedelta

import factory
from factory import LazyAttribute, Sequence, SubFactory, Trait, post_generation
from factory.django import DjangoModelFactory

from consent import models
from consent.models import Reach, Rung
from portal.sandbox.microsoft import seed
from tenants.microsoft.permissions import GRAPH
from tests.plain_factories import (
    CallCountFactory,
    ContactFactory,
    EventFactory,
    MailStopFactory,
    PulseFactory,
    RateCountFactory,
    TenantDomainFactory,
    TenantFactory,
    UnknownCodeFactory,
    UserFactory,
    rows,
)
from tests.values import PICTURE, guid, now_plus, permission, permissions

__all__ = [
    "CallCountFactory",
    "EventFactory",
    "MailStopFactory",
    "PulseFactory",
    "RateCountFactory",
    "UnknownCodeFactory",
    "UserFactory",
    "guid",
    "permission",
    "permissions",
]

MONTH = timedelta(days=30)


class AppRegistrationFactory(DjangoModelFactory):
    """`needs` are the permissions of the present version, as `permission` reads them."""

    class Meta:
        model = models.AppRegistration
        skip_postgeneration_save = True

    slug = Sequence(lambda n: f"app-{n}")
    cloud = "sandbox"
    name = "Acme Calendar"
    client_id = Sequence(lambda n: guid(f"client-{n}"))
    credential = "acme_calendar"
    connect_url = "https://app.acme.example/connect"
    publisher = "Acme"

    @post_generation
    def needs(self, create, extracted, **_more):
        for text in ["User.Read", "Mail.Read"] if extracted is None else extracted:
            RequiredPermissionFactory(app=self, of=text)


class RequiredPermissionFactory(DjangoModelFactory):
    class Meta:
        model = models.RequiredPermission

    class Params:
        of = "Mail.Read"

    app = SubFactory(AppRegistrationFactory, needs=[])
    version = LazyAttribute(lambda row: row.app.permission_version)
    resource_client_id = GRAPH
    kind = LazyAttribute(lambda row: permission(row.of).kind.value)
    value = LazyAttribute(lambda row: permission(row.of).value)
    reason = "Shows meetings beside their mails."


class ConsentRequestFactory(DjangoModelFactory):
    class Meta:
        model = models.ConsentRequest

    class Params:
        asked = Trait(state="asked")
        claimed = Trait(state="claimed", claimed_at=now_plus(), rung=Rung.CLAIMED)
        granted = Trait(
            state="granted", granted_at=now_plus(), rung=Rung.DIRECTORY, reach=Reach.EVERYONE
        )
        declined = Trait(state="declined", closed_at=now_plus())
        expired = Trait(state="expired", closed_at=now_plus())
        withdrawn = Trait(state="withdrawn", closed_at=now_plus())
        superseded = Trait(state="superseded", closed_at=now_plus())
        revoked = Trait(
            state="revoked",
            closed_at=now_plus(),
            granted_at=now_plus(),
            rung=Rung.DIRECTORY,
            reach=Reach.EVERYONE,
        )

    tenant = SubFactory(TenantFactory)
    app = SubFactory(AppRegistrationFactory)
    permission_version = LazyAttribute(lambda row: row.app.permission_version)
    expires_at = now_plus(days=30)


class TicketFactory(DjangoModelFactory):
    """Confirmed and open; with a `request` also in its tenant and for its app."""

    class Meta:
        model = models.Ticket

    class Params:
        unconfirmed = Trait(state="unconfirmed", confirmed_at=None)
        waiting = Trait(state="waiting")
        ready = Trait(state="ready")
        solved = Trait(state="solved")
        closed = Trait(state="closed")

    state = "open"
    confirmed_at = now_plus()
    contact = SubFactory(ContactFactory)
    request = None
    app = factory.Maybe(
        "request",
        yes_declaration=LazyAttribute(lambda row: row.request.app),
        no_declaration=SubFactory(AppRegistrationFactory),
    )
    tenant = LazyAttribute(lambda row: row.request.tenant if row.request else None)


ReplyFactory = rows(
    models.Reply, ticket=SubFactory(TicketFactory), author="requester", body="Is there any news?"
)


class ApprovalLinkFactory(DjangoModelFactory):
    """Live, mailed, in the first slot that is free."""

    class Meta:
        model = models.ApprovalLink

    class Params:
        declined = Trait(state="declined", decline_reason="too_broad", closed_at=now_plus())
        not_me = Trait(state="not_me", closed_at=now_plus())
        revoked = Trait(state="revoked", closed_at=now_plus())
        expired = Trait(state="expired", closed_at=now_plus())
        shared = Trait(way="shared", recipient=None)

    request = SubFactory(ConsentRequestFactory, asked=True)
    recipient = SubFactory(ContactFactory)
    sent_at = now_plus()
    expires_at = LazyAttribute(lambda row: row.sent_at + MONTH)

    @factory.lazy_attribute
    def slot(self):
        taken = set(self.request.links.filter(state="live").values_list("slot", flat=True))
        return next(slot for slot in (1, 2, 3, 4) if slot not in taken)


class ConsentAttemptFactory(DjangoModelFactory):
    """Away at Microsoft, from a browser whose secret is `browser` with the state `state-<n>`."""

    class Meta:
        model = models.ConsentAttempt

    class Params:
        back = Trait(returned_at=now_plus())
        claimed = Trait(outcome="claimed", back=True)
        cancelled = Trait(outcome="cancelled", back=True)
        refused = Trait(outcome="refused", back=True)
        wrong_tenant = Trait(outcome="wrong_tenant", back=True)
        too_little = Trait(outcome="too_little", back=True)

    link = SubFactory(ApprovalLinkFactory)
    request = LazyAttribute(lambda row: row.link.request)
    state_hash = Sequence(lambda n: f"{n:064x}")
    browser_hash = "b" * 64
    permission_version = LazyAttribute(lambda row: row.request.permission_version)
    left_at = now_plus()


class EvidenceFactory(DjangoModelFactory):
    """A claim; `identity` or `coverage` of a sign-in. `covers` names what that one covers."""

    class Meta:
        model = models.Evidence

    class Params:
        covers = ()
        identity = Trait(kind="identity", person=guid("admin"))
        coverage = Trait(kind="coverage", person=guid("admin"))

    request = SubFactory(ConsentRequestFactory, asked=True)
    kind = "claim"
    said = "yes"
    at = now_plus()
    permission_version = LazyAttribute(lambda row: row.request.permission_version)
    permissions = LazyAttribute(
        lambda row: [
            [one.resource_client_id, one.kind.value, one.value]
            for one in map(permission, row.covers)
        ]
    )


class GrantFactory(DjangoModelFactory):
    class Meta:
        model = models.Grant

    tenant = SubFactory(TenantFactory)
    app = SubFactory(AppRegistrationFactory)
    resource_client_id = GRAPH
    kind = "delegated"
    value = "Mail.Read"
    observed_at = now_plus()
    last_seen_at = LazyAttribute(lambda row: row.observed_at)


class WatchFactory(DjangoModelFactory):
    """Due now; `of` is the request whose tenant and app it watches."""

    class Meta:
        model = models.Watch

    class Params:
        of = SubFactory(ConsentRequestFactory, asked=True)

    tenant = LazyAttribute(lambda row: row.of.tenant)
    app = LazyAttribute(lambda row: row.of.app)
    next_check_at = now_plus()


AlarmFactory = rows(
    models.Alarm, kind="expiry", app=SubFactory(AppRegistrationFactory), since=now_plus()
)
CanaryFactory = rows(models.Canary, app=SubFactory(AppRegistrationFactory))

CheckFactory = rows(models.Check, watch=SubFactory(WatchFactory), at=now_plus(), outcome="present")


class OutboxMessageFactory(DjangoModelFactory):
    """Queued and due: a ticket's confirmation, unless told otherwise."""

    class Meta:
        model = models.OutboxMessage

    class Params:
        sending = Trait(state="sending", claimed_at=now_plus(), attempts=1)
        sent = Trait(state="sent", sent_at=now_plus(), claimed_at=now_plus(), attempts=1)
        failed = Trait(state="failed", attempts=1)
        dropped = Trait(state="dropped")

    key = Sequence(lambda n: f"key-{n}")
    kind = "confirm_request"
    ticket = SubFactory(TicketFactory, unconfirmed=True)
    to = LazyAttribute(lambda row: row.ticket.contact)
    due_at = now_plus()


AttachmentFactory = rows(models.Attachment, ticket=SubFactory(TicketFactory), **PICTURE)


def seeded_tenant(name):
    """The simulated Microsoft's tenant of that name, with its domain."""
    found = next(one for one in seed.TENANTS if one.domain == f"{name}.example")
    tenant = TenantFactory(tenant_id=found.tenant_id)
    TenantDomainFactory(tenant=tenant, name=found.domain)
    return tenant


def seeded_app(slug):
    """The simulated Microsoft's app of that name."""
    found = next(one for one in seed.APPS if one.slug == slug)
    needs = [f"{kind} {value}" for _resource, kind, value in found.permissions]
    return AppRegistrationFactory(
        slug=slug,
        client_id=found.client_id,
        credential=slug.replace("-", "_"),
        home_tenant_id=found.home_tenant_id,
        needs=needs,
    )


def seeded_person(address, name=None):
    """The object ID of that account, in the tenant of its domain or in the one named."""
    domain = f"{name}.example" if name else address.rpartition("@")[2]
    tenant = next(one for one in seed.TENANTS if one.domain == domain)
    return next(one.object_id for one in tenant.accounts if one.address == address)
