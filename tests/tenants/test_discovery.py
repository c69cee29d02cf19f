from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.discovery import CONSUMERS, belongs_to, find, remember, tenant_of
from tenants.microsoft.errors import Transient
from tenants.microsoft.metadata import TenantMetadata
from tenants.models import Tenant, TenantDomain
from tests.factories import TenantDomainFactory, TenantFactory, guid, seeded_tenant
from tests.tenants.microsoft.stage import as_json, scripted

pytestmark = pytest.mark.django_db


def test_tenant_is_found_by_its_domain_and_remembered(microsoft):
    tenant = tenant_of("contoso.example")

    assert (tenant.cloud, tenant.tenant_id, tenant.region) == (
        "sandbox",
        "446b460f-e49d-4af2-aaaa-0b1a106594d2",
        "EU",
    )
    assert list(TenantDomain.objects.order_by("pk").values_list("name", "tenant")) == [
        ("contoso.example", tenant.pk)
    ]


def test_tenant_met_before_is_found_without_asking_microsoft():
    known = TenantDomainFactory(name="contoso.example")

    assert tenant_of("contoso.example") == known.tenant


def test_second_domain_of_a_tenant_leads_to_the_same_one():
    tenant = TenantFactory(tenant_id=guid("contoso"))
    found = TenantMetadata(guid("contoso"), "sandbox", "NA", "contoso.co.example")

    assert remember(found) == tenant
    assert [domain.name for domain in tenant.domains.all()] == ["contoso.co.example"]


def test_tenant_remembered_twice_is_written_once():
    found = TenantMetadata(guid("contoso"), "sandbox", None, "contoso.example")

    assert remember(found) == remember(found)
    assert list(Tenant.objects.order_by("pk").values_list("region", flat=True)) == [""]
    assert TenantDomain.objects.count() == 1


def test_tenant_of_private_persons_is_nobodys_and_microsoft_is_not_asked():
    assert tenant_of("gmail.com") is None


def test_domain_without_a_tenant_leads_to_none(microsoft):
    assert tenant_of("gmail-like.example") is None
    assert Tenant.objects.count() == 0


def test_tenant_of_another_cloud_is_named_by_that_cloud(microsoft):
    assert tenant_of("woodgrove.example").cloud in {"us_l4", "us_l5"}


def test_tenant_that_microsoft_cannot_be_asked_about_is_an_error(microsoft):
    microsoft.control({"faults": {"metadata": {"503": 1}}})

    with pytest.raises(Transient):
        tenant_of("contoso.example")
    assert Tenant.objects.count() == 0


@pytest.mark.loopback
def test_tenant_of_the_consumers_is_nobodys(settings):
    with scripted() as server:
        settings.MICROSOFT_URL = server.url
        server.say("openid-configuration", as_json(server.metadata(CONSUMERS)))

        assert (find("mail.example"), tenant_of("mail.example")) == (None, None)

    assert Tenant.objects.count() == 0


def learnt_long_ago(name="contoso.example"):
    known = TenantDomainFactory(name=name)
    TenantDomain.objects.update(learnt_at=timezone.now() - timedelta(days=31))
    return known


def test_domain_that_moved_is_learnt_anew_after_a_month(microsoft):
    known = learnt_long_ago()

    moved = tenant_of("contoso.example")

    assert (moved == known.tenant, TenantDomain.objects.get().tenant) == (False, moved)
    assert timezone.now() - TenantDomain.objects.get().learnt_at < timedelta(minutes=1)


def test_domain_learnt_long_ago_is_believed_while_microsoft_is_away(microsoft):
    known = learnt_long_ago()
    microsoft.control({"faults": {"metadata": {"503": 1.0}}})

    assert tenant_of("contoso.example") == known.tenant


def test_domain_that_left_microsoft_leads_to_none(microsoft):
    learnt_long_ago("gmail-like.example")

    assert tenant_of("gmail-like.example") is None


def test_find_asks_microsoft_each_time_and_writes_nothing(microsoft):
    TenantDomainFactory(name="contoso.example")

    found = [find("contoso.example").tenant_id for _twice in range(2)]

    assert found == ["446b460f-e49d-4af2-aaaa-0b1a106594d2"] * 2
    assert microsoft.state()["calls"] == {"contoso.example": {"metadata": 2}}
    assert TenantDomain.objects.get().tenant.tenant_id != found[0]


def test_domain_learnt_of_the_tenant_belongs_to_it_without_a_question():
    known = TenantDomainFactory(name="contoso.co.example")

    assert belongs_to(known.tenant, "contoso.co.example") is True


@pytest.mark.parametrize("is_customer", [True, False])
def test_domain_of_another_organisation_is_asked_about_whoever_it_is(microsoft, is_customer):
    own = seeded_tenant("contoso")
    if is_customer:
        seeded_tenant("fabrikam")
    before = TenantDomain.objects.count()

    assert belongs_to(own, "fabrikam.example") is False
    assert microsoft.state()["calls"] == {"fabrikam.example": {"metadata": 1}}
    assert TenantDomain.objects.count() == before


def test_domain_that_microsoft_says_is_the_tenants_is_remembered(microsoft):
    own = TenantFactory(tenant_id="446b460f-e49d-4af2-aaaa-0b1a106594d2")

    assert [belongs_to(own, "contoso.example") for _twice in range(2)] == [True, True]
    assert microsoft.state()["calls"] == {"contoso.example": {"metadata": 1}}
    assert own.domain == "contoso.example"


def test_domain_of_private_persons_belongs_to_no_tenant():
    assert belongs_to(TenantFactory(), "gmail.com") is False


def test_own_domain_learnt_long_ago_is_believed_while_microsoft_is_away_and_others_are_not(
    microsoft,
):
    known = learnt_long_ago()
    microsoft.control({"faults": {"metadata": {"503": 1.0}}})

    assert belongs_to(known.tenant, "contoso.example") is True
    with pytest.raises(Transient):
        belongs_to(known.tenant, "fabrikam.example")
