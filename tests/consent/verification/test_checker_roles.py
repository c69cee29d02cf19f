"""Application permissions of several APIs, against the simulated Microsoft: one token for each API
whose roles nothing else shows.
"""

import pytest
from django.utils import timezone

from consent.models import Check, Grant, Watch
from consent.verification import checker
from tenants.microsoft.permissions import EXCHANGE_ONLINE
from tests.factories import (
    ConsentRequestFactory,
    RequiredPermissionFactory,
    TicketFactory,
    WatchFactory,
    seeded_app,
    seeded_tenant,
)
from tests.tenants.microsoft.stage import grant

pytestmark = pytest.mark.django_db

OF_EXCHANGE = "application full_access_as_app"
BOTH = ["Mail.Read", "full_access_as_app"]


def watch_of(microsoft, slug):
    """Contoso is asked to approve that app, which needs a role of Exchange Online too."""
    app = seeded_app(slug)
    RequiredPermissionFactory(app=app, of=OF_EXCHANGE, resource_client_id=EXCHANGE_ONLINE)
    registered = microsoft.state()["apps"][slug]["permissions"]
    listed = [*registered, f"{EXCHANGE_ONLINE} {OF_EXCHANGE}"]
    microsoft.control({"apps": {slug: {"permissions": listed}}})
    request = ConsentRequestFactory(asked=True, tenant=seeded_tenant("contoso"), app=app)
    return WatchFactory(of=request)


@pytest.fixture
def archive(microsoft):
    """The app that acts as itself alone and cannot read the directory."""
    return watch_of(microsoft, "acme-archive")


@pytest.fixture(params=["acme-archive", "acme-suite"])
def watch(request, microsoft):
    """One without and one with sight of the directory."""
    return watch_of(microsoft, request.param)


def look(watch, times=1):
    """That many looks; what each of them cost in calls."""
    for _ in range(times):
        Watch.objects.filter(pk=watch.pk).update(next_check_at=timezone.now(), not_before=None)
        assert checker.look_at_due(only=watch.pk) == 1
    return list(Check.objects.order_by("pk").values_list("calls", flat=True))[-times:]


def request_of(watch):
    return watch.tenant.requests.get(app=watch.app)


def test_grant_of_two_apis_is_proved_and_told(microsoft, watch):
    ticket = TicketFactory(request=request_of(watch), waiting=True)
    microsoft.control(grant("contoso", watch.app.slug))

    look(watch)

    ticket.refresh_from_db()
    request = request_of(watch)
    assert (request.state, request.rung, ticket.state) == ("granted", "directory", "ready")
    assert Grant.objects.filter(resource_client_id=EXCHANGE_ONLINE).get().value == BOTH[1]


def test_one_token_an_api_and_none_where_the_directory_shows_it(microsoft, watch):
    microsoft.control(grant("contoso", watch.app.slug))

    fresh = 3 if watch.app.slug == "acme-archive" else 2
    assert look(watch, times=3) == [fresh, fresh, 1]


def test_role_of_the_other_api_that_is_not_granted_is_missing(microsoft, watch):
    registered = microsoft.state()["apps"][watch.app.slug]["permissions"]
    of_graph = [one.split()[1] for one in registered if one != OF_EXCHANGE]
    microsoft.control(grant("contoso", watch.app.slug, permissions=of_graph))

    look(watch)
    assert (request_of(watch).state, request_of(watch).missing) == ("asked", [BOTH[1]])

    # What was missing is asked for anew at each look.
    microsoft.control(grant("contoso", watch.app.slug, permissions=[BOTH[1]]))
    look(watch)
    assert request_of(watch).state == "granted"


def test_roles_kept_in_two_tokens_are_dropped_with_them(microsoft, archive):
    microsoft.control(grant("contoso", archive.app.slug))
    look(archive, times=3)

    microsoft.control({"revoke": [{"tenant": "contoso.example", "app": archive.app.slug}]})
    microsoft.control({"tenants": {"contoso.example": {"assignment_required": True}}})

    # Assignment shows in the directory at once: what was kept no longer fits, and fresh tokens tell
    # that the roles are gone as well.
    assert look(archive) == [4]
    archive.refresh_from_db()
    assert (archive.negatives, Grant.objects.filter(gone_at=None).count()) == (1, 0)


def test_tenant_without_that_api_has_granted_nothing_of_it(microsoft, archive):
    microsoft.control(grant("contoso", archive.app.slug, permissions=["Mail.Read"]))
    microsoft.control({"tenants": {"contoso.example": {"without_exchange": True}}})

    assert look(archive, times=3) == [3, 3, 3]

    assert {check.outcome for check in Check.objects.all()} == {"present"}
    assert (request_of(archive).state, request_of(archive).missing) == ("asked", [BOTH[1]])
    assert microsoft.state()["calls"]["acme.example"]["token"] == 1


def test_api_that_is_missing_at_home_too_says_nothing_of_a_customer(microsoft, archive, caplog):
    microsoft.control(grant("contoso", archive.app.slug))
    look(archive)
    everywhere = {
        domain: {"without_exchange": True} for domain in ("contoso.example", "acme.example")
    }
    microsoft.control({"tenants": everywhere})

    for _ in range(3):
        look(archive)

    found = [(check.outcome, check.code) for check in Check.objects.order_by("pk")]
    assert found == [("present", ""), *[("present", "AADSTS500011")] * 3]
    archive.refresh_from_db()
    assert (request_of(archive).state, archive.negatives) == ("granted", 0)
    assert Grant.objects.filter(gone_at=None).count() == 2
    assert f"our home tenant does not show the API {EXCHANGE_ONLINE} either" in caplog.messages


def test_api_that_is_missing_says_nothing_while_home_cannot_be_asked(microsoft, archive, caplog):
    microsoft.control(grant("contoso", archive.app.slug))
    look(archive)
    away = {"faults": {"token": {"503": 1.0}}}
    tenants = {"contoso.example": {"without_exchange": True}, "acme.example": away}
    microsoft.control({"tenants": tenants})

    for _ in range(3):
        look(archive)

    archive.refresh_from_db()
    assert (request_of(archive).state, archive.negatives) == ("granted", 0)
    assert Grant.objects.filter(gone_at=None).count() == 2
    assert [one.levelname for one in caplog.records if one.levelname != "INFO"] == []


def test_api_that_could_not_be_read_hides_no_loss_of_another(microsoft, archive):
    microsoft.control(grant("contoso", archive.app.slug))
    look(archive)
    microsoft.control({"tenants": {"acme.example": {"without_exchange": True}}})
    microsoft.control({"tenants": {"contoso.example": {"without_exchange": True}}})
    microsoft.control({"revoke": [{"tenant": "contoso.example", "app": archive.app.slug}]})

    look(archive)

    archive.refresh_from_db()
    standing = Grant.objects.filter(gone_at=None).values_list("value", flat=True)
    assert (archive.negatives, [*standing]) == (1, [BOTH[1]])


def test_api_whose_subscription_has_lapsed_leaves_the_rest_of_the_look_standing(microsoft, archive):
    microsoft.control({"tenants": {"contoso.example": {"exchange_lapsed": True}}})
    look(archive)
    microsoft.control(grant("contoso", archive.app.slug))

    look(archive)

    request = request_of(archive)
    found = [(check.outcome, check.code) for check in Check.objects.order_by("pk")]
    assert found == [("absent", "AADSTS7000229"), ("present", "AADSTS500014")]
    assert (request.state, request.rung, request.missing) == ("asked", "installed", [])
    assert [row.value for row in Grant.objects.all()] == ["Mail.Read"]


def test_token_of_the_other_api_that_cannot_be_had_takes_nothing_away(microsoft, archive):
    microsoft.control(grant("contoso", archive.app.slug))
    look(archive)
    microsoft.control({"tenants": {"contoso.example": {"faults": {"token": {"429": 1.0}}}}})

    look(archive)

    assert Check.objects.latest("pk").outcome == "throttled"
    assert request_of(archive).state == "granted"
