"""Looks at a Graph that says what the simulated one never would."""

import asyncio
import json

import pytest

from tenants.microsoft import graph, graph_calls
from tenants.microsoft.errors import (
    NotAllowed,
    NotYetGranted,
    Throttled,
    Transient,
    UnknownAnswer,
)
from tenants.microsoft.graph import DelegatedGrant, DirectoryView, ServicePrincipal
from tenants.microsoft.permissions import EXCHANGE_ONLINE, GRAPH, Kind, Permission
from tests.tenants.microsoft.stage import (
    A_TOKEN,
    APP,
    EXCHANGE_ID,
    GRAPH_ID,
    Canned,
    as_json,
    inner,
    look,
    responses,
    scripted_look,
)

SUITE = APP["acme-suite"].client_id
ROLE_ID = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"  # Mail.Read

pytestmark = pytest.mark.loopback


def test_look_without_a_service_principal(script, scripted_cloud):
    missing = {"error": {"code": "Request_ResourceNotFound"}}
    rows = responses(
        service_principal=inner("service_principal", missing, 404),
        grants=inner("grants", missing, 404),
        roles=inner("roles", missing, 404),
    )

    view = scripted_look(script, scripted_cloud, rows)

    assert view == DirectoryView(None, (), frozenset())


def test_look_at_a_service_principal_that_shows_every_flag(script, scripted_cloud):
    body = {
        "id": "sp",
        "displayName": None,
        "accountEnabled": False,
        "appRoleAssignmentRequired": True,
        "disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement",
        "verifiedPublisher": {"displayName": None},
    }
    rows = responses(service_principal=inner("service_principal", body))

    view = scripted_look(script, scripted_cloud, rows)

    assert view.service_principal == ServicePrincipal("sp", False, True, "", True, None)


def test_look_names_the_roles_of_every_api_asked_about(script, scripted_cloud):
    roles = [
        {"appRoleId": ROLE_ID, "resourceId": GRAPH_ID},
        {"appRoleId": "unnamed", "resourceId": GRAPH_ID},
        {"appRoleId": "r1", "resourceId": EXCHANGE_ID},
        {"appRoleId": "r2", "resourceId": EXCHANGE_ID},
        {"appRoleId": ROLE_ID, "resourceId": "somewhere else"},
        "no row",
    ]
    exchange = {
        "id": EXCHANGE_ID,
        "appRoles": ["no role", {"id": "r1", "value": "full_access_as_app"}],
    }
    rows = responses(
        roles=inner("roles", {"value": roles}),
        **{EXCHANGE_ONLINE: inner(EXCHANGE_ONLINE, exchange)},
    )

    view = scripted_look(script, scripted_cloud, rows, resources=[GRAPH, EXCHANGE_ONLINE])

    assert view.application_permissions == {
        Permission(GRAPH, Kind.APPLICATION, "Mail.Read"),
        Permission(GRAPH, Kind.APPLICATION, "unnamed"),
        Permission(EXCHANGE_ONLINE, Kind.APPLICATION, "full_access_as_app"),
        Permission(EXCHANGE_ONLINE, Kind.APPLICATION, "r2"),
    }


def test_look_reads_scopes_of_any_spacing(script, scripted_cloud):
    row = {
        "consentType": "AllPrincipals",
        "principalId": None,
        "resourceId": GRAPH_ID,
        "scope": "  mail.read  User.Read ",
    }
    empty = {"consentType": "Principal", "principalId": "p", "resourceId": "r", "scope": None}
    rows = responses(grants=inner("grants", {"value": [row, empty]}))

    view = scripted_look(script, scripted_cloud, rows)

    assert view.delegated_grants == (
        DelegatedGrant(GRAPH, GRAPH_ID, frozenset({"mail.read", "User.Read"}), True, None),
        DelegatedGrant(None, "r", frozenset(), False, "p"),
    )
    assert Permission(GRAPH, Kind.DELEGATED, "Mail.Read") in view.delegated_grants[0].permissions


def test_look_that_may_not_read_itself_is_transient(script, scripted_cloud):
    rows = responses(service_principal=inner("service_principal", {}, 403))

    with pytest.raises(Transient):
        scripted_look(script, scripted_cloud, rows)


@pytest.mark.parametrize("name", ["grants", "roles"])
def test_look_at_a_list_that_is_not_found_though_the_app_is_there_is_transient(
    script, scripted_cloud, name
):
    missing = {"error": {"code": "Request_ResourceNotFound"}}

    with pytest.raises(Transient):
        scripted_look(script, scripted_cloud, responses(**{name: inner(name, missing, 404)}))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (inner("grants", None, 429, headers={"retry-after": "0.5"}), Throttled),
        (inner("grants", {}, 503), Transient),
        (inner("grants", {}, 424), UnknownAnswer),
        (
            inner("grants", {"error": {"code": "Authorization_IdentityNotFound"}}, 401),
            NotYetGranted,
        ),
        (inner("grants", {"value": "none"}), UnknownAnswer),
        ({"id": "grants"}, UnknownAnswer),
        ({"id": "grants", "status": "fine"}, UnknownAnswer),
        ({"id": "grants", "status": 200, "headers": 7}, UnknownAnswer),
        ("grants", UnknownAnswer),
    ],
)
def test_look_reads_the_inner_statuses(script, scripted_cloud, answer, error):
    with pytest.raises(error):
        scripted_look(script, scripted_cloud, responses(grants=answer))


def test_look_that_was_refused_twice_waits_for_the_longer_time(script, scripted_cloud):
    told = {"grants": "0.5", "roles": "7.5", "service_principal": "3"}
    rows = responses(
        **{name: inner(name, {}, 429, headers={"Retry-After": wait}) for name, wait in told.items()}
    )

    with pytest.raises(Throttled) as caught:
        scripted_look(script, scripted_cloud, rows)
    assert caught.value.retry_after == 7.5


@pytest.mark.parametrize("rows", [[], None, responses()[:2]])
def test_look_at_a_batch_that_lacks_answers(script, scripted_cloud, rows):
    with pytest.raises(UnknownAnswer):
        scripted_look(script, scripted_cloud, rows)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Canned(b"<html>"), UnknownAnswer),
        (Canned(b"[" * 100_000), UnknownAnswer),
        (Canned(b"[]"), UnknownAnswer),
        (Canned(b"Too Many Requests", 429, {"Retry-After": "1.25"}), Throttled),
        (Canned(b"<html>", 502), Transient),
        (as_json({"error": "words"}, 400), UnknownAnswer),
        (as_json({"error": {"code": "Authorization_RequestDenied"}}, 403), NotAllowed),
        (Canned(b'{"responses": [', promised=9000), Transient),
        (as_json({}, 302, Location="https://elsewhere.example/"), UnknownAnswer),
    ],
)
def test_look_at_a_batch_that_is_refused_or_garbled(script, scripted_cloud, answer, error):
    script.say("$batch", answer)

    with pytest.raises(error):
        look(scripted_cloud, A_TOKEN)
    assert script.calls == {"$batch": 1}


def test_look_sends_the_token_and_one_batch_of_gets(script, scripted_cloud):
    script.say("$batch", as_json({"responses": responses()}))

    look(scripted_cloud, A_TOKEN)

    assert script.asked == ["/v1.0/$batch"]
    ours = f"/servicePrincipals(appId='{SUITE}')"
    selected = "id,displayName,accountEnabled,appRoleAssignmentRequired"
    assert json.loads(script.bodies[0]) == {
        "requests": [
            {
                "id": "service_principal",
                "method": "GET",
                "url": f"{ours}?$select={selected},disabledByMicrosoftStatus,verifiedPublisher",
            },
            {"id": "grants", "method": "GET", "url": f"{ours}/oauth2PermissionGrants"},
            {"id": "roles", "method": "GET", "url": f"{ours}/appRoleAssignments"},
            {
                "id": GRAPH,
                "method": "GET",
                "url": f"/servicePrincipals(appId='{GRAPH}')?$select=id",
            },
        ]
    }


@pytest.mark.parametrize(
    "path",
    [
        "/users",
        "/servicePrincipals",
        "/servicePrincipals(appId='x')",
        f"/servicePrincipals(appId='{SUITE}')/owners",
        f"/servicePrincipals(appId='{SUITE}')?$select=id/../../users".replace("?", "/"),
        "/me",
        "https://graph.microsoft.com/v1.0/users",
    ],
)
def test_path_that_is_not_on_the_list_is_forbidden(path):
    with pytest.raises(graph_calls.ForbiddenPath):
        graph_calls.checked_path(path)


def test_batch_holds_twenty_requests_at_most(sandbox):
    paths = {str(number): "/oauth2PermissionGrants" for number in range(21)}

    async def go() -> None:
        async with graph.new_session() as session:
            await graph_calls.batch(session, sandbox, A_TOKEN, paths)

    with pytest.raises(ValueError, match="twenty"):
        asyncio.run(go())


@pytest.mark.parametrize("can_wait", [False, True])
def test_look_nobody_waits_for_may_be_shed_first(script, scripted_cloud, can_wait):
    scripted_look(script, scripted_cloud, responses(), can_wait=can_wait)

    low = {"x-ms-throttle-priority": "low"}
    [outer] = script.headers
    inner = json.loads(script.bodies[0])["requests"]
    assert outer.get("x-ms-throttle-priority") == ("low" if can_wait else None)
    assert [one.get("headers") for one in inner] == [low if can_wait else None] * len(inner)
