"""From a mail domain to a tenant, by the metadata that anybody may read without credentials.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from tenants.microsoft import clouds
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.errors import MicrosoftError, TenantUnknown, UnknownAnswer
from tenants.microsoft.guids import is_guid
from tenants.microsoft.transport import ask, refusal

_TIMEOUT_S: Final = 5.0
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_REGION: Final = re.compile(r"[A-Za-z]{1,20}")


@dataclass(frozen=True)
class TenantMetadata:
    """The tenant behind a domain: GUID in lower case, cloud, where its data lives (`EU`)."""

    tenant_id: str
    cloud_name: str
    region: str | None
    domain: str


def find_tenant(domain: str) -> TenantMetadata:
    """Ask every login host that is served, the first answer counts; five seconds each.

    `domain` is a lower-case ASCII host name with a dot; raises ValueError for anything else. Raises
    TenantUnknown where no host knows it, and Throttled, Transient or UnknownAnswer where one could
    not be asked and no other knew the domain.
    """
    if not _is_domain(domain):
        raise ValueError("not a host name with a dot")
    unknown, not_asked = TenantUnknown(), None
    for origin in dict.fromkeys(one.login_origin for one in clouds.served()):
        try:
            return _ask_at(origin, domain)
        except TenantUnknown as error:
            unknown = error
        except MicrosoftError as error:
            not_asked = not_asked or error
    raise not_asked or unknown


def _is_domain(domain: str) -> bool:
    if len(domain) > 253 or not _HOST.fullmatch(domain):
        return False
    try:
        ipaddress.ip_address(domain)
    except ValueError:
        return True
    return False


def _ask_at(origin: str, domain: str) -> TenantMetadata:
    answer = ask(
        "GET",
        f"{origin}/{domain}/v2.0/.well-known/openid-configuration",
        timeout_s=_TIMEOUT_S,
    )
    if answer.status != 200:
        raise refusal(answer)
    endpoint = urlsplit(str(answer.body.get("token_endpoint")))
    tenant_id = endpoint.path.split("/")[1].lower() if "/" in endpoint.path else ""
    home = _home(f"{endpoint.scheme}://{endpoint.netloc}", answer.body)
    if home is None or not is_guid(tenant_id):
        raise UnknownAnswer
    return TenantMetadata(tenant_id, home.name, _region(answer.body), domain)


def _home(origin: str, body: dict[str, Any]) -> Cloud | None:
    """The cloud whose login host the answer names.

    The public host also knows tenants of the US government and then names their own host, which two
    clouds share; their Graph host tells them apart.
    """
    at_host = [one for one in clouds.known() if one.login_origin == origin]
    graph_origin = f"https://{body.get('msgraph_host')}"
    of_graph = [one for one in at_host if one.graph_origin == graph_origin]
    return next(iter([*of_graph, *at_host]), None)


def _region(body: dict[str, Any]) -> str | None:
    region = body.get("tenant_region_scope")
    return region if isinstance(region, str) and _REGION.fullmatch(region) else None
