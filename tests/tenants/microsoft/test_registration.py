"""Our app registration in the vendor's home tenant, read before going live."""

import asyncio
from datetime import UTC, datetime

import pytest

from portal.sandbox.microsoft.seed import HOME_TENANT_ID
from tenants.microsoft import graph, login
from tenants.microsoft.errors import NotAllowed, NotFound, Transient, UnknownAnswer
from tenants.microsoft.permissions import EXCHANGE_ONLINE, GRAPH, Kind, Permission
from tenants.microsoft.registration import (
    RegisteredApplication,
    RegisteredCredential,
    registered_application,
)
from tests.tenants.microsoft.stage import (
    A_TOKEN,
    APP,
    PORTAL,
    TENANT,
    as_json,
    credential_of,
    grant,
    inner,
    permissions_of,
)


def read(cloud, token, slug: str) -> RegisteredApplication:
    async def go() -> RegisteredApplication:
        async with graph.new_session() as session:
            return await registered_application(session, cloud, token, APP[slug].client_id)

    return asyncio.run(go())


def at_home(cloud, slug: str) -> RegisteredApplication:
    return read(cloud, login.app_token(cloud, HOME_TENANT_ID, credential_of(slug)), slug)


@pytest.mark.parametrize("slug", ["acme-calendar", "acme-suite", "acme-archive"])
def test_registered_application_in_the_home_tenant(sandbox, slug):
    found = at_home(sandbox, slug)

    signing_in = {Permission(GRAPH, Kind.DELEGATED, one) for one in ("openid", "profile")}
    assert found.client_id == APP[slug].client_id
    assert found.display_name == APP[slug].name
    assert found.permissions == permissions_of(slug) | signing_in
    assert found.redirect_uris == {f"{PORTAL}/consent/return/", f"{PORTAL}/signin/return/"}
    assert (found.is_multi_tenant, found.shows_roles) == (True, True)
    assert (found.verified_publisher, found.publisher_domain) == ("Acme", "acme.example")


def test_registered_application_after_changes(sandbox, microsoft):
    microsoft.control(
        {
            "apps": {
                "acme-calendar": {
                    "role_claim": False,
                    "is_publisher_verified": False,
                    "redirect_uris": [],
                    "permissions": ["delegated User.Read"],
                }
            }
        }
    )

    found = at_home(sandbox, "acme-calendar")

    assert (found.shows_roles, found.verified_publisher) == (False, None)
    assert found.redirect_uris == frozenset()
    assert found.permissions == {Permission(GRAPH, Kind.DELEGATED, "User.Read")}


def test_registered_application_read_from_another_tenant(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    microsoft.control(grant("contoso", "acme-calendar"))

    def there(slug: str) -> RegisteredApplication:
        token = login.app_token(sandbox, TENANT["contoso"], credential_of(slug))
        return read(sandbox, token, slug)

    with pytest.raises(NotFound):
        there("acme-suite")
    with pytest.raises(NotAllowed):
        there("acme-calendar")


def application(**other: object) -> dict[str, object]:
    return {
        "appId": APP["acme-suite"].client_id,
        "displayName": "Acme Suite",
        "signInAudience": "AzureADMyOrg",
        "web": {"redirectUris": ["https://a.example/"]},
        "requiredResourceAccess": [],
        "groupMembershipClaims": "SecurityGroup, All",
        "verifiedPublisher": None,
        "publisherDomain": None,
        "passwordCredentials": [],
        "keyCredentials": [],
        **other,
    }


@pytest.fixture
def say(script):
    """Let Graph answer with that application, whatever its client ID."""
    path = f"applications(appId='{APP['acme-suite'].client_id}')"
    return lambda body, status=200: script.say(path, as_json(body, status))


@pytest.mark.loopback
def test_registered_application_of_one_tenant_with_credentials(scripted_cloud, say):
    ends = {"keyId": "k", "endDateTime": "2027-03-01T10:00:00Z"}
    secrets = [ends, {**ends, "hint": "a-B"}, {**ends, "hint": None}]
    say(application(passwordCredentials=secrets, keyCredentials=[ends]))

    found = read(scripted_cloud, A_TOKEN, "acme-suite")

    at = datetime(2027, 3, 1, 10, tzinfo=UTC)
    assert found == RegisteredApplication(
        client_id=APP["acme-suite"].client_id,
        display_name="Acme Suite",
        is_multi_tenant=False,
        redirect_uris=frozenset({"https://a.example/"}),
        permissions=frozenset(),
        group_membership_claims=frozenset({"SecurityGroup", "All"}),
        verified_publisher=None,
        publisher_domain=None,
        credentials=(
            RegisteredCredential("k", is_certificate=False, ends_at=at),
            RegisteredCredential("k", is_certificate=False, ends_at=at, hint="a-B"),
            RegisteredCredential("k", is_certificate=False, ends_at=at),
            RegisteredCredential("k", is_certificate=True, ends_at=at),
        ),
    )
    assert found.shows_roles


@pytest.mark.loopback
def test_registered_application_names_the_permissions_of_other_apis(script, scripted_cloud, say):
    wanted = [("r1", "Role"), ("s1", "Scope"), ("unknown", "Scope")]
    access = [{"id": one, "type": kind} for one, kind in wanted]
    say(
        application(
            requiredResourceAccess=[
                {"resourceAppId": EXCHANGE_ONLINE, "resourceAccess": access},
            ]
        )
    )
    names = {
        "appRoles": [{"id": "r1", "value": "full_access_as_app"}],
        "oauth2PermissionScopes": [{"id": "s1", "value": "SMTP.Send"}],
    }
    script.say("$batch", as_json({"responses": [inner(EXCHANGE_ONLINE, names)]}))

    found = read(scripted_cloud, A_TOKEN, "acme-suite")

    assert found.permissions == {
        Permission(EXCHANGE_ONLINE, Kind.APPLICATION, "full_access_as_app"),
        Permission(EXCHANGE_ONLINE, Kind.DELEGATED, "SMTP.Send"),
        Permission(EXCHANGE_ONLINE, Kind.DELEGATED, "unknown"),
    }


def of_exchange():
    access = [{"id": "r1", "type": "Role"}]
    return application(
        requiredResourceAccess=[{"resourceAppId": EXCHANGE_ONLINE, "resourceAccess": access}]
    )


@pytest.mark.loopback
def test_api_that_the_home_tenant_lacks_has_no_names(script, scripted_cloud, say):
    say(of_exchange())
    script.say("$batch", as_json({"responses": [inner(EXCHANGE_ONLINE, {}, status=404)]}))

    found = read(scripted_cloud, A_TOKEN, "acme-suite")

    assert found.nameless == {EXCHANGE_ONLINE}
    assert found.permissions == {Permission(EXCHANGE_ONLINE, Kind.APPLICATION, "r1")}


@pytest.mark.loopback
def test_names_that_microsoft_will_not_tell_now_are_no_difference(script, scripted_cloud, say):
    say(of_exchange())
    script.say("$batch", as_json({"responses": [inner(EXCHANGE_ONLINE, {}, status=503)]}))

    with pytest.raises(Transient):
        read(scripted_cloud, A_TOKEN, "acme-suite")


@pytest.mark.loopback
@pytest.mark.parametrize(
    "other",
    [
        {"web": None},
        {"requiredResourceAccess": None},
        {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": [{"id": "x"}]}]},
        {"passwordCredentials": [{"keyId": "k", "endDateTime": "soon"}]},
        {"verifiedPublisher": "Acme"},
        {"signInAudience": []},
    ],
    ids=str,
)
def test_registered_application_of_an_odd_shape(scripted_cloud, say, other):
    say(application(**other))

    with pytest.raises(UnknownAnswer):
        read(scripted_cloud, A_TOKEN, "acme-suite")


@pytest.mark.loopback
def test_registered_application_while_graph_is_away(scripted_cloud, say):
    say({}, 503)

    with pytest.raises(Transient):
        read(scripted_cloud, A_TOKEN, "acme-suite")
