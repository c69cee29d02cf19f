"""`prompt=none`: a redirect whatever happens, and never a page."""

import pytest

from tests.portal.sandbox.microsoft.visitor import (
    CALENDAR,
    CALENDAR_SCOPES,
    SIGNIN_RETURN,
    forms,
)


def error(answer):
    """Word and number."""
    number = int(answer["error_description"].removeprefix("AADSTS").split(":")[0])
    return answer["error"], number, answer["state"]


def sign_in(visitor, *accounts):
    """Sign in without deciding anything."""
    for account in accounts:
        page = visitor.authorize(account.partition("@")[2], prompt="select_account")
        visitor.sign_in(page, account)


def grant(microsoft, domain, **row):
    microsoft.control({"grants": [{"tenant": domain, "app": "acme-calendar", **row}]})


def test_silent_with_nobody_signed_in(visitor):
    assert error(visitor.silent("contoso.example")) == ("login_required", 50058, "s-2")


def test_silent_without_a_service_principal_is_not_consented(visitor):
    sign_in(visitor, "admin@contoso.example")

    assert error(visitor.silent("contoso.example")) == ("consent_required", 65001, "s-2")


def test_silent_after_the_approval_gives_a_code(visitor):
    visitor.approve("contoso.example", "admin@contoso.example")

    answer = visitor.silent("contoso.example", CALENDAR_SCOPES)

    assert sorted(answer) == ["code", "session_state", "state", "to"]
    assert answer["to"] == SIGNIN_RETURN


def test_silent_needs_a_grant_for_openid_and_profile_too(microsoft, visitor):
    sign_in(visitor, "ana@contoso.example")
    grant(microsoft, "contoso.example", permissions=["User.Read"])

    assert error(visitor.silent("contoso.example")) == ("consent_required", 65001, "s-2")
    assert "code" in visitor.silent("contoso.example", "User.Read")


def test_silent_with_a_part_of_the_set_is_not_consented(microsoft, visitor):
    sign_in(visitor, "admin@contoso.example")
    grant(microsoft, "contoso.example", permissions=["openid", "profile", "User.Read"])

    assert "code" in visitor.silent("contoso.example")
    assert error(visitor.silent("contoso.example", "openid Mail.Read"))[0] == "consent_required"


def test_silent_counts_a_persons_own_grant_for_that_person_alone(microsoft, visitor, colleague):
    grant(microsoft, "contoso.example", **{"for": "ben@contoso.example"})
    sign_in(visitor, "ben@contoso.example")
    sign_in(colleague, "ana@contoso.example")

    assert "code" in visitor.silent("contoso.example", CALENDAR_SCOPES)
    assert error(colleague.silent("contoso.example"))[0] == "consent_required"


def test_silent_with_default_needs_any_grant_on_that_api(microsoft, visitor):
    sign_in(visitor, "ana@contoso.example")
    default = "https://graph.microsoft.com/.default"
    before = visitor.silent("contoso.example", default)
    grant(microsoft, "contoso.example", permissions=["User.Read"])

    assert error(before)[0] == "consent_required"
    assert "code" in visitor.silent("contoso.example", default)


def test_silent_with_several_accounts_needs_a_choice(microsoft, visitor):
    grant(microsoft, "contoso.example")
    sign_in(visitor, "ana@contoso.example", "ben@contoso.example")

    assert error(visitor.silent("contoso.example")) == ("interaction_required", 16000, "s-2")
    assert "code" in visitor.silent("contoso.example", login_hint="Ana@contoso.example")
    assert error(visitor.silent("contoso.example", login_hint="eva@contoso.example")) == (
        "login_required",
        50058,
        "s-2",
    )


def test_silent_with_an_account_of_another_tenant(microsoft, visitor):
    grant(microsoft, "contoso.example")
    sign_in(visitor, "ana@fabrikam.example")

    assert error(visitor.silent("contoso.example")) == ("interaction_required", 16000, "s-2")


def test_silent_as_a_guest_works_where_the_guest_belongs(microsoft, visitor):
    grant(microsoft, "fourthcoffee.example")
    sign_in(visitor, "it@partner.example")

    assert "code" in visitor.silent("fourthcoffee.example")


def test_silent_unassigned_is_refused_but_for_global_administrators(microsoft, visitor, colleague):
    grant(microsoft, "tailspin.example")
    sign_in(visitor, "cloudadmin@tailspin.example")
    sign_in(colleague, "admin@tailspin.example")

    assert error(visitor.silent("tailspin.example")) == ("interaction_required", 50105, "s-2")
    assert "code" in colleague.silent("tailspin.example")


def test_silent_assigned_gets_in(microsoft, visitor):
    sign_in(visitor, "ana@tailspin.example")
    assigned = {"assigned": ["ana@tailspin.example"]}
    microsoft.control({"tenants": {"tailspin.example": assigned}})
    grant(microsoft, "tailspin.example")

    assert "code" in visitor.silent("tailspin.example")


def test_silent_where_the_app_is_disabled(visitor):
    page = visitor.authorize("litware.example", prompt="select_account")
    page = visitor.sign_in(page, "ana@litware.example")

    assert (page.status_code, "AADSTS7000112" in page.text) == (400, True)
    answer = visitor.silent("litware.example")
    assert error(answer) == ("unauthorized_client", 7000112, "s-2")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("No.Such", ("invalid_client", 650053)),
        ("https://graph.microsoft.com/.default Mail.Read", ("invalid_scope", 70011)),
        ("https://elsewhere.example/read", ("invalid_resource", 500011)),
        ("", ("invalid_scope", 70011)),
    ],
)
def test_silent_with_a_bad_scope_comes_back_too(visitor, scope, expected):
    assert error(visitor.silent("contoso.example", scope))[:2] == expected


def test_silent_for_no_tenant_or_another_response_comes_back_too(visitor):
    assert visitor.silent("nowhere.example")["error"] == "invalid_tenant"
    answer = visitor.silent("contoso.example", response_type="token")
    assert answer["error"] == "unsupported_response_type"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, 700016),
        ({"client_id": None}, 900144),
        ({"redirect_uri": "http://evil.example/"}, 50011),
        ({"redirect_uri": SIGNIN_RETURN + "x"}, 50011),
    ],
)
def test_untrusted_request_is_never_sent_anywhere(visitor, query, code):
    answer = visitor.authorize("contoso.example", prompt="none", **query)

    assert (answer.status_code, f"AADSTS{code}" in answer.text) == (400, True)
    assert "Location" not in answer.headers


def test_client_id_is_the_same_in_any_case(visitor):
    page = visitor.authorize("contoso.example", client_id=CALENDAR.client_id.upper())

    assert "signin" in forms(page)
