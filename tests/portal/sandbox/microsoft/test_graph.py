"""Graph: what an app may read of itself and of its grants, and `$batch`."""

import pytest

from portal.sandbox.microsoft.seed import GRAPH
from tests.portal.sandbox.microsoft.visitor import (
    CALENDAR,
    SIGNIN_RETURN,
    SUITE,
    came_back,
)


def own(app, rest=""):
    return f"/servicePrincipals(appId='{app.client_id}'){rest}"


def app_token(microsoft, program, app=CALENDAR, domain="contoso.example", **row):
    microsoft.control({"grants": [{"tenant": domain, "app": app.slug, **row}]})
    return program.token(domain, app).json()["access_token"]


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
    microsoft.control({"tenants": {"contoso.example": {"token_lifetime_s": 1}}})
    token = app_token(microsoft, program)
    microsoft.control({"tenants": {"contoso.example": {"token_lifetime_s": -1}}})
    old = app_token(microsoft, program)

    assert program.graph(token, own(CALENDAR)).status_code == 200
    assert error(program.graph(old, own(CALENDAR))) == invalid
    assert error(program.graph("made.up.token", own(CALENDAR))) == invalid
    assert error(program.batch("made.up.token", {})) == invalid


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


def inside(number, url, **more):
    return {"id": number, "method": "GET", "url": url, **more}


def statuses(answer):
    return {one["id"]: one["status"] for one in answer.json()["responses"]}


def test_batch_is_200_outside_and_403_inside(microsoft, program):
    token = app_token(microsoft, program)

    answer = program.batch(
        token,
        inside("a", own(CALENDAR, "?$select=id")),
        inside("b", own(CALENDAR, "/oauth2PermissionGrants")),
        inside("c", own(CALENDAR, "/appRoleAssignments")),
    )

    assert answer.status_code == 200
    assert statuses(answer) == {"a": 200, "b": 403, "c": 403}
    denied = answer.json()["responses"][1]["body"]["error"]["code"]
    assert denied == "Authorization_RequestDenied"


def test_batch_answers_all_three_reads_of_a_look(microsoft, program):
    token = app_token(microsoft, program, SUITE)

    answer = program.batch(
        token,
        inside("1", own(SUITE)),
        inside("2", own(SUITE, "/oauth2PermissionGrants")),
        inside("3", own(SUITE, "/appRoleAssignments?$select=appRoleId,resourceId")),
    )

    bodies = {one["id"]: one["body"] for one in answer.json()["responses"]}
    assert statuses(answer) == {"1": 200, "2": 200, "3": 200}
    assert bodies["2"]["value"][0]["clientId"] == bodies["1"]["id"]
    assert sorted(bodies["3"]["value"][0]) == ["appRoleId", "resourceId"]


def test_batch_with_a_failed_dependency(microsoft, program):
    token = app_token(microsoft, program)

    answer = program.batch(
        token,
        inside("1", "/oauth2PermissionGrants"),
        inside("2", own(CALENDAR), dependsOn=["1"]),
        inside("3", own(CALENDAR)),
        inside("4", own(CALENDAR), dependsOn=["3"]),
    )

    assert statuses(answer) == {"1": 403, "2": 424, "3": 200, "4": 200}


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [inside("1", "/me")] * 2,
        [inside(str(number), "/me") for number in range(21)],
        [{"id": "1"}],
        ["nonsense"],
    ],
)
def test_batch_that_is_badly_built_is_refused(microsoft, program, requests):
    token = app_token(microsoft, program)

    assert error(program.batch(token, *requests)) == (400, "BadRequest")


def test_batch_takes_twenty_and_reads_only(microsoft, program):
    token = app_token(microsoft, program)
    twenty = [inside(str(number), own(CALENDAR)) for number in range(20)]
    deleting = {"id": "1", "method": "DELETE", "url": own(CALENDAR)}

    assert set(statuses(program.batch(token, *twenty)).values()) == {200}
    assert statuses(program.batch(token, deleting)) == {"1": 405}


def test_body_that_is_no_json_is_refused(microsoft, program):
    token = app_token(microsoft, program)

    answer = program.session.post(
        f"{microsoft.url}/v1.0/$batch", "no json", headers={"Authorization": f"Bearer {token}"}
    )

    assert error(answer) == (400, "BadRequest")


def test_writing_is_not_simulated(microsoft, program):
    token = app_token(microsoft, program)

    answer = program.session.delete(
        f"{microsoft.url}/v1.0{own(CALENDAR)}", headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 405
