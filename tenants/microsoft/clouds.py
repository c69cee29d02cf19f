"""Microsoft's clouds as data: which hosts serve login and Graph, and how each names itself.

https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
https://learn.microsoft.com/graph/deployments
"""

from dataclasses import dataclass
from typing import Final

from django.conf import settings

GRAPH: Final = "00000003-0000-0000-c000-000000000000"
EXCHANGE_ONLINE: Final = "00000002-0000-0ff1-ce00-000000000000"


class UnknownCloud(KeyError):
    """No cloud has that name here; the sandbox has one only while it is switched on."""


@dataclass(frozen=True)
class Cloud:
    """One cloud. Origins are `scheme://host[:port]` without a slash at the end.

    `login_origin` and `graph_origin` are where calls and browsers go, `authority_origin` is the
    login host as MSAL must be told (always https), `graph_resource` and `exchange_resource` are
    the identifiers in front of scopes.
    """

    name: str
    label: str
    login_origin: str
    authority_origin: str
    graph_origin: str
    graph_resource: str
    exchange_resource: str
    admin_portal: str

    def issuer(self, tenant_id: str) -> str:
        """The `iss` of ID tokens of that tenant."""
        return f"{self.login_origin}/{tenant_id}/v2.0"

    def resource_address(self, resource_client_id: str) -> str:
        """What stands in front of that API's scopes: its address, or its client ID."""
        known = {GRAPH: self.graph_resource, EXCHANGE_ONLINE: self.exchange_resource}
        return known.get(resource_client_id, resource_client_id)


def _real(
    name: str, label: str, *, login: str, graph: str, exchange: str, admin_portal: str
) -> Cloud:
    origin, graph_origin = f"https://{login}", f"https://{graph}"
    return Cloud(
        name=name,
        label=label,
        login_origin=origin,
        authority_origin=origin,
        graph_origin=graph_origin,
        graph_resource=graph_origin,
        exchange_resource=f"https://{exchange}",
        admin_portal=f"https://{admin_portal}",
    )


_REAL: Final = (
    _real(
        "global",
        "Microsoft 365",
        login="login.microsoftonline.com",
        graph="graph.microsoft.com",
        exchange="outlook.office365.com",
        admin_portal="entra.microsoft.com",
    ),
    _real(
        "us_l4",
        "Microsoft 365 US Government (GCC High)",
        login="login.microsoftonline.us",
        graph="graph.microsoft.us",
        exchange="outlook.office365.us",
        admin_portal="entra.microsoft.us",
    ),
    _real(
        "us_l5",
        "Microsoft 365 US Government (DoD)",
        login="login.microsoftonline.us",
        graph="dod-graph.microsoft.us",
        exchange="webmail.apps.mil",
        admin_portal="entra.microsoft.us",
    ),
    _real(
        "china",
        "Microsoft 365 operated by 21Vianet",
        login="login.partner.microsoftonline.cn",
        graph="microsoftgraph.chinacloudapi.cn",
        exchange="partner.outlook.cn",
        admin_portal="portal.azure.cn",
    ),
)


def _sandbox() -> Cloud:
    return Cloud(
        name="sandbox",
        label="Simulated Microsoft",
        login_origin=settings.MICROSOFT_URL,
        # MSAL accepts https authorities only; the transport maps this name to the plain listener.
        authority_origin="https://login.sandbox.example",
        graph_origin=settings.MICROSOFT_URL,
        graph_resource="https://graph.microsoft.com",
        exchange_resource="https://outlook.office365.com",
        admin_portal=settings.MICROSOFT_URL,
    )


def is_sandboxed() -> bool:
    """Microsoft is simulated here; nothing may reach the real one."""
    return bool(settings.SANDBOX and settings.DEBUG)


def served() -> tuple[Cloud, ...]:
    """The clouds that may be called: the sandbox alone while it is on, else the real ones."""
    return (_sandbox(),) if is_sandboxed() else _REAL


def known() -> tuple[Cloud, ...]:
    """Every cloud that has a name here; a tenant met in the sandbox may live in a real one."""
    return (*served(), *_REAL) if is_sandboxed() else _REAL


def cloud(name: str) -> Cloud:
    """The cloud of that name, from `known()`. Raises UnknownCloud."""
    for one in known():
        if one.name == name:
            return one
    raise UnknownCloud(name)
