"""Codes, ID tokens and refresh tokens: what an app gets for a person."""

import jwt
import pytest

from portal.sandbox.microsoft.seed import Role
from tests.portal.sandbox.microsoft.visitor import (
    CALENDAR,
    CALENDAR_SCOPES,
    SUITE,
    TENANT_IDS,
    came_back,
    refused,
)

# The code challenge of this verifier: the example of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def granted(microsoft, app=CALENDAR, domain="contoso.example", **row):
    microsoft.control({"grants": [{"tenant": domain, "app": app.slug, **row}]})


def code_for(visitor, account, scope="openid profile", app=CALENDAR, **query):
    page = visitor.authorize(
        account.partition("@")[2], scope, app, prompt="select_account", **query
    )
    return came_back(visitor.sign_in(page, account))["code"]


def id_claims(visitor, token):
    """The ID token's claims, checked with the published keys."""
    (key,) = visitor.open("/contoso.example/discovery/v2.0/keys").json()["keys"]
    return jwt.decode(
        token,
        jwt.PyJWK(key, "RS256"),
        ["RS256"],
        audience=CALENDAR.client_id,
        issuer=f"{visitor.url}/{TENANT_IDS['contoso.example']}/v2.0",
    )


def test_code_gives_an_id_token_that_verifies(microsoft, visitor, program):
    granted(microsoft)
    code = code_for(visitor, "admin@contoso.example")

    body = program.redeem("contoso.example", code).json()

    told = id_claims(visitor, body["id_token"])
    assert (told["nonce"], told["tid"], told["preferred_username"], told["wids"]) == (
        "n-1",
        TENANT_IDS["contoso.example"],
        "admin@contoso.example",
        [Role.GLOBAL_ADMINISTRATOR.value],
    )
    assert told["oid"] == claims(body["access_token"])["oid"]


@pytest.mark.parametrize("account", ["custom@contoso.example", "ana@contoso.example"])
def test_wids_holds_built_in_roles_only(microsoft, visitor, program, account):
    granted(microsoft)

    body = program.redeem("contoso.example", code_for(visitor, account)).json()

    assert "wids" not in id_claims(visitor, body["id_token"])


@pytest.mark.parametrize(
    "patch",
    [
        {"tenants": {"contoso.example": {"role_claim": False}}},
        {"apps": {"acme-calendar": {"role_claim": False}}},
    ],
)
def test_wids_is_absent_where_tenant_or_registration_leave_it_out(
    microsoft, visitor, program, patch
):
    granted(microsoft)
    microsoft.control(patch)

    body = program.redeem("contoso.example", code_for(visitor, "admin@contoso.example")).json()

    assert "wids" not in id_claims(visitor, body["id_token"])


def test_scope_of_the_answer_is_more_than_was_asked(microsoft, visitor, program):
    granted(microsoft)

    body = program.redeem("contoso.example", code_for(visitor, "ana@contoso.example")).json()

    assert body["scope"] == (
        "openid profile User.Read Calendars.ReadWrite Mail.Read Mail.Send Contacts.Read"
    )
    assert claims(body["access_token"])["scp"] == (
        "User.Read Calendars.ReadWrite Mail.Read Mail.Send Contacts.Read openid profile"
    )


def test_scope_of_the_answer_is_named_as_it_was_asked(microsoft, visitor, program):
    granted(microsoft, permissions=["openid", "User.Read", "Mail.Read"])
    asked = "openid https://graph.microsoft.com/Mail.Read"

    code = code_for(visitor, "ana@contoso.example", asked)
    body = program.redeem("contoso.example", code, scope=asked).json()

    assert body["scope"] == (
        "openid https://graph.microsoft.com/User.Read https://graph.microsoft.com/Mail.Read"
    )


def test_token_is_of_one_api_and_two_are_refused(microsoft, visitor, program):
    exchange = "https://outlook.office365.com/EWS.AccessAsUser.All"
    page = visitor.authorize("contoso.example", f"openid Mail.Read {exchange}")
    page = visitor.sign_in(page, "admin@contoso.example")
    code = came_back(visitor.submit(page, "consent", decision="accept"))["code"]

    two = program.redeem("contoso.example", code, scope=f"openid Mail.Read {exchange}")
    one = program.redeem("contoso.example", code, scope=f"openid {exchange}").json()

    assert refused(two) == (400, "invalid_request", 28000)
    assert one["scope"] == f"openid {exchange}"


def test_code_works_once(microsoft, visitor, program):
    granted(microsoft)
    code = code_for(visitor, "ana@contoso.example")
    program.redeem("contoso.example", code)

    assert refused(program.redeem("contoso.example", code)) == (400, "invalid_grant", 54005)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"redirect_uri": "http://localhost:8000/consent/return/"}, (400, "invalid_grant", 500112)),
        ({"code_verifier": "wrong" * 10}, (400, "invalid_grant", 501481)),
        ({}, (400, "invalid_grant", 50148)),
        ({"code_verifier": VERIFIER, "scope": "Chat.Read"}, (400, "invalid_grant", 65001)),
        ({"code": "made-up"}, (400, "invalid_grant", 9002313)),
    ],
)
def test_code_is_bound_to_address_verifier_and_grant(microsoft, visitor, program, form, expected):
    granted(microsoft)
    code = code_for(
        visitor,
        "ana@contoso.example",
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
    )

    assert refused(program.redeem("contoso.example", **{"code": code, **form})) == expected
    right = program.redeem("contoso.example", code, code_verifier=VERIFIER)
    assert right.status_code == 200


def test_code_of_another_app_is_refused(microsoft, visitor, program):
    granted(microsoft)
    code = code_for(visitor, "ana@contoso.example")

    assert refused(program.redeem("contoso.example", code, SUITE))[2] == 9002313


def test_plain_challenge_is_compared_as_it_is(microsoft, visitor, program):
    granted(microsoft)
    code = code_for(visitor, "ana@contoso.example", code_challenge="plain-words")

    answer = program.redeem("contoso.example", code, code_verifier="plain-words")

    assert answer.status_code == 200


def refresh_token(visitor, program, scope=CALENDAR_SCOPES):
    code = code_for(visitor, "ana@contoso.example", scope)
    return program.redeem("contoso.example", code).json().get("refresh_token")


def test_refresh_token_only_for_offline_access(microsoft, visitor, program):
    granted(microsoft)

    assert refresh_token(visitor, program, "openid profile") is None
    kept = refresh_token(visitor, program)
    body = program.token(
        "contoso.example", grant_type="refresh_token", refresh_token=kept, scope="Mail.Read"
    ).json()

    assert "offline_access" not in body["scope"]
    assert "Mail.Read" in body["scope"].split()


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        (
            {"revoke": [{"tenant": "contoso.example", "app": "acme-calendar"}]},
            (400, "invalid_grant", 65001),
        ),
        (
            {"tenants": {"contoso.example": {"disabled": True}}},
            (400, "unauthorized_client", 7000112),
        ),
        (
            {"tenants": {"contoso.example": {"assignment_required": True}}},
            (400, "invalid_grant", 50105),
        ),
    ],
)
def test_refresh_token_ends_with_the_grant(microsoft, visitor, program, patch, expected):
    granted(microsoft)
    kept = refresh_token(visitor, program)
    microsoft.control(patch)

    answer = program.token(
        "contoso.example", grant_type="refresh_token", refresh_token=kept, scope="Mail.Read"
    )

    assert refused(answer) == expected


def test_unknown_refresh_token_is_refused(microsoft, program):
    answer = program.token("contoso.example", grant_type="refresh_token", refresh_token="x")

    assert refused(answer) == (400, "invalid_grant", 9002313)
