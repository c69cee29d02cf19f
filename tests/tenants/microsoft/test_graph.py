"""One look at a tenant's directory: one batch, inner statuses read, pages followed."""

import asyncio

import pytest

from tenants.microsoft import graph, graph_calls, login
from tenants.microsoft.errors import (
    Throttled,
    Transient,
)
from tenants.microsoft.graph import DelegatedGrant, DirectoryView, ServicePrincipal
from tenants.microsoft.permissions import EXCHANGE_ONLINE, GRAPH, Kind, Permission
from tests.tenants.microsoft.stage import (
    APP,
    PERSON,
    TENANT,
    credential_of,
    grant,
    look,
    permissions_of,
)

CONTOSO = TENANT["contoso"]
SUITE = APP["acme-suite"].client_id
DIRECTORY_READ = Permission(GRAPH, Kind.APPLICATION, "Directory.Read.All")


def token_for(cloud, slug: str = "acme-suite", tenant: str = "contoso") -> login.AppToken:
    return login.app_token(cloud, TENANT[tenant], credential_of(slug))


def test_look_reads_everything_in_one_call(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    token = token_for(sandbox)

    view = look(sandbox, token)

    assert view.service_principal == ServicePrincipal(
        object_id=token.service_principal_object_id,
        enabled=True,
        assignment_required=False,
        display_name="Acme Suite",
        disabled_by_microsoft=False,
        verified_publisher="Acme",
    )
    assert view.application_permissions == {DIRECTORY_READ}
    (everyone,) = view.delegated_grants
    assert (everyone.for_everyone, everyone.principal_object_id) == (True, None)
    assert everyone.permissions >= {
        one for one in permissions_of("acme-suite") if one.kind == Kind.DELEGATED
    }
    calls = microsoft.state()["calls"]["contoso.example"]
    assert (calls["batch"], calls["batch_inner"], calls.get("graph", 0)) == (1, 4, 0)


def test_look_of_an_app_that_may_not_read_grants_sees_itself_alone(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-calendar"))

    view = look(sandbox, token_for(sandbox, "acme-calendar"), "acme-calendar")

    assert view.service_principal is not None
    assert (view.delegated_grants, view.application_permissions) == (None, None)


def test_look_tells_one_persons_grant_from_everybodys(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    microsoft.control({"revoke": [{"tenant": "contoso.example", "app": "acme-suite"}]})
    microsoft.control(grant("contoso", "acme-suite", permissions=["Directory.Read.All"]))
    microsoft.control(
        grant("contoso", "acme-suite", permissions=["User.Read"], **{"for": "ana@contoso.example"})
    )

    view = look(sandbox, token_for(sandbox))

    (own,) = view.delegated_grants
    assert own == DelegatedGrant(
        resource_client_id=GRAPH,
        resource_object_id=own.resource_object_id,
        scopes=frozenset({"User.Read"}),
        for_everyone=False,
        principal_object_id=PERSON["ana@contoso.example"].object_id,
    )


def test_look_shows_that_assignment_is_required(sandbox, microsoft):
    microsoft.control(grant("tailspin", "acme-suite"))

    view = look(sandbox, token_for(sandbox, tenant="tailspin"))

    assert view.service_principal.assignment_required is True


def test_look_follows_the_links_to_further_pages(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    microsoft.control({"page_size": 1})
    for who in ("ana", "ben", "eva"):
        one = {"for": f"{who}@contoso.example"}
        microsoft.control(grant("contoso", "acme-suite", permissions=["User.Read"], **one))

    view = look(sandbox, token_for(sandbox))

    people = {one.principal_object_id for one in view.delegated_grants}
    assert people == {
        None,
        *(PERSON[f"{who}@contoso.example"].object_id for who in ("ana", "ben", "eva")),
    }
    calls = microsoft.state()["calls"]["contoso.example"]
    assert (calls["batch"], calls["graph"]) == (1, 3)


def test_look_with_an_api_not_asked_about_names_no_permission(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))

    view = look(sandbox, token_for(sandbox), resources=[EXCHANGE_ONLINE])

    (other,) = view.delegated_grants
    assert (other.resource_client_id, other.permissions) == (None, frozenset())
    assert view.application_permissions == frozenset()


@pytest.mark.parametrize("status", [403, 404])
def test_look_that_cannot_tell_which_api_was_granted_reads_no_grants(sandbox, microsoft, status):
    microsoft.control(grant("contoso", "acme-suite"))
    microsoft.control({"tenants": {"contoso.example": {"apis_hidden_by": status}}})

    view = look(sandbox, token_for(sandbox))

    assert view.service_principal.enabled
    assert (view.delegated_grants, view.application_permissions) == (None, None)


@pytest.mark.parametrize("status", [403, 404])
def test_look_that_finds_nothing_granted_needs_no_name_of_an_api(sandbox, microsoft, status):
    microsoft.control(grant("contoso", "acme-suite", permissions=["Directory.Read.All"]))
    microsoft.control({"tenants": {"contoso.example": {"apis_hidden_by": status}}})

    view = look(sandbox, token_for(sandbox))

    assert (view.delegated_grants, view.application_permissions) == ((), None)


def test_look_at_a_tenant_without_one_of_the_apis_reads_the_grants_of_the_others(
    sandbox, microsoft
):
    microsoft.control(grant("contoso", "acme-suite"))
    microsoft.control({"tenants": {"contoso.example": {"without_exchange": True}}})

    view = look(sandbox, token_for(sandbox), resources=[GRAPH, EXCHANGE_ONLINE])

    assert [one.resource_client_id for one in view.delegated_grants] == [GRAPH]
    assert view.application_permissions == {DIRECTORY_READ}


def test_look_at_many_tenants_at_once(sandbox, microsoft):
    names = ("contoso", "fabrikam", "northwind", "relecloud")
    for name in names:
        microsoft.control(grant(name, "acme-suite"))
    tokens = [token_for(sandbox, tenant=name) for name in names]

    async def go() -> list[DirectoryView]:
        async with graph.new_session() as session:
            looks = [graph.look(session, sandbox, token, SUITE) for token in tokens]
            return await asyncio.gather(*looks)

    views = asyncio.run(go())

    assert [view.service_principal.object_id for view in views] == [
        token.service_principal_object_id for token in tokens
    ]


def test_look_with_a_token_that_has_run_out_is_transient(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    token = token_for(sandbox)
    microsoft.control({"reset": True})

    with pytest.raises(Transient) as caught:
        look(sandbox, token)
    assert caught.value.code == "InvalidAuthenticationToken"


@pytest.mark.parametrize("where", ["graph", "batch"])
def test_trap_retry_after_of_graph_may_be_a_fraction(sandbox, microsoft, where):
    microsoft.control(grant("contoso", "acme-suite"))
    token = token_for(sandbox)
    microsoft.control({"faults": {where: {"429": 1.0}}})

    with pytest.raises(Throttled) as caught:
        look(sandbox, token)
    assert caught.value.retry_after == 2.128


@pytest.mark.parametrize("where", ["graph", "batch"])
def test_look_on_a_day_without_graph_is_transient(sandbox, microsoft, where):
    microsoft.control(grant("contoso", "acme-suite"))
    token = token_for(sandbox)
    microsoft.control({"faults": {where: {"503": 1.0}}})

    with pytest.raises(Transient):
        look(sandbox, token)


def test_look_that_takes_too_long_is_transient(sandbox, microsoft, monkeypatch):
    monkeypatch.setattr(graph_calls, "TIMEOUT_S", 0.1)
    microsoft.control(grant("contoso", "acme-suite"))
    token = token_for(sandbox)
    microsoft.control({"faults": {"graph": {"timeout": 1.0, "timeout_s": 0.4}}})

    with pytest.raises(Transient):
        look(sandbox, token)


def test_session_in_the_sandbox_heeds_no_proxy(settings):
    async def trusts() -> bool:
        async with graph.new_session() as session:
            return session.trust_env

    in_sandbox = asyncio.run(trusts())
    settings.SANDBOX = False

    assert (in_sandbox, asyncio.run(trusts())) == (False, True)
