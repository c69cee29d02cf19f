"""Looks at a Graph that says what the simulated one never would."""

import asyncio
import json
from urllib.parse import quote

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
    Canned,
    as_json,
    inner,
    look,
)

SUITE = APP["acme-suite"].client_id

pytestmark = pytest.mark.loopback

GRAPH_ID, EXCHANGE_ID = "graph-object", "exchange-object"
SERVICE_PRINCIPAL = {"id": "sp", "displayName": "Acme", "accountEnabled": True}
ROLE_ID = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"  # Mail.Read


def responses(**other: dict[str, object]) -> list[dict[str, object]]:
    """A whole batch: nothing granted, unless other answers are given by name."""
    usual = {
        "service_principal": inner("service_principal", SERVICE_PRINCIPAL),
        "grants": inner("grants", {"value": []}),
        "roles": inner("roles", {"value": []}),
        GRAPH: inner(GRAPH, {"id": GRAPH_ID}),
    }
    return list((usual | other).values())


def scripted_look(script, cloud, rows: object, **more: object) -> DirectoryView:
    script.say("$batch", as_json({"responses": rows}))
    return look(cloud, A_TOKEN, **more)


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


def page(rows: list[object], link: str | None) -> dict[str, object]:
    return {"value": rows, **({"@odata.nextLink": link} if link else {})}


def grants_page(script, token: str) -> str:
    """A link as Graph writes it: by the service principal's own id, with a token it made up."""
    return f"{script.url}/v1.0/servicePrincipals/{SUITE}/oauth2PermissionGrants?$skiptoken={token}"


def test_look_takes_links_as_they_are(script, scripted_cloud):
    link = grants_page(script, quote("a+b/c=="))
    rows = responses(grants=inner("grants", page([], link)))
    row = {"consentType": "AllPrincipals", "resourceId": GRAPH_ID, "scope": "Mail.Read"}
    script.say("oauth2PermissionGrants", as_json(page([row], None)))

    view = scripted_look(script, scripted_cloud, rows)

    assert len(view.delegated_grants) == 1
    assert script.asked[-1] == link.removeprefix(script.url)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/oauth2PermissionGrants",
        "{url}.evil.example/v1.0/oauth2PermissionGrants",
        "{url}/v1.0/users",
        "{url}/v1.0/oauth2PermissionGrants/../users",
        "not a link",
        7,
    ],
)
def test_look_follows_no_link_that_leads_elsewhere(script, scripted_cloud, link):
    link = link.format(url=script.url) if isinstance(link, str) else link
    rows = responses(grants=inner("grants", page([], link)))

    with pytest.raises(UnknownAnswer):
        scripted_look(script, scripted_cloud, rows)
    assert script.calls == {"$batch": 1}


def test_look_gives_up_where_pages_do_not_end(script, scripted_cloud):
    link = grants_page(script, "again")
    rows = responses(grants=inner("grants", page([], link)))
    script.say("oauth2PermissionGrants", as_json(page([], link)))

    with pytest.raises(UnknownAnswer):
        scripted_look(script, scripted_cloud, rows)
    assert script.calls["oauth2PermissionGrants"] == 20


@pytest.mark.parametrize(("status", "error"), [(429, Throttled), (500, Transient)])
def test_look_whose_second_page_is_refused(script, scripted_cloud, status, error):
    rows = responses(roles=inner("roles", page([], grants_page(script, "x"))))
    script.say("oauth2PermissionGrants", as_json({}, status))

    with pytest.raises(error):
        scripted_look(script, scripted_cloud, rows)


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
