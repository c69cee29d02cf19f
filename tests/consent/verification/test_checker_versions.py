"""A tenant that has granted an older set, while the app needs another: looks ask about both."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from consent.models import Check, Watch
from consent.verification import checker
from tenants.microsoft.permissions import EXCHANGE_ONLINE
from tests.consent.witness_stage import add_witness, app_with_witness
from tests.factories import (
    ConsentRequestFactory,
    RequiredPermissionFactory,
    WatchFactory,
    seeded_app,
    seeded_tenant,
)
from tests.tenants.microsoft.stage import grant

pytestmark = pytest.mark.django_db


def granted_first_set(app, rung="directory"):
    """Contoso has granted version 1; the app is at version 2 now, which has what version 1 had of
    Graph.
    """
    for row in app.rows():
        if row.resource_client_id not in {EXCHANGE_ONLINE, app.client_id}:
            RequiredPermissionFactory(app=app, version=2, kind=row.kind, value=row.value)
    type(app).objects.filter(pk=app.pk).update(permission_version=2)
    request = ConsentRequestFactory(
        granted=True, rung=rung, permission_version=1, tenant=seeded_tenant("contoso"), app=app
    )
    return WatchFactory(of=request)


def look(watch, minutes):
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        Watch.objects.filter(pk=watch.pk).update(next_check_at=timezone.now(), not_before=None)
        assert checker.look_at_due(only=watch.pk) == 1
    watch.refresh_from_db()
    return watch.app.requests.get().state, watch.negatives


@pytest.mark.parametrize("kind", ["EWS.AccessAsUser.All", "application full_access_as_app"])
@pytest.mark.parametrize("slug", ["acme-archive", "acme-suite"])
def test_api_that_only_the_older_set_has_is_asked_about(microsoft, slug, kind):
    if slug == "acme-archive" and not kind.startswith("application"):
        kind = "application IMAP.AccessAsApp"
    app = seeded_app(slug)
    RequiredPermissionFactory(app=app, of=kind, resource_client_id=EXCHANGE_ONLINE)
    registered = microsoft.state()["apps"][slug]["permissions"]
    of_exchange = kind if " " in kind else f"delegated {kind}"
    listed = [*registered, f"{EXCHANGE_ONLINE} {of_exchange}"]
    microsoft.control({"apps": {slug: {"permissions": listed}}})
    microsoft.control(grant("contoso", slug))
    watch = granted_first_set(app)

    assert [look(watch, minutes) for minutes in (0, 8, 16, 30)] == [("granted", 0)] * 4


def test_witness_of_the_older_set_goes_on_to_prove_it(microsoft):
    app = app_with_witness(microsoft)
    microsoft.control(grant("contoso", "acme-calendar"))
    watch = granted_first_set(app, rung="witness")

    assert [look(watch, minutes) for minutes in (0, 8, 16, 30)] == [("granted", 0)] * 4


def test_witness_that_the_vendor_took_away_ends_no_approval(microsoft):
    app = seeded_app("acme-calendar")
    add_witness(microsoft, app)
    microsoft.control(grant("contoso", "acme-calendar"))
    request = ConsentRequestFactory(
        granted=True, rung="witness", tenant=seeded_tenant("contoso"), app=app
    )
    watch = WatchFactory(of=request)
    assert look(watch, 0) == ("granted", 0)
    for domain in ("contoso.example", "acme.example"):
        microsoft.control({"revoke": [{"tenant": domain, "app": "acme-calendar"}]})

    assert [look(watch, minutes) for minutes in (100, 108, 116, 130)] == [("granted", 0)] * 4
    assert {check.outcome for check in Check.objects.all()} == {"present"}
