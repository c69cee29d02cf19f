import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent import presenting, tokens
from consent.presenting import AskedPermission, defused
from tests.consent.witness_stage import witness_of
from tests.factories import (
    AppRegistrationFactory,
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    RequiredPermissionFactory,
    TicketFactory,
)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("We want our calendars in sync.", "We want our calendars in sync."),
        ("see https://evil.example/x", "see https : // evil[.]example/x"),
        ("www.evil.example", "www[.]evil[.]example"),
        ("write to me@evil.example", "write to me (at) evil[.]example"),
        ("3.14 and e.g. this", "3[.]14 and e[.]g. this"),
        ("", ""),
    ],
)
def test_words_of_strangers_are_defused(typed, shown):
    assert defused(typed) == shown


@given(st.text(st.sampled_from(":/.@ab w") | st.characters()))
@example("a:://b")
@example("a.b.c@d.e")
def test_words_of_strangers_never_become_a_link(typed):
    shown = defused(typed)

    assert "@" not in shown
    assert "://" not in shown
    assert re.search(r"\w\.\w", shown) is None


@pytest.mark.django_db
def test_permissions_are_shown_in_the_vendors_order_with_their_reasons():
    app = AppRegistrationFactory(needs=[])
    RequiredPermissionFactory(app=app, of="Mail.Read", reason="To sort it.", without_it="Chaos.")
    RequiredPermissionFactory(app=app, of="application User.Read.All", reason="To know whom.")
    RequiredPermissionFactory(app=app, of="Mail.Send", version=2)

    shown = presenting.asked_permissions(ConsentRequestFactory(app=app))

    assert [(one.value, one.kind, one.reason, one.without_it) for one in shown] == [
        ("Mail.Read", "delegated", "To sort it.", "Chaos."),
        ("User.Read.All", "application", "To know whom.", ""),
    ]
    assert all(isinstance(one, AskedPermission) and one.words for one in shown)


@pytest.mark.django_db
def test_witness_is_shown_as_what_opens_nothing():
    app = AppRegistrationFactory(needs=["Mail.Read"])
    witness_of(app)

    shown = presenting.asked_permissions(ConsentRequestFactory(app=app))

    assert [(one.value, one.kind, bool(one.words)) for one in shown] == [
        ("Mail.Read", "delegated", True),
        ("Approval.Witness.1", "witness", False),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("needs", "role"),
    [
        (["Mail.Read"], "cloud_application_administrator"),
        (["Mail.Read", "application Mail.Read"], "privileged_role_administrator"),
    ],
)
def test_role_needed_is_the_smallest_that_may_approve(needs, role):
    request = ConsentRequestFactory(app=AppRegistrationFactory(needs=needs))

    assert presenting.needed_role(request) == role


@pytest.mark.django_db
def test_addresses_stand_on_our_own_host(settings):
    settings.PORTAL_URL = "https://approve.acme.example"
    link, ticket, contact = ApprovalLinkFactory(), TicketFactory(), ContactFactory()
    path = f"/a/{tokens.approval_token(link)}/"

    assert presenting.approval_path(link) == path
    assert presenting.approval_address(link) == f"https://approve.acme.example{path}"
    assert presenting.status_address(ticket) == (
        f"https://approve.acme.example/t/{tokens.ticket_token(ticket)}/"
    )
    assert presenting.stop_address(contact) == (
        f"https://approve.acme.example/stop/{tokens.stop_token(contact)}/"
    )


@pytest.mark.django_db
def test_way_without_our_link_leads_to_the_app_in_its_cloud():
    request = ConsentRequestFactory(app=AppRegistrationFactory(cloud="global"))

    assert presenting.portal_way(request) == (
        "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Permissions"
        f"/appId/{request.app.client_id}"
    )
