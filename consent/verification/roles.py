"""Which application permissions a tenant granted. A fresh token of the app itself carries those of
its API; where the directory can be read, it shows those of the other APIs at no further call.
"""

import logging

from consent.verification import canary
from consent.verification.claiming import Errand
from tenants.microsoft import login
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.credentials import Credential
from tenants.microsoft.errors import ResourceMissing
from tenants.microsoft.graph import DirectoryView
from tenants.microsoft.kept_tokens import Tokens
from tenants.microsoft.permissions import GRAPH, Kind, Permission

logger = logging.getLogger(__name__)


def unshown(errand: Errand, view: DirectoryView) -> list[str]:
    """The APIs, beside Graph, whose roles only a token for each of them would show."""
    if view.application_permissions is not None:
        return []
    return [api for api, _needed in errand.app.roles if api != GRAPH]


async def ask(cloud: Cloud, errand: Errand, key: Credential, api: str) -> login.AppToken | None:
    """A fresh token of the app for that API; None where the tenant does not have the API, so that
    nobody can have granted anything of it.

    That it is missing is believed only while our home tenant has it: else the registration of the
    API may be gone, or we ask for the wrong one. Raises what `login.app_token` raises.
    """
    resource = cloud.resource_address(api)
    try:
        return await login.app_token_async(cloud, errand.tenant_id, key, resource=resource)
    except ResourceMissing as missing:
        try:
            home = errand.app.home_tenant_id
            await canary.listen(cloud, home, key, resource=resource)
        except canary.CanarySilent:
            logger.error("our home tenant does not show the API %s either", api)
            raise missing from None
        return None


def granted(errand: Errand, view: DirectoryView, tokens: Tokens) -> frozenset[Permission] | None:
    """All that is granted; None where the app asks for no application permission."""
    if not errand.app.acts_as_itself:
        return None
    of_others = {p for p in view.application_permissions or () if p.resource_client_id != GRAPH}
    carried = {
        Permission(api, Kind.APPLICATION, role)
        for api, token in tokens.items()
        for role in token.roles
    }
    return frozenset(carried | of_others)
