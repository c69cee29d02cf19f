"""The administrator's page: who may approve what, and in which shapes the browser comes back."""

import pytest

from portal.sandbox.microsoft.seed import EXCHANGE
from tests.portal.sandbox.microsoft.visitor import (
    ARCHIVE,
    CALENDAR,
    CALENDAR_SCOPES,
    CONSENT_RETURN,
    GRAPH_DEFAULT,
    SUITE,
    TENANT_IDS,
    came_back,
    directory,
    forms,
)


def shown_to(visitor, account, scope=CALENDAR_SCOPES, app=CALENDAR, domain=None):
    """What that person sees after signing in."""
    page = visitor.consent_page(domain or account.partition("@")[2], scope, app)
    return visitor.sign_in(page, account)


def test_approval_comes_back_with_tenant_scope_and_state(microsoft, visitor):
    answer = visitor.approve("contoso.example", "admin@contoso.example")

    assert answer == {
        "to": CONSENT_RETURN,
        "admin_consent": "True",
        "tenant": TENANT_IDS["contoso.example"],
        "scope": CALENDAR_SCOPES,
        "state": "s-1",
    }
    everyone = {
        "app": "acme-calendar",
        "for": None,
        "permissions": CALENDAR_SCOPES.split(),
    }
    assert directory(microsoft, "contoso.example") == ([everyone], [])


def test_default_approves_all_that_is_registered(microsoft, visitor):
    visitor.approve("contoso.example", "admin@contoso.example", GRAPH_DEFAULT, SUITE)

    (granted,), roles = directory(microsoft, "contoso.example")
    assert granted["permissions"] == [
        "User.Read",
        "Mail.ReadWrite",
        "Calendars.ReadWrite",
        "openid",
        "profile",
    ]
    assert roles == [{"app": "acme-suite", "permission": "Directory.Read.All"}]


def test_named_scopes_grant_no_application_permission(microsoft, visitor):
    visitor.approve("contoso.example", "admin@contoso.example", "openid User.Read", SUITE)

    (granted,), roles = directory(microsoft, "contoso.example")
    assert (granted["permissions"], roles) == (["openid", "User.Read"], [])


def test_static_registration_does_not_hold_what_is_asked_at_run_time(visitor, colleague):
    visitor.approve("contoso.example", "admin@contoso.example", GRAPH_DEFAULT, SUITE)
    page = colleague.authorize("contoso.example", "openid Contacts.Read", SUITE)

    page = colleague.sign_in(page, "ana@contoso.example")

    assert "<h1>Need admin approval</h1>" in page.text


def test_narrower_approval_takes_earlier_scopes_away(microsoft, visitor):
    own = {"tenant": "contoso.example", "app": "acme-calendar", "for": "ben@contoso.example"}
    microsoft.control({"grants": [own]})
    visitor.approve("contoso.example", "admin@contoso.example")

    visitor.approve("contoso.example", "admin@contoso.example", "openid profile Mail.Send")

    grants, _ = directory(microsoft, "contoso.example")
    assert {row["for"]: len(row["permissions"]) for row in grants} == {
        None: 3,
        "ben@contoso.example": 8,
    }


def test_approval_of_another_api_alone_removes_graph_scopes(microsoft, visitor):
    visitor.approve("contoso.example", "admin@contoso.example")

    scope = "https://outlook.office365.com/EWS.AccessAsUser.All"
    visitor.approve("contoso.example", "admin@contoso.example", scope)

    grants, _ = directory(microsoft, "contoso.example")
    assert [row["permissions"] for row in grants] == [["EWS.AccessAsUser.All"]]


def test_page_is_shown_again_after_the_approval(visitor):
    visitor.approve("contoso.example", "admin@contoso.example")

    page = visitor.consent_page("contoso.example")

    assert list(forms(page)) == ["consent"]
    assert came_back(visitor.submit(page, "consent", decision="accept"))["state"] == "s-1"


def test_cancel_comes_back_with_admin_consent_and_without_tenant(microsoft, visitor):
    page = shown_to(visitor, "admin@contoso.example")

    answer = came_back(visitor.submit(page, "consent", decision="cancel"))

    description = answer.pop("error_description")
    assert description.startswith("AADSTS65004: ")
    assert answer == {
        "to": CONSENT_RETURN,
        "admin_consent": "True",
        "error": "access_denied",
        "error_uri": f"{microsoft.url}/error?code=65004",
        "state": "s-1",
    }
    assert directory(microsoft, "contoso.example") == ([], [])


def test_account_of_another_tenant_comes_back_without_tenant(visitor):
    page = visitor.consent_page("contoso.example")

    answer = came_back(visitor.sign_in(page, "admin@fabrikam.example"))

    assert answer["error"] == "access_denied"
    assert answer["error_description"].startswith("AADSTS50020: ")
    assert (answer["state"], "tenant" in answer) == ("s-1", False)


def test_ordinary_user_meets_a_dead_end(visitor):
    page = shown_to(visitor, "ana@contoso.example")

    assert (page.status_code, list(forms(page))) == (200, [])
    assert "<h1>Need admin approval</h1>" in page.text
    assert f'href="{CONSENT_RETURN}' not in page.text


def test_dead_end_has_no_request_form_even_where_the_workflow_is_on(visitor):
    page = shown_to(visitor, "ana@northwind.example")

    assert (list(forms(page)), "<h1>Need admin approval</h1>" in page.text) == ([], True)


def test_dead_end_lets_an_administrator_sign_in_instead(visitor):
    shown_to(visitor, "ana@contoso.example")

    page = visitor.consent_page("contoso.example", prompt="select_account")

    assert "consent" in forms(visitor.sign_in(page, "admin@contoso.example"))


def test_user_cannot_post_a_decision_past_the_dead_end(microsoft, visitor):
    page = visitor.consent_page("contoso.example")

    visitor.submit(page, "signin", account="ana@contoso.example", decision="accept")

    assert directory(microsoft, "contoso.example") == ([], [])


@pytest.mark.parametrize(
    ("account", "scope", "app", "may"),
    [
        ("cloudadmin@contoso.example", CALENDAR_SCOPES, CALENDAR, True),
        ("cloudadmin@contoso.example", "openid User.Read.All", CALENDAR, True),
        ("cloudadmin@contoso.example", GRAPH_DEFAULT, SUITE, False),
        ("cloudadmin@contoso.example", GRAPH_DEFAULT, ARCHIVE, False),
        ("custom@contoso.example", GRAPH_DEFAULT, SUITE, True),
        ("custom@contoso.example", CALENDAR_SCOPES, CALENDAR, True),
        ("eva@proseware.example", CALENDAR_SCOPES, CALENDAR, False),
    ],
)
def test_role_decides_who_may_approve(visitor, account, scope, app, may):
    page = shown_to(visitor, account, scope, app)

    assert list(forms(page)) == (["consent"] if may else [])


def test_guest_administrator_approves_at_the_tenants_own_address(microsoft, visitor):
    page = shown_to(visitor, "it@partner.example", domain="fourthcoffee.example")

    answer = came_back(visitor.submit(page, "consent", decision="accept"))

    assert answer["tenant"] == TENANT_IDS["fourthcoffee.example"]
    assert directory(microsoft, "fourthcoffee.example")[0][0]["for"] is None


def test_guest_administrator_lands_at_home_without_the_tenants_address(visitor):
    page = shown_to(visitor, "it@partner.example", domain="organizations")

    assert "<h1>Need admin approval</h1>" in page.text


def test_organizations_approves_in_the_administrators_own_tenant(microsoft, visitor):
    page = shown_to(visitor, "admin@fabrikam.example", domain="organizations")

    answer = came_back(visitor.submit(page, "consent", decision="accept"))

    assert answer["tenant"] == TENANT_IDS["fabrikam.example"]
    assert directory(microsoft, "fabrikam.example")[0] != []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"redirect_uri": CONSENT_RETURN + "more"}, 50011),
        ({"redirect_uri": None}, 900144),
        ({"scope": ""}, 900144),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, 700016),
        ({"scope": "https://graph.microsoft.com/.default Mail.Read"}, 70011),
    ],
)
def test_badly_built_address_stays_on_an_error_page(visitor, query, code):
    page = visitor.consent_page("contoso.example", **query)

    assert (page.status_code, f"AADSTS{code}" in page.text) == (400, True)


def test_disabled_app_stays_on_an_error_page(visitor):
    page = shown_to(visitor, "admin@litware.example")

    assert (page.status_code, "AADSTS7000112" in page.text) == (400, True)


def test_empty_registration_comes_back_with_an_error(microsoft, visitor):
    microsoft.control({"apps": {"acme-suite": {"permissions": []}}})

    answer = came_back(shown_to(visitor, "admin@contoso.example", GRAPH_DEFAULT, SUITE))

    assert answer["error_description"].startswith("AADSTS1003031: ")
    assert answer["admin_consent"] == "True"


def test_service_that_nobody_there_has_bought_stops_the_approval(microsoft, visitor):
    listed = f"{EXCHANGE} application full_access_as_app"
    microsoft.control({"apps": {"acme-suite": {"permissions": [listed]}}})
    microsoft.control({"tenants": {"contoso.example": {"without_exchange": True}}})

    page = shown_to(visitor, "admin@contoso.example", GRAPH_DEFAULT, SUITE)

    assert (page.status_code, "AADSTS650052" in page.text) == (400, True)
    assert directory(microsoft, "contoso.example") == ([], [])


def test_role_of_its_own_api_is_granted_beside_what_people_share(microsoft, visitor):
    own = f"{CALENDAR.client_id} application Approval.Witness.1"
    microsoft.control({"apps": {"acme-calendar": {"permissions": ["delegated Mail.Read", own]}}})

    page = shown_to(visitor, "cloudadmin@contoso.example", GRAPH_DEFAULT)
    came_back(visitor.submit(page, "consent", decision="accept"))

    everyone = {"app": "acme-calendar", "for": None, "permissions": ["Mail.Read"]}
    witness = {"app": "acme-calendar", "permission": "Approval.Witness.1"}
    assert directory(microsoft, "contoso.example") == ([everyone], [witness])


def test_write_conflict_comes_back_with_an_error_and_grants_nothing(microsoft, visitor):
    microsoft.control({"tenants": {"contoso.example": {"consent_conflict": True}}})

    answer = visitor.approve("contoso.example", "admin@contoso.example")

    assert answer["error"] == "invalid_client"
    assert answer["error_description"].startswith("AADSTS650051: ")
    assert directory(microsoft, "contoso.example") == ([], [])
