"""The token endpoint for apps that act as themselves, and its refusals."""

import jwt
import pytest

from tests.portal.sandbox.microsoft.visitor import (
    ARCHIVE,
    CALENDAR,
    SUITE,
    TENANT_IDS,
    refused,
)

EXCHANGE_DEFAULT = "https://outlook.office365.com/.default"


def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def granted(microsoft, app=CALENDAR, domain="contoso.example", **row):
    microsoft.control({"grants": [{"tenant": domain, "app": app.slug, **row}]})


def test_app_only_token_without_application_permissions_has_no_roles(microsoft, program):
    granted(microsoft)

    body = program.token("contoso.example").json()

    assert sorted(body) == ["access_token", "expires_in", "ext_expires_in", "token_type"]
    assert 3600 <= body["expires_in"] < 5400
    told = claims(body["access_token"])
    assert (told["tid"], told["appid"], told["aud"], "roles" in told) == (
        TENANT_IDS["contoso.example"],
        CALENDAR.client_id,
        "https://graph.microsoft.com",
        False,
    )


def test_app_only_token_lists_its_roles_and_its_service_principal(microsoft, program):
    granted(microsoft, SUITE)

    told = claims(program.token("contoso.example", SUITE).json()["access_token"])

    (principal,) = microsoft.state()["tenants"]["contoso.example"]["service_principals"]
    assert (told["roles"], told["oid"]) == (["Directory.Read.All"], principal["object_id"])


def test_app_only_token_is_of_one_api(microsoft, program):
    granted(microsoft, SUITE)

    told = claims(
        program.token("contoso.example", SUITE, scope=EXCHANGE_DEFAULT).json()["access_token"]
    )

    assert (told["aud"], "roles" in told) == ("https://outlook.office365.com", False)


def test_api_that_nobody_there_has_bought_is_not_found(microsoft, program):
    granted(microsoft, SUITE)
    microsoft.control({"tenants": {"contoso.example": {"without_exchange": True}}})

    answer = program.token("contoso.example", SUITE, scope=EXCHANGE_DEFAULT)

    assert refused(answer) == (400, "invalid_resource", 500011)


def test_app_can_hold_a_role_of_its_own_api(microsoft, program):
    listed = f"{CALENDAR.client_id} application Approval.Witness.1"
    microsoft.control({"apps": {"acme-calendar": {"permissions": [listed]}}})
    granted(microsoft)

    answer = program.token("contoso.example", scope=f"{CALENDAR.client_id}/.default").json()

    told = claims(answer["access_token"])
    assert (told["aud"], told["roles"]) == (CALENDAR.client_id, ["Approval.Witness.1"])
    own = f"/servicePrincipals(appId='{CALENDAR.client_id}')?$select=appRoles"
    token = program.token("contoso.example").json()["access_token"]
    roles = program.graph(token, own).json()["appRoles"]
    assert [role["value"] for role in roles] == ["Approval.Witness.1", "Approval.Witness.2"]


def test_api_of_the_vendor_that_wants_assignment_serves_only_who_holds_a_role(microsoft, program):
    granted(microsoft)
    microsoft.control({"tenants": {"contoso.example": {"assignment_required": True}}})

    answer = program.token("contoso.example", scope=f"{CALENDAR.client_id}/.default")

    assert refused(answer) == (400, "invalid_grant", 501051)


def test_app_of_the_vendor_that_is_not_installed_is_no_api_there(microsoft, program):
    granted(microsoft, SUITE)

    answer = program.token("contoso.example", SUITE, scope=f"{CALENDAR.client_id}/.default")

    assert refused(answer) == (400, "invalid_resource", 500011)


def test_token_keeps_the_roles_it_was_made_with(microsoft, program):
    granted(microsoft, SUITE, permissions=["User.Read"])
    old = program.token("contoso.example", SUITE).json()["access_token"]
    granted(microsoft, SUITE)
    new = program.token("contoso.example", SUITE).json()["access_token"]
    microsoft.control({"revoke": [{"tenant": "contoso.example", "app": "acme-suite"}]})

    path = f"/servicePrincipals(appId='{SUITE.client_id}')/oauth2PermissionGrants"
    assert program.graph(old, path).status_code == 403
    assert program.graph(new, path).json()["value"] == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (7000229, (401, "invalid_client", 7000229)),
        (700016, (400, "unauthorized_client", 700016)),
    ],
)
def test_missing_service_principal_in_both_ways_seen(microsoft, program, code, expected):
    microsoft.control({"tenants": {"contoso.example": {"missing_principal_code": code}}})

    assert refused(program.token("contoso.example")) == expected


@pytest.mark.parametrize(
    ("domain", "form", "expected"),
    [
        ("wingtip.example", {"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ("wingtip.example", {"client_secret": ""}, (401, "invalid_client", 7000218)),
        ("litware.example", {}, (400, "unauthorized_client", 7000112)),
        ("nowhere.example", {}, (400, "invalid_tenant", 90002)),
        ("organizations", {}, (400, "invalid_request", 9001023)),
        ("wingtip.example", {"client_id": ARCHIVE.slug}, (400, "unauthorized_client", 700016)),
        ("wingtip.example", {"scope": "Mail.Read"}, (400, "invalid_scope", 1002012)),
        ("wingtip.example", {"scope": ""}, (400, "invalid_request", 900144)),
        (
            "wingtip.example",
            {"scope": "https://graph.microsoft.us/.default"},
            (400, "invalid_resource", 500011),
        ),
        ("wingtip.example", {"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
    ],
)
def test_refusals_carry_status_word_and_number(program, domain, form, expected):
    assert refused(program.token(domain, **form)) == expected


def test_refusal_has_the_fields_that_msal_reads(program, microsoft):
    body = program.token("contoso.example").json()

    assert sorted(body) == [
        "correlation_id",
        "error",
        "error_codes",
        "error_description",
        "error_uri",
        "timestamp",
        "trace_id",
    ]
    assert body["error_description"].startswith("AADSTS7000229: ")
    assert body["correlation_id"] in body["error_description"]


def test_expired_secret_is_told_apart_from_a_wrong_one(microsoft, program):
    microsoft.control(
        {"apps": {"acme-calendar": {"secrets": ["new"], "expired_secrets": [CALENDAR.secret]}}}
    )

    assert refused(program.token("wingtip.example")) == (401, "invalid_client", 7000222)
    assert program.token("wingtip.example", client_secret="new").status_code == 200


def test_blocked_request_leaves_a_disabled_service_principal(microsoft, program):
    microsoft.control({"tenants": {"contoso.example": {"blocked": ["acme-calendar"]}}})

    assert refused(program.token("contoso.example")) == (400, "unauthorized_client", 7000112)
    (principal,) = microsoft.state()["tenants"]["contoso.example"]["service_principals"]
    assert principal["is_enabled"] is False


def test_app_switched_on_again_gets_tokens(microsoft, program):
    microsoft.control({"tenants": {"litware.example": {"disabled": False}}})

    assert program.token("litware.example").status_code == 200


def test_secret_may_come_in_a_basic_header(microsoft, program):
    program.session.auth = (CALENDAR.client_id, CALENDAR.secret)

    answer = program.token("wingtip.example", client_id="", client_secret="")

    assert answer.status_code == 200
