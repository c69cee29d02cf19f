"""OpenID metadata and signing keys: what anybody may read about a tenant.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

from aiohttp import web

from .errors import EntraError
from .faults import fault
from .state import TenantState
from .web import MANY_TENANTS, NATIONAL_CLOUD_REGIONS, here, json_answer, state_of

_US_GOVERNMENT = "https://login.microsoftonline.us"


def issuer(base: str, tenant_id: str) -> str:
    """The issuer of ID tokens of that tenant."""
    return f"{base}/{tenant_id}/v2.0"


def _endpoints(base: str, name: str, issuer_id: str) -> dict[str, object]:
    oauth = f"{base}/{name}/oauth2/v2.0"
    return {
        "token_endpoint": f"{oauth}/token",
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
        "jwks_uri": f"{base}/{name}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer(base, issuer_id),
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": f"{oauth}/authorize",
        "end_session_endpoint": f"{oauth}/logout",
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "tid", "oid", "name"],
    }


def _global(base: str, name: str, tenant: TenantState | None) -> dict[str, object]:
    return {
        **_endpoints(base, name, tenant.tenant_id if tenant else "{tenantid}"),
        "tenant_region_scope": tenant.tenant.region if tenant else None,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    }


def _us_government(tenant: TenantState) -> dict[str, object]:
    """The public host, asked about a government tenant, answers with the other cloud's addresses.

    Seen in the unit tests of microsoft/MSCloudLoginAssistant.
    """
    return {
        **_endpoints(_US_GOVERNMENT, tenant.tenant_id, tenant.tenant_id),
        "userinfo_endpoint": "https://graph.microsoft.us/oidc/userinfo",
        "tenant_region_scope": "USGov",
        "tenant_region_sub_scope": "DODCON",
        "cloud_instance_name": "microsoftonline.us",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.us",
        "rbac_url": "https://pasff.usgovcloudapi.net",
    }


async def openid_configuration(request: web.Request) -> web.Response:
    """The metadata of one tenant by domain or GUID, or of all of them."""
    state, name = state_of(request), request.match_info["tenant"].lower()
    state.count(_counted(request), "metadata")
    if broken := await fault(state, "metadata", name):
        return broken
    if name in MANY_TENANTS:
        return json_answer(_global(here(request), name, None))
    try:
        tenant = state.tenant(name)
    except EntraError as error:
        return json_answer(error.body(here(request)), status=error.status)
    if tenant.tenant.region in NATIONAL_CLOUD_REGIONS:
        return json_answer(_us_government(tenant))
    return json_answer(_global(here(request), tenant.tenant_id, tenant))


async def keys(request: web.Request) -> web.Response:
    """The public keys; the same for every tenant."""
    state = state_of(request)
    state.count(_counted(request), "keys")
    return json_answer(state.key.key_set(issuer(here(request), "{tenantid}")))


def _counted(request: web.Request) -> str:
    tenant = state_of(request).find_tenant(request.match_info["tenant"])
    return tenant.tenant.domain if tenant else request.match_info["tenant"].lower()[:100]
