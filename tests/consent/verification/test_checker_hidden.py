"""A directory that shows grants and not which API each of them is about."""

from datetime import timedelta

import pytest
import time_machine

from consent.models import Grant, Watch
from consent.verification import checker
from tests.consent.rows_stage import fresh
from tests.consent.verification.look_stage import NOON
from tests.factories import (
    ConsentRequestFactory,
    WatchFactory,
    seeded_app,
    seeded_tenant,
)
from tests.tenants.microsoft.stage import grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def watch():
    app, tenant = seeded_app("acme-suite"), seeded_tenant("contoso")
    return WatchFactory(of=ConsentRequestFactory(asked=True, tenant=tenant, app=app))


@pytest.fixture
def hide(microsoft):
    """What looking up an API is answered with from now on; 0 shows it again."""

    def _hide(status):
        microsoft.control({"tenants": {"contoso.example": {"apis_hidden_by": status}}})

    return _hide


def look(watch, hours):
    """One look so many hours after noon; what is known of the request then."""
    at = NOON + timedelta(hours=hours)
    with time_machine.travel(at, tick=False):
        Watch.objects.filter(pk=watch.pk).update(next_check_at=at)
        assert checker.look_at_due(only=watch.pk) == 1
    request = watch.tenant.requests.get(app=watch.app)
    return request.state, request.rung, request.missing, fresh(watch).negatives


@pytest.mark.parametrize("status", [403, 404])
def test_grant_is_not_gone_where_its_api_is_hidden(microsoft, watch, hide, status):
    microsoft.control(grant("contoso", "acme-suite"))
    granted = look(watch, 0)
    standing = set(Grant.objects.values_list("value", flat=True))

    hide(status)
    told = [look(watch, hours) for hours in (1, 2, 3, 4)]

    assert (granted, told) == (("granted", "directory", [], 0), [granted] * 4)
    assert set(Grant.objects.filter(gone_at=None).values_list("value", flat=True)) == standing


@pytest.mark.parametrize("status", [403, 404])
def test_grant_is_not_missing_where_its_api_is_hidden(microsoft, watch, hide, status):
    hide(status)
    absent = look(watch, 0)
    microsoft.control(grant("contoso", "acme-suite"))
    hidden = look(watch, 1)
    hide(0)

    assert [absent, hidden, look(watch, 2)] == [
        ("asked", "none", [], 0),
        ("asked", "installed", [], 0),
        ("granted", "directory", [], 0),
    ]


def test_grant_that_is_withdrawn_is_gone_where_its_api_is_hidden(microsoft, watch, hide):
    microsoft.control(grant("contoso", "acme-suite"))
    look(watch, 0)
    hide(403)
    microsoft.control({"revoke": [{"tenant": "contoso.example", "app": "acme-suite"}]})
    microsoft.control(grant("contoso", "acme-suite", permissions=["Directory.Read.All"]))

    assert [look(watch, hours)[0] for hours in (1, 2, 3)] == ["granted", "granted", "revoked"]
