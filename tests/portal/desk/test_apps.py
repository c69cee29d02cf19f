"""The advisor at the desk."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import AppRegistrationFactory, seeded_app


def queries(desk, page):
    """How many queries that page takes."""
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(page).status_code == 200
    return len(captured)


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/desk/apps/", "/desk/apps/acme-calendar/"])
def test_advisor_is_for_agents(client, page):
    seeded_app("acme-calendar")

    answer = client.get(page)

    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")


def test_apps_before_one_is_registered(desk):
    assert "No app is registered yet" in desk.get("/desk/apps/").content.decode()


def test_apps_take_as_many_queries_for_three_as_for_one(desk):
    counted = []
    for more in (1, 2):
        apps = [AppRegistrationFactory(slug=f"app-{more}-{number}") for number in range(more)]
        counted += [queries(desk, "/desk/apps/"), queries(desk, f"/desk/apps/{apps[0].slug}/")]

    assert counted == [7, 7, 7, 7]


def test_app_says_what_stops_users_and_what_would_not(desk):
    seeded_app("acme-suite")

    markup = desk.get("/desk/apps/acme-suite/").content.decode()

    stopping = re.findall(
        r'class="permission-name">([\w.]+)</code>.*?(since \d{4}-\d\d)?</', markup
    )
    assert [name for name, _since in stopping] == [
        "Mail.ReadWrite",
        "Calendars.ReadWrite",
        "Directory.Read.All",
    ]
    assert "No user can approve this set" in markup
    assert "since 2025-11" in markup
    assert "In its place: <code>Mail.Send</code>. The app can send mail" in markup
    assert "Verify it first" in markup


def test_app_in_two_clouds_shows_both(desk):
    seeded_app("acme-calendar")
    AppRegistrationFactory(slug="acme-calendar", cloud="us_l4", publisher_verified=True)

    markup = desk.get("/desk/apps/acme-calendar/").content.decode()

    assert re.findall(r'<div class="story">\s*<h2>([^<]+)</h2>', markup) == [
        "Simulated Microsoft",
        "Microsoft 365 US Government (GCC High)",
    ]


def test_app_that_stops_nobody(desk):
    AppRegistrationFactory(slug="free", needs=["User.Read"], publisher_verified=True)

    markup = desk.get("/desk/apps/free/").content.decode()

    assert ("These permissions stop nobody" in markup, "Verify it first" in markup) == (True, False)


def test_app_that_is_not_registered(desk):
    assert desk.get("/desk/apps/nope/").status_code == 404


def test_rail_leads_to_the_apps(desk):
    assert '<a href="/desk/apps/">' in desk.get("/desk/").content.decode()
