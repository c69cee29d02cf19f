import pytest
from django.db import IntegrityError

from tenants.microsoft.clouds import EXCHANGE_ONLINE, GRAPH, cloud
from tests.consent.witness_stage import witness_of
from tests.factories import (
    AppRegistrationFactory,
    RequiredPermissionFactory,
    guid,
    permissions,
)

pytestmark = pytest.mark.django_db


def test_app_twice_in_one_cloud_is_refused():
    AppRegistrationFactory(slug="acme-calendar", cloud="global")

    with pytest.raises(IntegrityError):
        AppRegistrationFactory(slug="acme-calendar", cloud="global")


def test_app_with_a_client_id_taken_in_that_cloud_is_refused():
    AppRegistrationFactory(client_id=guid("app"), cloud="global")

    with pytest.raises(IntegrityError):
        AppRegistrationFactory(client_id=guid("app"), cloud="global")


def test_app_may_have_one_name_and_client_id_in_two_clouds():
    apps = [
        AppRegistrationFactory(slug="acme-calendar", client_id=guid("app"), cloud=name)
        for name in ("global", "us_l4")
    ]

    assert [app.microsoft for app in apps] == [cloud("global"), cloud("us_l4")]


@pytest.mark.parametrize("client_id", ["", "acme", guid("app").upper()])
def test_app_with_anything_but_a_lower_case_guid_is_refused(client_id):
    with pytest.raises(IntegrityError, match="client_id_is_a_lower_case_guid"):
        AppRegistrationFactory(client_id=client_id)


def test_app_with_version_zero_is_refused():
    with pytest.raises(IntegrityError, match="permission_version_from_one"):
        AppRegistrationFactory(permission_version=0, needs=[])


def test_app_knows_the_permissions_of_each_version():
    app = AppRegistrationFactory(permission_version=2, needs=["Mail.Send", "application Mail.Read"])
    old = RequiredPermissionFactory(app=app, version=1, of="Mail.Read")

    assert app.permissions() == permissions("Mail.Send", "application Mail.Read")
    assert app.permissions(1) == permissions("Mail.Read")
    assert [str(row) for row in app.rows()] == ["Mail.Send", "Mail.Read"]
    assert app.rows(1) == [old]


def test_app_is_called_by_its_name():
    assert str(AppRegistrationFactory(name="Acme Suite")) == "Acme Suite"


def test_permission_twice_in_one_version_is_refused_whatever_its_case():
    row = RequiredPermissionFactory(of="Mail.Read")

    with pytest.raises(IntegrityError):
        RequiredPermissionFactory(app=row.app, of="mail.read")


def test_permission_of_both_kinds_and_versions_stands():
    row = RequiredPermissionFactory(of="Mail.Read")
    RequiredPermissionFactory(app=row.app, of="application Mail.Read")
    RequiredPermissionFactory(app=row.app, of="Mail.Read", version=2)

    assert row.app.required_permissions.count() == 3


def test_witness_is_asked_for_and_not_needed():
    app = AppRegistrationFactory(needs=["Mail.Read", "offline_access"])
    row = witness_of(app)

    assert app.permissions() == permissions("Mail.Read", "offline_access") | {row.permission}
    assert app.needed() == permissions("Mail.Read")
    assert (app.witness(), app.witness(2)) == (row.permission, None)


def test_witness_beside_another_of_the_same_version_is_refused():
    app = AppRegistrationFactory()
    witness_of(app)
    witness_of(app, version=2)

    with pytest.raises(IntegrityError):
        witness_of(app, of="application Approval.Witness.2")


@pytest.mark.parametrize(
    "changes",
    [
        {"of": "Approval.Witness.1"},
        {"resource_client_id": GRAPH},
        {"resource_client_id": EXCHANGE_ONLINE},
    ],
)
def test_witness_that_users_or_microsoft_could_give_is_refused(changes):
    app = AppRegistrationFactory()

    with pytest.raises(IntegrityError, match="permission_witness_is_a_role_of_the_vendors_api"):
        witness_of(app, **changes)


def test_permission_of_an_unknown_kind_is_refused():
    with pytest.raises(IntegrityError, match="permission_kind_is_known"):
        RequiredPermissionFactory(kind="borrowed")
