"""azure-identity and msgraph-sdk, unchanged, over TLS with an authority made for the occasion."""

import asyncio
import ssl
from contextlib import closing

import httpx
import pytest
import trustme
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from kiota_abstractions.api_error import APIError
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph_core import GraphClientFactory

from portal.sandbox.microsoft.server import running
from tests.portal.sandbox.microsoft.visitor import GRAPH_DEFAULT, SUITE, TENANT_IDS

# The generated client still imports classes that its own base library calls outdated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:GetQueryParameters is deprecated"),
    pytest.mark.filterwarnings("ignore:This class is deprecated"),
]


@pytest.fixture
def secure(tmp_path, microsoft):
    """A simulation with TLS, and the file of the authority that vouches for it."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with running(tls=context) as server:
        yield server, str(bundle)


def _credential(server, bundle):
    return ClientSecretCredential(
        TENANT_IDS["contoso.example"],
        SUITE.client_id,
        SUITE.secret,
        authority=server.url,
        disable_instance_discovery=True,
        connection_verify=bundle,
    )


async def _with_client(server, bundle, ask):
    """Ask with Microsoft's own client; it goes to Graph at the simulation's address."""
    context = ssl.create_default_context(cafile=bundle)
    # Their factory wraps the transport and forgets to close it, so that is done here.
    transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
    plain = httpx.AsyncClient(transport=transport)
    with closing(_credential(server, bundle)) as credential:
        provider = AzureIdentityAuthenticationProvider(
            credential, scopes=[GRAPH_DEFAULT], allowed_hosts=["localhost"]
        )
        async with transport:
            http = GraphClientFactory.create_with_default_middleware(client=plain)
            adapter = GraphRequestAdapter(provider, http)
            adapter.base_url = f"{server.url}/v1.0"
            return await ask(GraphServiceClient(request_adapter=adapter))


def test_client_reads_its_own_principal_and_grants(secure):
    server, bundle = secure
    server.control({"grants": [{"tenant": "contoso.example", "app": "acme-suite"}]})

    async def ask(client):
        principal = await client.service_principals_with_app_id(SUITE.client_id).get()
        grants = await client.service_principals.by_service_principal_id(
            principal.id
        ).oauth2_permission_grants.get()
        return principal, grants.value

    principal, grants = asyncio.run(_with_client(server, bundle, ask))

    assert (principal.app_id, principal.account_enabled) == (SUITE.client_id, True)
    assert [(one.consent_type, one.client_id) for one in grants] == [
        ("AllPrincipals", principal.id)
    ]
    assert "Mail.ReadWrite" in grants[0].scope.split()


def test_client_is_denied_what_is_not_granted(secure):
    server, bundle = secure
    grant = {"tenant": "contoso.example", "app": "acme-suite", "permissions": ["User.Read"]}
    server.control({"grants": [grant]})

    async def ask(client):
        return await client.oauth2_permission_grants.get()

    with pytest.raises(APIError) as refused:
        asyncio.run(_with_client(server, bundle, ask))

    assert refused.value.response_status_code == 403
    assert refused.value.error.code == "Authorization_RequestDenied"


def test_credential_reports_the_number_of_a_refusal(secure):
    server, bundle = secure

    with (
        closing(_credential(server, bundle)) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000229"),
    ):
        credential.get_token(GRAPH_DEFAULT)
