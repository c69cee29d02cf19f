"""A registration at Entra against our rows, where the simulated Microsoft has no such state."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from consent.checking.items import Grade, Item
from consent.checking.registration import compare
from tenants.microsoft.registration import RegisteredApplication, RegisteredCredential
from tests.factories import AppRegistrationFactory

pytestmark = pytest.mark.django_db
FAILED, WARNING = Grade.FAILED, Grade.WARNING


def registered(app, **changes):
    """The registration as it has to be, with something changed."""
    found = RegisteredApplication(
        client_id=app.client_id,
        display_name=app.name,
        is_multi_tenant=True,
        redirect_uris=frozenset(
            {"http://localhost:8000/consent/return/", "http://localhost:8000/signin/return/"}
        ),
        permissions=app.permissions(),
        group_membership_claims=frozenset({"DirectoryRole"}),
        verified_publisher="Acme",
        publisher_domain="acme.example",
        credentials=(),
    )
    return replace(found, **changes)


def compared(app, **changes):
    """What is not well then."""
    return [item for item in compare(app, registered(app, **changes)) if item.grade != Grade.OK]


def ending_in(days):
    """A secret that ends so many days from now."""
    return RegisteredCredential("key", False, timezone.now() + timedelta(days=days))


def test_registration_for_one_organisation_only():
    assert compared(AppRegistrationFactory(), is_multi_tenant=False) == [
        Item(
            FAILED,
            "Only accounts of your own organisation may use the app.",
            "Under Authentication, supported account types, choose any organisational directory.",
        )
    ]


def test_registration_whose_last_credential_ends_soon():
    soon = ending_in(10)

    assert compared(AppRegistrationFactory(), credentials=(ending_in(-40), soon)) == [
        Item(
            WARNING,
            f"The last credential of the app ends on {soon.ends_at:%Y-%m-%d}.",
            "Make a new one at Entra and change it here before that day.",
        )
    ]


def test_registration_with_a_newer_credential_beside_the_old_one():
    assert compared(AppRegistrationFactory(), credentials=(ending_in(10), ending_in(300))) == []
