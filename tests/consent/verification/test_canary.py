"""What looks like an app that nobody approved may be our own registration, gone."""

import pytest

from consent.models import Check
from consent.verification import checker
from tests.factories import WatchFactory, seeded_app, seeded_tenant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("microsoft")]


@pytest.fixture
def watch():
    return WatchFactory(tenant=seeded_tenant("contoso"), app=seeded_app("acme-calendar"))


@pytest.fixture
def look(watch):
    """Look now; gives back what it found."""

    def _look():
        type(watch).objects.filter(pk=watch.pk).update(next_check_at=watch.app.created_at)
        checker.look_at_due(only=watch.pk)
        return Check.objects.latest("pk").outcome

    return _look


def test_canary_that_sings_leaves_an_absent_app_absent(microsoft, look):
    assert look() == "absent"
    assert microsoft.state()["calls"]["acme.example"]["token"] == 1


def test_canary_is_believed_for_a_while(microsoft, look):
    assert [look(), look()] == ["absent", "absent"]
    assert microsoft.state()["calls"]["acme.example"]["token"] == 1


def test_looks_at_once_share_one_canary(microsoft, watch):
    for name in ("fabrikam", "northwind", "adatum"):
        WatchFactory(tenant=seeded_tenant(name), app=watch.app)

    assert checker.look_at_due() == 4

    assert {check.outcome for check in Check.objects.all()} == {"absent"}
    assert microsoft.state()["calls"]["acme.example"]["token"] == 1


def test_canary_that_is_silent_means_us_and_not_the_customer(microsoft, look):
    microsoft.control({"tenants": {"acme.example": {"blocked": ["acme-calendar"]}}})

    assert look() == "credential"


def test_canary_that_cannot_be_heard_leaves_it_open(microsoft, look):
    microsoft.control({"tenants": {"acme.example": {"faults": {"token": {"503": 1.0}}}}})

    assert look() == "unreachable"


def test_canary_of_a_registration_without_home_is_none(microsoft, watch, look):
    type(watch.app).objects.update(home_tenant_id="")

    assert look() == "absent"
    assert "acme.example" not in microsoft.state()["calls"]
