import pytest
from django.db import IntegrityError

from tenants.models import Contact, Tenant, User
from tests.factories import ContactFactory, TenantDomainFactory, TenantFactory, UserFactory, guid

pytestmark = pytest.mark.django_db


def test_tenant_known_twice_in_one_cloud_is_refused():
    TenantFactory(cloud="global", tenant_id=guid("contoso"))

    with pytest.raises(IntegrityError):
        TenantFactory(cloud="global", tenant_id=guid("contoso"))


def test_tenant_of_the_same_guid_in_another_cloud_is_another_tenant():
    TenantFactory(cloud="global", tenant_id=guid("contoso"))
    TenantFactory(cloud="us_l4", tenant_id=guid("contoso"))

    assert Tenant.objects.count() == 2


@pytest.mark.parametrize(
    "tenant_id",
    ["", "contoso.example", "446B460F-E49D-4AF2-AAAA-0B1A106594D2", f"{guid('x')[:-1]}g"],
)
def test_tenant_with_anything_but_a_lower_case_guid_is_refused(tenant_id):
    with pytest.raises(IntegrityError, match="tenant_id_is_a_lower_case_guid"):
        TenantFactory(tenant_id=tenant_id)


def test_domain_of_two_tenants_is_refused():
    TenantDomainFactory(name="contoso.example")

    with pytest.raises(IntegrityError):
        TenantDomainFactory(name="contoso.example")


def test_tenant_is_called_by_its_name():
    domain = TenantDomainFactory(tenant__name="Contoso", name="contoso.example")

    assert (str(domain.tenant), str(domain)) == ("Contoso", "contoso.example")


def test_tenant_without_a_name_is_called_by_the_domain_learnt_first():
    tenant = TenantFactory()
    TenantDomainFactory(tenant=tenant, name="zebra.example")
    TenantDomainFactory(tenant=tenant, name="aardvark.example")

    assert (str(tenant), tenant.domain) == ("zebra.example", "zebra.example")


def test_tenant_without_name_and_domain_is_called_by_its_guid():
    tenant = TenantFactory(tenant_id=guid("contoso"))

    assert (str(tenant), tenant.domain) == (guid("contoso"), "")


def test_contact_in_capital_letters_is_refused():
    with pytest.raises(IntegrityError, match="contact_email_is_lower_case"):
        ContactFactory(email="Ana@contoso.example")


def test_contact_known_twice_is_refused():
    ContactFactory(email="ana@contoso.example")

    with pytest.raises(IntegrityError):
        ContactFactory(email="ana@contoso.example")


def test_contacts_have_their_mailbox_also_when_many_are_written_at_once():
    Contact.objects.bulk_create([Contact(email="ana+1@contoso.example")])
    ContactFactory(email="a.na@gmail.com")

    assert list(Contact.objects.order_by("pk").values_list("mailbox", flat=True)) == [
        "ana@contoso.example",
        "ana@gmail.com",
    ]


def test_contact_without_a_mailbox_is_refused():
    ContactFactory()

    with pytest.raises(IntegrityError, match="contact_has_a_mailbox"):
        Contact.objects.update(mailbox="")


def test_contact_knows_its_domain():
    contact = Contact(email="ana@contoso.example")

    assert (str(contact), contact.domain) == ("ana@contoso.example", "contoso.example")


def test_user_with_an_address_taken_is_refused():
    UserFactory(email="agent@acme.example")

    with pytest.raises(IntegrityError):
        UserFactory(email="agent@acme.example")


def test_user_signs_in_with_the_password_given():
    user = User.objects.create_user("Agent@Acme.Example", "a long password", name="Andy")

    assert user.email == "agent@acme.example"
    assert user.check_password("a long password")
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert [str(user), user.get_full_name(), user.get_short_name()] == ["Andy"] * 3


def test_user_without_a_name_is_called_by_the_address():
    assert str(User(email="agent@acme.example")) == "agent@acme.example"


def test_superuser_may_do_everything():
    user = User.objects.create_superuser("lead@acme.example", "a long password")

    assert (user.is_staff, user.is_superuser) == (True, True)
