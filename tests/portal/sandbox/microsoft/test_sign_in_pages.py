"""The visible sign-in, and what a user may and may not approve for himself."""

import pytest

from tests.portal.sandbox.microsoft.visitor import (
    CALENDAR_SCOPES,
    GRAPH_DEFAULT,
    SIGNIN_RETURN,
    SUITE,
    came_back,
    forms,
)


def at_consent(visitor, account, scope=CALENDAR_SCOPES, **query):
    """The page after signing in."""
    page = visitor.authorize(account.partition("@")[2], scope, **query)
    return visitor.sign_in(page, account)


def grants(microsoft, domain):
    return microsoft.state()["tenants"][domain]["grants"]


def test_user_consents_for_himself_where_users_may(microsoft, visitor, program):
    page = at_consent(visitor, "ana@fabrikam.example")
    assert forms(page)["consent"]["boxes"] == []

    answer = came_back(visitor.submit(page, "consent", decision="accept"))

    assert sorted(answer) == ["code", "session_state", "state", "to"]
    (granted,) = grants(microsoft, "fabrikam.example")
    assert granted == {
        "app": "acme-calendar",
        "for": "ana@fabrikam.example",
        "permissions": CALENDAR_SCOPES.split(),
    }
    assert "roles" not in program.token("fabrikam.example").json()


def test_service_principal_of_one_users_consent_lets_nobody_else_in(visitor, colleague):
    visitor.submit(at_consent(visitor, "ana@fabrikam.example"), "consent", decision="accept")

    page = at_consent(colleague, "ben@fabrikam.example")

    assert "consent" in forms(page)
    assert colleague.silent("fabrikam.example")["error"] == "consent_required"


def test_second_sign_in_of_the_same_user_shows_no_page(visitor):
    visitor.submit(at_consent(visitor, "ana@fabrikam.example"), "consent", decision="accept")

    answer = visitor.authorize("fabrikam.example", CALENDAR_SCOPES)

    assert "code" in came_back(answer)


def test_user_who_cancels_comes_back_with_access_denied(microsoft, visitor):
    page = at_consent(visitor, "ana@fabrikam.example")

    answer = came_back(visitor.submit(page, "consent", decision="cancel"))

    assert (answer["to"], answer["error"], answer["error_subcode"], answer["state"]) == (
        SIGNIN_RETURN,
        "access_denied",
        "cancel",
        "s-2",
    )
    assert "AADSTS65004" in answer["error_description"]
    assert grants(microsoft, "fabrikam.example") == []


def test_user_may_not_approve_what_needs_an_administrator(visitor):
    page = at_consent(visitor, "ana@fabrikam.example", "openid User.Read.All")

    assert (page.status_code, list(forms(page))) == (200, [])
    assert "<h1>Need admin approval</h1>" in page.text


@pytest.mark.parametrize(
    ("account", "title", "code"),
    [
        ("ana@contoso.example", "Need admin approval", "AADSTS90094"),
        ("ana@adatum.example", "Need admin approval", "AADSTS90094"),
        ("ana@northwind.example", "Approval required", "AADSTS90095"),
    ],
)
def test_wall_by_policy(visitor, account, title, code):
    page = at_consent(visitor, account)

    assert f"<h1>{title}</h1>" in page.text
    assert code in page.text
    assert "consent" not in forms(page)


def test_managed_policy_leaves_users_what_is_not_on_its_list(visitor):
    page = at_consent(visitor, "ana@adatum.example", "openid User.Read Mail.Send Contacts.Read")

    assert "consent" in forms(page)


def test_assignment_required_always_needs_an_administrator(microsoft, visitor):
    microsoft.control({"tenants": {"fabrikam.example": {"assignment_required": True}}})

    page = at_consent(visitor, "ana@fabrikam.example")

    assert "<h1>Need admin approval</h1>" in page.text


def test_unassigned_user_meets_an_error_page(microsoft, visitor):
    microsoft.control({"grants": [{"tenant": "tailspin.example", "app": "acme-calendar"}]})

    page = at_consent(visitor, "ana@tailspin.example")

    assert (page.status_code, "AADSTS50105" in page.text) == (400, True)


def test_unverified_publisher_is_risky(microsoft, visitor):
    microsoft.control({"apps": {"acme-calendar": {"is_publisher_verified": False}}})

    page = at_consent(visitor, "ana@fabrikam.example")

    assert "<h1>This app may be risky</h1>" in page.text
    assert "AADSTS900941" in page.text


def test_request_at_microsofts_own_form_looks_like_a_cancel(microsoft, visitor):
    page = at_consent(visitor, "ana@northwind.example")

    sent = visitor.submit(page, "request", decision="request", justification="I need it.")

    answer = came_back(sent)
    assert (answer["error"], answer["error_subcode"]) == ("access_denied", "cancel")
    assert microsoft.state()["tenants"]["northwind.example"]["approval_requests"] == [
        {"app": "acme-calendar", "by": "ana@northwind.example", "justification": "I need it."}
    ]


def test_administrator_is_offered_the_organisation_box_and_it_is_off(microsoft, visitor):
    page = at_consent(visitor, "admin@contoso.example")
    assert forms(page)["consent"]["boxes"] == [("for_organisation", False)]

    visitor.submit(page, "consent", decision="accept")

    (granted,) = grants(microsoft, "contoso.example")
    assert granted["for"] == "admin@contoso.example"


def test_organisation_box_grants_for_everyone(microsoft, visitor, colleague):
    page = at_consent(visitor, "cloudadmin@contoso.example")

    visitor.submit(page, "consent", decision="accept", for_organisation="on")

    (granted,) = grants(microsoft, "contoso.example")
    assert (granted["for"], granted["permissions"]) == (None, CALENDAR_SCOPES.split())
    assert "code" in came_back(at_consent(colleague, "ana@contoso.example"))


def test_user_cannot_smuggle_the_organisation_box_in(microsoft, visitor):
    page = at_consent(visitor, "ana@fabrikam.example")

    visitor.submit(page, "consent", decision="accept", for_organisation="on")

    (granted,) = grants(microsoft, "fabrikam.example")
    assert granted["for"] == "ana@fabrikam.example"


def test_prompt_consent_brings_the_wall_back_after_a_perfect_grant(microsoft, visitor):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar"}]})

    page = at_consent(visitor, "ana@contoso.example", prompt="consent")

    assert "<h1>Need admin approval</h1>" in page.text
    assert "code" in came_back(visitor.authorize("contoso.example", CALENDAR_SCOPES))


def test_select_account_shows_the_form_though_one_is_signed_in(microsoft, visitor):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar"}]})
    at_consent(visitor, "ana@contoso.example")

    page = visitor.authorize("contoso.example", prompt="select_account")

    assert list(forms(page)) == ["signin"]
    assert "code" in came_back(visitor.sign_in(page, "ben@contoso.example"))


def test_several_accounts_show_the_form_unless_hinted(microsoft, visitor):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar"}]})
    at_consent(visitor, "ana@contoso.example")
    at_consent(visitor, "ben@contoso.example", prompt="login")

    assert "signin" in forms(visitor.authorize("contoso.example"))
    hinted = visitor.authorize("contoso.example", login_hint="ben@contoso.example")
    assert "code" in came_back(hinted)


def test_unknown_account_is_asked_again(visitor):
    page = at_consent(visitor, "nobody@contoso.example")

    assert list(forms(page)) == ["signin"]
    assert "does not exist" in page.text


def test_account_of_another_tenant_meets_an_error_page(visitor):
    page = visitor.sign_in(visitor.authorize("contoso.example"), "ana@fabrikam.example")

    assert (page.status_code, "AADSTS50020" in page.text) == (400, True)


def test_organizations_signs_in_to_ones_own_tenant(microsoft, visitor):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar"}]})

    page = visitor.authorize("organizations")

    assert "code" in came_back(visitor.sign_in(page, "ana@contoso.example"))
    assert "signin" in forms(visitor.authorize("organizations", prompt="login"))


def test_default_asks_for_what_is_registered(microsoft, visitor):
    page = visitor.authorize("fabrikam.example", GRAPH_DEFAULT, SUITE)
    page = visitor.sign_in(page, "ana@fabrikam.example")

    visitor.submit(page, "consent", decision="accept")

    (granted,) = grants(microsoft, "fabrikam.example")
    assert granted["permissions"] == [
        "User.Read",
        "Mail.ReadWrite",
        "Calendars.ReadWrite",
        "openid",
        "profile",
    ]


def test_fragment_comes_back_behind_the_hash(microsoft, visitor):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar"}]})
    page = visitor.authorize("contoso.example", response_mode="fragment")

    answer = visitor.sign_in(page, "ana@contoso.example")

    assert answer.headers["Location"].startswith(f"{SIGNIN_RETURN}#code=")


def test_cookie_is_its_own_and_out_of_reach_of_scripts(visitor):
    answer = at_consent(visitor, "ana@contoso.example")

    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    assert name == "fakems_session"
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} == set(rest.split("; ")[1:])


def test_sign_out_forgets_the_accounts(visitor):
    at_consent(visitor, "ana@contoso.example")

    visitor.open("/common/oauth2/v2.0/logout")

    assert visitor.silent("contoso.example")["error"] == "login_required"


def test_what_people_type_is_escaped(visitor):
    page = at_consent(visitor, "<script>alert(1)</script>@contoso.example")

    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
