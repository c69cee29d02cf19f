"""Permissions: how they compare, how one asks for them, what is known, who may approve them.

A permission is `(API, kind, value)`. The facts in `data/` were taken from Microsoft's own lists:
https://learn.microsoft.com/graph/permissions-reference
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants.microsoft import clouds
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.words_application import APPLICATION_WORDS
from tenants.microsoft.words_delegated import DELEGATED_WORDS

GRAPH: Final = clouds.GRAPH
EXCHANGE_ONLINE: Final = clouds.EXCHANGE_ONLINE

#: Part of signing in, granted by the way; they never count as missing.
OIDC_SCOPES: Final = frozenset({"openid", "profile", "email", "offline_access"})
_SIGN_IN: Final = ("openid", "profile")
_DEFAULT: Final = ".default"
_DATA: Final = Path(__file__).parent / "data"

Role = Literal["cloud_application_administrator", "privileged_role_administrator"]

#: Names as Microsoft writes them, by the role template GUID that stands in `wids`.
#: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
ROLE_NAMES: Final[dict[str, str]] = json.loads((_DATA / "roles.json").read_text())
_TEMPLATES: Final = {name: template for template, name in ROLE_NAMES.items()}
_ANY_PERMISSION: Final = frozenset(
    {_TEMPLATES["Global Administrator"], _TEMPLATES["Privileged Role Administrator"]}
)
_ALL_BUT_GRAPH_ROLES: Final = frozenset(
    {_TEMPLATES["Application Administrator"], _TEMPLATES["Cloud Application Administrator"]}
)


class Kind(StrEnum):
    """The two kinds: the app acts as the signed-in person, or as itself in the whole tenant."""

    DELEGATED = "delegated"
    APPLICATION = "application"


@dataclass(frozen=True, eq=False)
class Permission:
    """One permission of one API.

    `value` stays as written; comparing and hashing ignore its case and the API's address in front.
    """

    resource_client_id: str
    kind: Kind
    value: str

    @classmethod
    def of_row(cls, row: Sequence[str]) -> "Permission":
        """From what `as_row` gave."""
        resource_client_id, kind, value = row
        return cls(resource_client_id, Kind(kind), value)

    def as_row(self) -> tuple[str, str, str]:
        """Plain values for JSON: API, kind, value."""
        return self.resource_client_id, self.kind.value, self.value

    @property
    def name(self) -> str:
        """The value without the API's address in front."""
        return self.value.rpartition("/")[2]

    @property
    def _key(self) -> tuple[str, Kind, str]:
        return self.resource_client_id.lower(), self.kind, self.name.lower()

    @property
    def is_for_sign_in(self) -> bool:
        """One of `openid profile email offline_access`."""
        return self.kind == Kind.DELEGATED and self.name.lower() in OIDC_SCOPES

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Permission) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __str__(self) -> str:
        return self.name


@cache
def _catalogue() -> dict[tuple[str, Kind, str], dict[str, Any]]:
    """Everything in `data/`, by what a Permission compares with."""
    files = {GRAPH: "graph_permissions.json", EXCHANGE_ONLINE: "exchange_permissions.json"}
    return {
        (resource, Kind(row["kind"]), row["value"].lower()): row
        for resource, name in files.items()
        for row in json.loads((_DATA / name).read_text())
    }


@cache
def _graph_values() -> dict[tuple[Kind, str], str]:
    return {
        (kind, row["id"]): row["value"]
        for (resource, kind, _name), row in _catalogue().items()
        if resource == GRAPH
    }


def _facts(permission: Permission) -> dict[str, Any] | None:
    return _catalogue().get(permission._key)


def is_known(permission: Permission) -> bool:
    """Our tables hold it. They hold Microsoft Graph whole, and what apps use of Exchange Online."""
    return _facts(permission) is not None


def needs_administrator(permission: Permission) -> bool | None:
    """By its definition only an administrator can approve it; None where we do not know it.

    Application permissions always need one.
    """
    if permission.kind == Kind.APPLICATION:
        return True
    facts = _facts(permission)
    return facts["needs_administrator"] if facts else None


def self_consent_blocked_since(permission: Permission) -> str | None:
    """The month (`2025-11`) since when tenants on Microsoft's managed policy keep it from users."""
    facts = _facts(permission)
    return facts.get("self_consent_blocked_since") if facts else None


def app_role_value(resource_client_id: str, app_role_id: str) -> str | None:
    """The name of an application permission of Microsoft Graph by its id; None where unknown."""
    return _value_by_id(resource_client_id, Kind.APPLICATION, app_role_id)


def scope_value(resource_client_id: str, scope_id: str) -> str | None:
    """The name of a delegated permission of Microsoft Graph by its id; None where unknown."""
    return _value_by_id(resource_client_id, Kind.DELEGATED, scope_id)


def _value_by_id(resource_client_id: str, kind: Kind, permission_id: str) -> str | None:
    if resource_client_id != GRAPH:
        return None
    return _graph_values().get((kind, permission_id.lower()))


def fully_qualified(permission: Permission, cloud: Cloud) -> str:
    """The scope with its API's address of that cloud in front; sign-in scopes have none."""
    if permission.is_for_sign_in:
        return permission.name
    return f"{cloud.resource_address(permission.resource_client_id)}/{permission.name}"


def asked_scopes(permissions: Iterable[Permission], cloud: Cloud) -> list[str]:
    """The one canonical set to ask an administrator for.

    Delegated permissions by name, with `openid profile` for the proof by sign-in. Application
    permissions cannot be named: one among them, and everything registered is asked for at once.
    https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope
    """
    wanted = set(permissions)
    if any(permission.kind == Kind.APPLICATION for permission in wanted):
        return [f"{cloud.graph_resource}/{_DEFAULT}"]
    named = {fully_qualified(permission, cloud) for permission in wanted}
    return [*sorted(named - set(_SIGN_IN)), *_SIGN_IN]


def parse_scopes(scope_string: str, resource_client_id: str, cloud: Cloud) -> frozenset[Permission]:
    """The delegated permissions in a space-separated list.

    Names without an address belong to `resource_client_id`, sign-in scopes to Microsoft Graph,
    those with an address to the API of that address. `.default` is no permission and is left out.
    """
    return frozenset(
        _read_scope(entry, resource_client_id, cloud)
        for entry in scope_string.split()
        if entry.rpartition("/")[2].lower() != _DEFAULT
    )


def _read_scope(entry: str, resource_client_id: str, cloud: Cloud) -> Permission:
    address, _slash, name = entry.rpartition("/")
    if name.lower() in OIDC_SCOPES:
        return Permission(GRAPH, Kind.DELEGATED, entry)
    resource = resource_client_id
    if address:
        by_address = {
            cloud.resource_address(known).lower(): known for known in (GRAPH, EXCHANGE_ONLINE)
        }
        bare = address.lower().rstrip("/")
        resource = by_address.get(bare, bare.removeprefix("api://"))
    return Permission(resource, Kind.DELEGATED, entry)


def covers(scope_string: str, permissions: Iterable[Permission], cloud: Cloud) -> bool:
    """Whether the `scope` that came back from the consent page covers what was asked there.

    Asked with `.default`, any scope does, or none: Microsoft does not say what it returns then.
    """
    wanted = set(permissions)
    if any(permission.kind == Kind.APPLICATION for permission in wanted):
        return True
    returned = parse_scopes(scope_string, GRAPH, cloud)
    return {one for one in wanted if not one.is_for_sign_in} <= returned


def by_resource(permissions: Iterable[Permission]) -> dict[str, frozenset[Permission]]:
    """The permissions by API, without the sign-in scopes: an access token serves one API."""
    groups: dict[str, set[Permission]] = defaultdict(set)
    for permission in permissions:
        if not permission.is_for_sign_in:
            groups[permission.resource_client_id].add(permission)
    return {resource: frozenset(group) for resource, group in groups.items()}


def plain_words(permission: Permission) -> Promise:
    """One sentence of ours that says what the app could do then; lazily translated."""
    words = DELEGATED_WORDS if permission.kind == Kind.DELEGATED else APPLICATION_WORDS
    found = words.get(permission.name.lower())
    if found is not None:
        return found
    if permission.kind == Kind.DELEGATED:
        return _("Act for the person who signs in, within what Microsoft calls by this name.")
    return _("Act by itself in the whole organisation, within what Microsoft calls by this name.")


def role_needed(permissions: Iterable[Permission]) -> Role:
    """The least role whose holder may approve the whole set.

    https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
    """
    for permission in permissions:
        if permission.kind == Kind.APPLICATION and permission.resource_client_id == GRAPH:
            return "privileged_role_administrator"
    return "cloud_application_administrator"


def may_consent(wids: frozenset[str], permissions: Iterable[Permission]) -> bool:
    """Whether one of these built-in roles may approve the whole set for the tenant.

    False also for custom roles that may: they never appear in `wids`.
    """
    held = frozenset(template.lower() for template in wids)
    if held & _ANY_PERMISSION:
        return True
    least_will_do = role_needed(permissions) == "cloud_application_administrator"
    return least_will_do and bool(held & _ALL_BUT_GRAPH_ROLES)
