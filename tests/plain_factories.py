"""Rows for tests that hang on no app: organisations, people, counters."""

from factory import Sequence, SubFactory, make_factory
from factory.django import DjangoModelFactory

from consent import models
from tenants.models import Contact, Tenant, TenantDomain, User
from tests.values import SEEN, guid, now_plus


def rows(model, **fields):
    """A factory without anything special."""
    return make_factory(model, FACTORY_CLASS=DjangoModelFactory, **fields)


class TenantFactory(DjangoModelFactory):
    class Meta:
        model = Tenant

    cloud = "sandbox"
    tenant_id = Sequence(lambda n: guid(f"tenant-{n}"))


TenantDomainFactory = rows(
    TenantDomain, tenant=SubFactory(TenantFactory), name=Sequence(lambda n: f"company-{n}.example")
)

ContactFactory = rows(Contact, email=Sequence(lambda n: f"person-{n}@company.example"))

UserFactory = rows(
    User, email=Sequence(lambda n: f"agent-{n}@acme.example"), name="Andy", is_staff=True
)

UnknownCodeFactory = rows(models.UnknownCode, code=Sequence(lambda n: f"AADSTS8{n:05}"), **SEEN)
MailStopFactory = rows(models.MailStop, since=now_plus())
EventFactory = rows(models.Event, kind="ticket_opened", actor="requester")
PulseFactory = rows(models.Pulse, name=Sequence(lambda n: f"part-{n}"), at=now_plus())
RateCountFactory = rows(
    models.RateCount, subject=Sequence(lambda n: f"{n:064x}"), span_start=now_plus()
)
CallCountFactory = rows(
    models.CallCount, endpoint="token", status=Sequence(lambda n: str(200 + n)), count=1
)
