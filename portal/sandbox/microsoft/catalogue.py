"""The APIs that apps may ask for, and their permissions: names, ids, and who may approve them."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID, uuid5

from .errors import EntraError
from .seed import APPS, EXCHANGE, GRAPH, Kind

SIGN_IN_SCOPES = ("openid", "profile", "email", "offline_access")
_SIGN_IN_IDS = {
    "openid": "37f7f235-527c-4136-accd-4a02d197296e",
    "profile": "14dad69e-099b-42c9-810b-d002981feec1",
    "email": "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
    "offline_access": "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
}
_EXCHANGE_NAMES = {
    Kind.DELEGATED: ("EWS.AccessAsUser.All", "IMAP.AccessAsUser.All", "SMTP.Send"),
    Kind.APPLICATION: ("full_access_as_app", "IMAP.AccessAsApp"),
}
#: What each of the vendor's apps offers as an API of its own: roles that apps may hold, itself too.
_OWN_ROLES = ("Approval.Witness.1", "Approval.Witness.2")


@dataclass(frozen=True)
class Permission:
    """One permission of one API.

    `needs_administrator`: its definition says so. `left_managed_policy`: the month (`2025-11`) from
    which the Microsoft-managed policy no longer lets users approve it themselves, else None.
    """

    resource: str
    kind: Kind
    value: str
    permission_id: str
    needs_administrator: bool = False
    left_managed_policy: str | None = None


@dataclass(frozen=True)
class Resource:
    """An API by its client id; `addresses` are the ways to name it in front of a scope."""

    client_id: str
    name: str
    addresses: tuple[str, ...]

    @property
    def address(self) -> str:
        """The address that Microsoft itself puts in front of its scopes."""
        return self.addresses[0]


#: Microsoft's own, which stand in every tenant.
RESOURCES = {
    GRAPH: Resource(
        GRAPH, "Microsoft Graph", ("https://graph.microsoft.com", "https://graph.sandbox.example")
    ),
    EXCHANGE: Resource(
        EXCHANGE,
        "Office 365 Exchange Online",
        ("https://outlook.office365.com", "https://outlook.office.com"),
    ),
}
APIS = {
    **RESOURCES,
    **{one.client_id: Resource(one.client_id, one.name, (one.client_id,)) for one in APPS},
}


@cache
def permissions() -> dict[tuple[str, Kind, str], Permission]:
    """Every permission known here by `(resource, kind, value in lower case)`."""
    found = [
        Permission(
            GRAPH,
            Kind(row["kind"]),
            row["value"],
            row["id"],
            row.get("admin", True),
            row.get("managed"),
        )
        for row in json.loads(Path(__file__).with_name("permissions.json").read_text())
    ]
    found += [
        Permission(GRAPH, Kind.DELEGATED, value, guid) for value, guid in _SIGN_IN_IDS.items()
    ]
    for kind, values in _EXCHANGE_NAMES.items():
        found += [
            Permission(
                EXCHANGE,
                kind,
                value,
                str(uuid5(UUID(EXCHANGE), f"{kind.value}:{value}")),
                kind is Kind.APPLICATION,
                "2025-11" if kind is Kind.DELEGATED and value != "SMTP.Send" else None,
            )
            for value in values
        ]
    found += [
        Permission(
            one.client_id,
            Kind.APPLICATION,
            value,
            str(uuid5(UUID(one.client_id), value)),
            needs_administrator=True,
        )
        for one in APPS
        for value in _OWN_ROLES
    ]
    return {(one.resource, one.kind, one.value.lower()): one for one in found}


def permission(resource: str, kind: Kind, value: str) -> Permission | None:
    """The permission of that name in any spelling, or None."""
    return permissions().get((resource, kind, value.lower()))


def of_resource(resource: str, kind: Kind) -> list[Permission]:
    """What one API offers of one kind."""
    return [one for one in permissions().values() if (one.resource, one.kind) == (resource, kind)]


def resource_by_address(address: str, *, here: str) -> Resource:
    """The API at that address, which may be its GUID or this simulation's own (`here`).

    Raises EntraError 500011 for an API that does not exist anywhere.
    """
    wanted = address.rstrip("/").lower()
    own = {here.rstrip("/").lower(), here.rstrip("/").lower().replace("http://", "https://")}
    for resource in APIS.values():
        names = {resource.client_id, f"api://{resource.client_id}", *resource.addresses}
        if wanted in names or (resource.client_id == GRAPH and wanted in own):
            return resource
    raise no_such_api(address)


def no_such_api(address: str) -> EntraError:
    """What Microsoft says where an API is asked for that the tenant does not have."""
    return EntraError(
        500011,
        "invalid_resource",
        f"The resource principal named {address} was not found in the tenant. It may not be "
        "installed there, or the address is that of another tenant.",
    )
