"""`manage.py check_app` where permissions of other APIs than Graph are needed, a witness too."""

import pytest

from consent.checking.items import Grade
from consent.checking.registration import examine
from tenants.microsoft.permissions import EXCHANGE_ONLINE
from tests.consent.witness_stage import app_with_witness
from tests.factories import RequiredPermissionFactory, seeded_app

pytestmark = pytest.mark.django_db


def found(app, grade):
    """What is not well, of that grade: what was found."""
    return [item.found for item in examine(app) if item.grade == grade]


def test_check_app_says_that_a_witness_is_untried(microsoft):
    app = app_with_witness(microsoft)

    assert found(app, Grade.FAILED) == []
    assert found(app, Grade.WARNING) == [
        "Approval.Witness.1 is a witness, which nobody has tried against the real Microsoft yet."
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"revoke": [{"tenant": "acme.example", "app": "acme-calendar"}]},
        {"tenants": {"acme.example": {"assignment_required": True}}},
    ],
)
def test_check_app_whose_own_tenant_lacks_the_witness(microsoft, change):
    app = app_with_witness(microsoft)
    microsoft.control({"revoke": [{"tenant": "acme.example", "app": "acme-calendar"}]})
    microsoft.control(change)

    assert found(app, Grade.FAILED)[0] == (
        "Your own tenant does not hold the witness Approval.Witness.1, so nobody would notice "
        "where an approval is missing or withdrawn."
    )


def test_check_app_with_an_api_that_our_own_tenant_lacks(microsoft):
    app = seeded_app("acme-archive")
    RequiredPermissionFactory(
        app=app, of="application full_access_as_app", resource_client_id=EXCHANGE_ONLINE
    )
    listed = ["application Mail.Read", f"{EXCHANGE_ONLINE} application full_access_as_app"]
    microsoft.control({"apps": {"acme-archive": {"permissions": listed}}})
    microsoft.control({"tenants": {"acme.example": {"without_exchange": True}}})

    assert found(app, Grade.FAILED) == []
    [warning] = found(app, Grade.WARNING)
    assert warning == (
        f"Your own tenant does not have the APIs {EXCHANGE_ONLINE}, so their permissions cannot be "
        "compared."
    )
