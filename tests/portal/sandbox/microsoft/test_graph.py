"""Graph: what an app may read of itself and of its grants."""

import pytest

from portal.sandbox.microsoft.seed import GRAPH
from tests.portal.sandbox.microsoft.visitor import (
    CALENDAR,
    SIGNIN_RETURN,
    SUITE,
    app_token,
    came_back,
    own,
)


def error(answer):
    return answer.status_code, answer.json()["error"]["code"]


def test_own_service_principal_needs_no_permission(microsoft, program):
    token = app_token(microsoft, program)

    by_client_id = program.graph(token, own(CALENDAR)).json()

    by_object_id = program.graph(token, f"/servicePrincipals/{by_client_id['id']}").json()
    assert by_client_id == by_object_id
    assert (
        by_client_id["appId"],
        by_client_id["accountEnabled"],
        by_client_id["appRoleAssignmentRequired"],
        by_client_id["verifiedPublisher"]["displayName"],
    ) == (CALENDAR.client_id, True, False, "Acme")


def test_answers_name_themselves_and_the_question(microsoft, program):
    token = app_token(microsoft, program)
    address = f"{microsoft.url}/v1.0{own(CALENDAR)}"
    headers = {"Authorization": f"Bearer {token}", "client-request-id": "ours"}

    first, second = (program.session.get(address, headers=headers).headers for _ in range(2))

    assert first["request-id"] != second["request-id"]
    assert (first["client-request-id"], second["client-request-id"]) == ("ours", "ours")


def test_select_leaves_the_rest_out(microsoft, program):
    token = app_token(microsoft, program)

    body = program.graph(token, own(CALENDAR, "?$select=id,accountEnabled")).json()

    assert sorted(body) == ["@odata.context", "accountEnabled", "id"]


@pytest.mark.parametrize(
    "path",
    [
        own(SUITE),
        own(CALENDAR, "/oauth2PermissionGrants"),
        own(CALENDAR, "/appRoleAssignments"),
        "/oauth2PermissionGrants",
        "/servicePrincipals",
        f"/servicePrincipals(appId='{GRAPH}')",
        f"/applications(appId='{CALENDAR.client_id}')",
    ],
)
def test_everything_else_needs_a_permission(microsoft, program, path):
    token = app_token(microsoft, program)

    assert error(program.graph(token, path)) == (403, "Authorization_RequestDenied")


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "Authorization_RequestDenied"), (404, "Request_ResourceNotFound")],
)
def test_apis_may_be_hidden(microsoft, program, status, code):
    token = app_token(microsoft, program, SUITE)
    microsoft.control({"tenants": {"contoso.example": {"apis_hidden_by": status}}})

    told = error(program.graph(token, f"/servicePrincipals(appId='{GRAPH}')"))

    assert (told, program.graph(token, own(SUITE)).status_code) == ((status, code), 200)


def test_delegated_grants_carry_object_ids(microsoft, program):
    token = app_token(microsoft, program, SUITE)
    microsoft.control(
        {
            "grants": [
                {"tenant": "contoso.example", "app": "acme-suite", "for": "ben@contoso.example"}
            ]
        }
    )
    me = program.graph(token, own(SUITE)).json()["id"]
    graph = program.graph(token, f"/servicePrincipals(appId='{GRAPH}')").json()["id"]
    people = microsoft.state()["tenants"]["contoso.example"]["accounts"]
    (ben,) = [one["object_id"] for one in people if one["address"].startswith("ben@")]

    rows = program.graph(token, own(SUITE, "/oauth2PermissionGrants")).json()["value"]

    assert [(row["clientId"], row["resourceId"]) for row in rows] == [(me, graph)] * 2
    assert [(row["consentType"], row["principalId"]) for row in rows] == [
        ("AllPrincipals", None),
        ("Principal", ben),
    ]
    assert rows[0]["scope"] == "User.Read Mail.ReadWrite Calendars.ReadWrite openid profile"


def test_role_assignments_name_roles_by_id(microsoft, program):
    token = app_token(microsoft, program, SUITE)

    (row,) = program.graph(token, own(SUITE, "/appRoleAssignments")).json()["value"]

    graph = program.graph(token, f"/servicePrincipals(appId='{GRAPH}')").json()
    names = {role["id"]: role["value"] for role in graph["appRoles"]}
    assert (names[row["appRoleId"]], row["resourceId"]) == ("Directory.Read.All", graph["id"])
    assert row["principalType"] == "ServicePrincipal"


def test_assignments_of_an_api_itself_are_none(microsoft, program):
    token = app_token(microsoft, program, SUITE)

    path = f"/servicePrincipals(appId='{GRAPH}')/appRoleAssignments"

    assert program.graph(token, path).json()["value"] == []


def test_filter_by_client_and_kind(microsoft, program):
    token = app_token(microsoft, program, SUITE)
    calendar = {"tenant": "contoso.example", "app": "acme-calendar"}
    microsoft.control({"grants": [calendar, {**calendar, "for": "ana@contoso.example"}]})
    client = program.graph(token, own(CALENDAR)).json()["id"]
    path = f"/oauth2PermissionGrants?$filter=clientId eq '{client}'"

    assert len(program.graph(token, "/oauth2PermissionGrants").json()["value"]) == 3
    assert len(program.graph(token, path).json()["value"]) == 2
    (row,) = program.graph(token, f"{path} and consentType eq 'AllPrincipals'").json()["value"]
    assert row["principalId"] is None
    assert len(program.graph(token, f"{path} and principalId eq null").json()["value"]) == 1
    bad = program.graph(token, "/oauth2PermissionGrants?$filter=startswith(scope,'U')")
    assert error(bad) == (400, "BadRequest")


def test_service_principals_are_found_by_filter(microsoft, program):
    token = app_token(microsoft, program, SUITE)

    path = f"/servicePrincipals?$filter=appId eq '{SUITE.client_id}'&$select=appId"
    rows = program.graph(token, path).json()["value"]

    assert rows == [{"appId": SUITE.client_id}]


def test_paging_follows_the_next_link(microsoft, program):
    people = ["ana", "ben", "eva"]
    rows = [
        {"tenant": "contoso.example", "app": "acme-suite", "for": f"{who}@contoso.example"}
        for who in people
    ]
    microsoft.control({"grants": rows, "page_size": 2})
    token = app_token(microsoft, program, SUITE)
    client = program.graph(token, own(SUITE)).json()["id"]

    first = program.graph(token, f"/oauth2PermissionGrants?$filter=clientId eq '{client}'").json()
    second = program.graph(token, first["@odata.nextLink"]).json()

    assert (len(first["value"]), len(second["value"])) == (2, 2)
    assert "@odata.nextLink" not in second
    ids = [row["id"] for row in first["value"] + second["value"]]
    assert len(set(ids)) == 4


@pytest.mark.parametrize("query", ["$top=x", "$top=0", "$skiptoken=x"])
def test_paging_with_nonsense_is_refused(microsoft, program, query):
    token = app_token(microsoft, program, SUITE)

    answer = program.graph(token, f"/oauth2PermissionGrants?{query}")

    assert error(answer) == (400, "BadRequest")


def test_unknown_things(microsoft, program):
    token = app_token(microsoft, program, SUITE)
    nobody = "00000000-0000-0000-0000-000000000001"

    missing = (404, "Request_ResourceNotFound")
    assert error(program.graph(token, f"/servicePrincipals/{nobody}")) == missing
    assert error(program.graph(token, own(CALENDAR))) == missing
    assert error(program.graph(token, own(CALENDAR, "/oauth2PermissionGrants"))) == missing
    assert error(program.graph(token, "/planets")) == (400, "BadRequest")
    assert error(program.graph(token, "/me")) == (400, "BadRequest")


def test_bad_tokens(microsoft, program):
    invalid = (401, "InvalidAuthenticationToken")
    token = app_token(microsoft, program)
    microsoft.control({"tenants": {"contoso.example": {"token_lifetime_s": -1}}})
    old = app_token(microsoft, program)

    assert program.graph(token, own(CALENDAR)).status_code == 200
    assert error(program.graph(old, own(CALENDAR))) == invalid
    assert error(program.graph("made.up.token", own(CALENDAR))) == invalid
    assert error(program.batch("made.up.token", {})) == invalid


def test_token_of_another_api_is_refused(microsoft, program):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-suite"}]})
    exchange = "https://outlook.office365.com/.default"
    token = program.token("contoso.example", SUITE, scope=exchange).json()["access_token"]

    assert error(program.graph(token, own(SUITE))) == (401, "InvalidAuthenticationToken")


def test_home_tenant_shows_the_registration(microsoft, program):
    token = program.token("acme.example").json()["access_token"]

    body = program.graph(token, f"/applications(appId='{CALENDAR.client_id}')").json()

    assert body["web"]["redirectUris"] == [
        "http://localhost:8000/consent/return/",
        SIGNIN_RETURN,
    ]
    assert (body["groupMembershipClaims"], body["publisherDomain"]) == (
        "DirectoryRole",
        "acme.example",
    )
    (access,) = body["requiredResourceAccess"]
    assert access["resourceAppId"] == GRAPH
    assert [one["type"] for one in access["resourceAccess"]] == ["Scope"] * 8


def test_home_tenant_shows_a_registration_that_was_changed(microsoft, program):
    microsoft.control(
        {
            "apps": {
                "acme-calendar": {
                    "redirect_uris": ["http://localhost:8000/other/"],
                    "role_claim": False,
                    "is_publisher_verified": False,
                    "permissions": ["delegated User.Read", "application Mail.Read"],
                }
            }
        }
    )
    token = program.token("acme.example").json()["access_token"]

    body = program.graph(token, f"/applications(appId='{CALENDAR.client_id}')").json()

    assert body["web"]["redirectUris"] == ["http://localhost:8000/other/"]
    assert body["groupMembershipClaims"] is None
    assert body["verifiedPublisher"]["verifiedPublisherId"] is None
    kinds = [one["type"] for one in body["requiredResourceAccess"][0]["resourceAccess"]]
    assert kinds == ["Scope", "Role"]


def test_customer_tenant_has_no_registration(microsoft, program):
    token = app_token(microsoft, program, SUITE)

    answer = program.graph(token, f"/applications(appId='{SUITE.client_id}')")

    assert error(answer) == (404, "Request_ResourceNotFound")


def test_signed_in_user_reads_himself_and_needs_a_role_for_more(microsoft, visitor, program):
    everything = ["openid", "User.Read", "Directory.Read.All"]
    grant = {"tenant": "contoso.example", "app": "acme-calendar", "permissions": everything}
    microsoft.control({"grants": [grant]})
    tokens = {}
    for who in ("ana", "admin"):
        page = visitor.authorize("contoso.example", prompt="login", scope="openid User.Read")
        code = came_back(visitor.sign_in(page, f"{who}@contoso.example"))["code"]
        tokens[who] = program.redeem("contoso.example", code).json()["access_token"]

    me = program.graph(tokens["ana"], "/me").json()

    assert me["userPrincipalName"] == "ana@contoso.example"
    assert program.graph(tokens["ana"], "/oauth2PermissionGrants").status_code == 403
    assert program.graph(tokens["admin"], "/oauth2PermissionGrants").status_code == 200
