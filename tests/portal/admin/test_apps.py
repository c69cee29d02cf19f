"""App registrations in the back office: superusers edit what people read, nobody what proves."""

import pytest
from django.contrib import admin

from consent.models import AppRegistration, Event, RequiredPermission
from tests.factories import AppRegistrationFactory

FACTS = {
    "name": "Acme Dates",
    "connect_url": "https://app.acme.example/again",
    "publisher": "Acme Ltd",
    "website_url": "https://acme.example",
    "privacy_url": "",
    "security_url": "",
    "data_location": "European Union",
    "accent": "jade",
}
NOT_FACTS = {
    "client_id": "00000000-0000-4000-8000-000000000000",
    "credential": "another",
    "permission_version": 9,
    "required_permissions-0-value": "Mail.Send",
}
BELOW = {"required_permissions-TOTAL_FORMS": 0, "required_permissions-INITIAL_FORMS": 0}


def post(client, app, **changes):
    address = f"/admin/consent/appregistration/{app.pk}/change/"
    return client.post(address, {**FACTS, **NOT_FACTS, **BELOW, **changes})


def test_superuser_changes_what_people_read(lead):
    app = AppRegistrationFactory()

    answer = post(lead, app)

    now = AppRegistration.objects.values().get()
    assert answer.status_code == 302
    assert {name: now[name] for name in FACTS} == FACTS
    assert {name: now[name] for name in ("client_id", "credential", "permission_version")} == {
        "client_id": app.client_id,
        "credential": app.credential,
        "permission_version": 1,
    }
    assert set(RequiredPermission.objects.values_list("value", flat=True)) == {
        "User.Read",
        "Mail.Read",
    }
    trail = list(Event.objects.values_list("kind", "actor", "detail"))
    assert trail == [("app_changed", "agent", app.slug)]


def test_superuser_who_changes_nothing_leaves_no_trail(lead):
    app = AppRegistrationFactory(**{**FACTS, "publisher_verified": False})

    post(lead, app)

    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        (
            {"connect_url": "https://app.acme.example/?prompt=consent"},
            "connect_url",
            "Leave prompt=consent out; it brings the wall back after an approval.",
        ),
        (
            {"accent": "#ff0000"},
            "accent",
            "Select a valid choice. #ff0000 is not one of the available choices.",
        ),
    ],
)
def test_superuser_is_told_what_is_unfit(lead, changes, field, problem):
    app = AppRegistrationFactory()

    answer = post(lead, app, **changes)

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors == {field: [problem]}


def test_agents_change_no_registration(desk):
    app = AppRegistrationFactory()

    answer = post(desk, app)

    assert answer.status_code == 403
    assert AppRegistration.objects.get().name == app.name


def test_nobody_adds_or_deletes_a_registration(lead):
    app = AppRegistrationFactory()

    assert lead.get("/admin/consent/appregistration/add/").status_code == 403
    assert lead.post(f"/admin/consent/appregistration/{app.pk}/delete/").status_code == 403


def test_permissions_have_no_page_of_their_own():
    assert RequiredPermission not in admin.site._registry
