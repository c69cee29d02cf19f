"""Which application permissions a tenant granted. A fresh token of the app itself carries those of
its API; where the directory can be read, it shows those of the other APIs at no further call.
"""

import logging
from dataclasses import dataclass, field

from consent.verification import canary
from consent.verification.claiming import ClaimedLook
from tenants.microsoft import login
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.credentials import Credential
from tenants.microsoft.errors import (
    BlockedByTenant,
    MicrosoftError,
    NoRoleThere,
    NotYetGranted,
    ResourceMissing,
    UnknownAnswer,
)
from tenants.microsoft.graph import DirectoryView
from tenants.microsoft.kept_tokens import Tokens
from tenants.microsoft.permissions import GRAPH, Kind, Permission

logger = logging.getLogger(__name__)


@dataclass
class Others:
    """What was learnt of the APIs beside Graph: fresh tokens by API, and the APIs whose roles could
    not be read, with the first of Microsoft's codes that says why.
    """

    tokens: dict[str, login.AppToken] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    code: str = ""
    calls: int = 0

    def miss(self, api: str, error: MicrosoftError) -> None:
        """That API's roles are not known."""
        self.unread.add(api)
        self.code = self.code or error.code or ""


def unshown(claimed: ClaimedLook, view: DirectoryView) -> list[str]:
    """The APIs, beside Graph, whose roles only a token for each of them would show."""
    if view.application_permissions is not None or view.service_principal is None:
        return []
    return [api for api, _needed in claimed.app.roles if api != GRAPH]


async def ask(cloud: Cloud, claimed: ClaimedLook, key: Credential, view: DirectoryView) -> Others:
    """A fresh token of the app for each API whose roles the directory did not show.

    A tenant that does not have an API has granted nothing of it, and none of its roles to an app
    that the API does not serve. Raises OwnCredentialBroken, Throttled, Transient and whatever says
    that this is not the tenant; what else stands against one API leaves its roles unread.
    """
    found = Others()
    for api in unshown(claimed, view):
        found.calls += 1
        await _ask_for(api, cloud, claimed, key, found)
    await _doubt_witnesses(cloud, claimed, key, view, found)
    return found


async def _ask_for(
    api: str, cloud: Cloud, claimed: ClaimedLook, key: Credential, found: Others
) -> None:
    resource, tenant_id = cloud.resource_address(api), claimed.tenant_id
    try:
        token = await login.app_token_async(cloud, tenant_id, key, resource=resource)
    except NoRoleThere:
        return
    except (ResourceMissing, NotYetGranted, BlockedByTenant, UnknownAnswer) as refused:
        error: MicrosoftError = refused
    else:
        found.tokens[api] = token
        return
    # That it is missing is believed only while our own tenant has it.
    is_missing = isinstance(error, ResourceMissing)
    if not is_missing or await _at_home(cloud, claimed, key, api) is None:
        found.miss(api, error)


async def _at_home(
    cloud: Cloud, claimed: ClaimedLook, key: Credential, api: str
) -> frozenset[str] | None:
    """The roles of that API that the app holds in our own tenant; None where it shows nothing of
    the API either: then it may be gone, or we ask for the wrong one. None also where that could
    not be found out.
    """
    resource = cloud.resource_address(api)
    within = canary.BELIEVED_FOR if claimed.settled else canary.BELIEVED_NEWS_FOR
    home = claimed.app.home_tenant_id
    try:
        return await canary.listen(cloud, home, key, resource=resource, within=within)
    except canary.CanaryUnheard:
        return None
    except canary.CanarySilent:
        logger.error("our home tenant does not show the API %s either", api)
        return None


async def _doubt_witnesses(
    cloud: Cloud, claimed: ClaimedLook, key: Credential, view: DirectoryView, found: Others
) -> None:
    """A witness that is missing says something only while our own tenant's token carries it: the
    vendor may have renamed or removed the role.
    """
    if not unshown(claimed, view):
        return
    shown = granted(claimed, view, found.tokens) or frozenset()
    for witness in claimed.app.witnesses - shown:
        api = witness.resource_client_id
        heard = await _at_home(cloud, claimed, key, api)
        if witness.name.lower() not in {role.lower() for role in heard or ()}:
            found.unread.add(api)


def granted(
    claimed: ClaimedLook, view: DirectoryView, tokens: Tokens
) -> frozenset[Permission] | None:
    """All that is granted; None where the app asks for no application permission."""
    if not claimed.app.acts_as_itself:
        return None
    of_others = {p for p in view.application_permissions or () if p.resource_client_id != GRAPH}
    carried = {
        Permission(api, Kind.APPLICATION, role)
        for api, token in tokens.items()
        for role in token.roles
    }
    return frozenset(carried | of_others)
