"""Who will meet the wall next, from what rows know."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent import radar
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    GrantFactory,
    RequiredPermissionFactory,
    TenantDomainFactory,
    TenantFactory,
    TicketFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def app():
    """Mail.Read stops users under Microsoft's own rule, since that rule took it in."""
    return AppRegistrationFactory(needs=["User.Read", "Mail.Read"])


def seen():
    return [
        (risk.tenant, risk.reason, risk.people, [one.name for one in risk.added])
        for risk in radar.radar()
    ]


def solved(tenant, app, people=1):
    for _number in range(people):
        TicketFactory(tenant=tenant, app=app, solved=True)


def test_nobody_is_in_sight_at_first(app):
    assert seen() == []


def test_people_who_consented_for_themselves_are_a_risk(app):
    tenant = TenantFactory()
    for value, person in (("User.Read", "ana"), ("Mail.Read", "ana"), ("Mail.Read", "ben")):
        GrantFactory(tenant=tenant, app=app, value=value, person=person)
    GrantFactory(tenant=tenant, app=app, person="eva", gone_at=timezone.now())
    GrantFactory(app=app)

    (risk,) = radar.radar()
    assert (risk.tenant, risk.app, risk.reason, risk.people) == (tenant, app, "persons", 2)
    assert (risk.wall, risk.since) == ("managed", "2025-11")


def test_people_who_said_that_it_works_are_a_risk_without_an_approval(app):
    few, many, approved = TenantFactory(), TenantFactory(), TenantFactory()
    solved(few, app)
    solved(many, app, people=3)
    solved(approved, app)
    ConsentRequestFactory(tenant=approved, app=app, granted=True)
    TicketFactory(tenant=TenantFactory(), app=app)
    TicketFactory(app=app, solved=True)

    assert seen() == [(many, "connected", 3, []), (few, "connected", 1, [])]


def test_what_looks_saw_comes_before_what_people_say(app):
    tenant = TenantFactory()
    solved(tenant, app, people=3)
    GrantFactory(tenant=tenant, app=app, person="ana")

    assert seen() == [(tenant, "persons", 1, [])]


def test_approval_of_an_older_set_is_a_risk(app):
    request = ConsentRequestFactory(app=app, granted=True)
    solved(request.tenant, app, people=2)
    type(app).objects.filter(pk=app.pk).update(permission_version=2)
    for value in ("User.Read", "Mail.Read", "Calendars.Read", "offline_access"):
        RequiredPermissionFactory(app=app, version=2, of=value)

    assert seen() == [(request.tenant, "older_set", 2, ["Calendars.Read"])]


def test_approval_of_an_older_and_wider_set_is_none(app):
    ConsentRequestFactory(app=app, granted=True)
    type(app).objects.filter(pk=app.pk).update(permission_version=2)
    RequiredPermissionFactory(app=app, version=2, of="User.Read")

    assert seen() == []


def test_app_that_stops_nobody_is_no_risk():
    app = AppRegistrationFactory(needs=["User.Read"])
    solved(TenantFactory(), app)

    assert seen() == []


def test_radar_shows_at_most_so_many(app, monkeypatch):
    monkeypatch.setattr(radar, "MOST", 2)
    for _number in range(3):
        solved(TenantFactory(), app)

    assert len(seen()) == 2


def test_radar_at_the_desk_costs_the_same_for_many(app, client, django_user_model):
    client.force_login(
        django_user_model.objects.create(email="agent@acme.example", is_staff=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert "Nobody in sight" in client.get("/desk/radar/").content.decode()
    counted = []
    for more in (1, 2):
        for _number in range(more):
            tenant = TenantDomainFactory().tenant
            solved(tenant, app)
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/desk/radar/")
        counted.append(len(captured))

    assert counted[0] == counted[1]
    assert page.content.decode().count("People said that it works") == 3
