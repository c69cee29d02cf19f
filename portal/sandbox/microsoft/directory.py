"""What one tenant's directory holds about apps, and how late its replicas learn of it."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4, uuid5

from .catalogue import Permission


@dataclass(frozen=True)
class ServicePrincipal:
    """An app's presence in one tenant; `assigned` are object ids of the people let in."""

    object_id: str
    client_id: str
    is_enabled: bool = True
    is_assignment_required: bool = False
    assigned: frozenset[str] = frozenset()


@dataclass(frozen=True)
class DelegatedGrant:
    """An oauth2PermissionGrant; without `principal_id` it is for everyone."""

    grant_id: str
    client_id: str
    resource: str
    principal_id: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class RoleAssignment:
    """An application permission held by an app."""

    assignment_id: str
    client_id: str
    permission: Permission
    created_at: datetime


def service_principal_id(tenant_id: str, client_id: str) -> str:
    """The object id an app's service principal has in that tenant: another one in each."""
    return str(uuid5(UUID(tenant_id), client_id))


def _short_id() -> str:
    return uuid4().hex + uuid4().hex[:11]


@dataclass(frozen=True)
class Directory:
    """One state of a tenant's directory; every change makes a new one."""

    service_principals: Mapping[str, ServicePrincipal] = field(default_factory=dict)
    grants: Mapping[tuple[str, str, str | None], DelegatedGrant] = field(default_factory=dict)
    roles: Mapping[tuple[str, str, str], RoleAssignment] = field(default_factory=dict)

    def scopes_for(self, client_id: str, resource: str, object_id: str | None) -> tuple[str, ...]:
        """What that person gets on that API: everybody's grant, then their own."""
        found: dict[str, str] = {}
        for principal in (None, object_id):
            grant = self.grants.get((client_id, resource, principal))
            for scope in grant.scopes if grant else ():
                found.setdefault(scope.lower(), scope)
        return tuple(found.values())

    def grants_of(self, client_id: str) -> list[DelegatedGrant]:
        """All delegated grants of one app, everybody's and single people's."""
        return [grant for grant in self.grants.values() if grant.client_id == client_id]

    def roles_of(self, client_id: str, resource: str | None = None) -> list[RoleAssignment]:
        """The application permissions one app holds, on one API or on all."""
        return [
            role
            for role in self.roles.values()
            if role.client_id == client_id and resource in (None, role.permission.resource)
        ]

    def with_service_principal(self, service_principal: ServicePrincipal) -> "Directory":
        """The same with that service principal in it, replacing one of the same app."""
        return replace(
            self,
            service_principals={
                **self.service_principals,
                service_principal.client_id: service_principal,
            },
        )

    def with_scopes(
        self, client_id: str, resource: str, principal_id: str | None, scopes: Iterable[str]
    ) -> "Directory":
        """The same with exactly these scopes in that one grant; with none the grant is gone."""
        key, values = (client_id, resource, principal_id), tuple(scopes)
        old = self.grants.get(key)
        grants = {at: grant for at, grant in self.grants.items() if at != key}
        if values:
            grant_id = old.grant_id if old else _short_id()
            grants[key] = DelegatedGrant(grant_id, client_id, resource, principal_id, values)
        return replace(self, grants=grants)

    def with_roles(self, client_id: str, permissions: Iterable[Permission]) -> "Directory":
        """The same with these application permissions added."""
        roles = dict(self.roles)
        for one in permissions:
            key = (client_id, one.resource, one.value)
            if key not in roles:
                roles[key] = RoleAssignment(_short_id(), client_id, one, datetime.now(UTC))
        return replace(self, roles=roles)

    def without_roles(self, client_id: str) -> "Directory":
        """The same where that app holds no application permission."""
        kept = {key: role for key, role in self.roles.items() if role.client_id != client_id}
        return replace(self, roles=kept)

    def without_grants(self, client_id: str) -> "Directory":
        """The same without anything granted to that app; its service principal stays."""
        kept = {key: grant for key, grant in self.grants.items() if grant.client_id != client_id}
        return replace(self.without_roles(client_id), grants=kept)


@dataclass(frozen=True)
class _Version:
    written_at: float
    visible_at: float
    directory: Directory


class Replicated:
    """A directory whose readers see a change only after its delay.

    Microsoft gives no upper bound: https://devblogs.microsoft.com/identity/designing-for-eventual-consistency-for-microsoft-entra
    """

    def __init__(self, directory: Directory) -> None:
        self._versions = [_Version(0.0, 0.0, directory)]
        self._turn = False

    @property
    def newest(self) -> Directory:
        """The state that writes build on."""
        return self._versions[-1].directory

    def write(self, directory: Directory, *, delay_s: float = 0.0) -> None:
        """Make this the newest state; readers see it `delay_s` seconds from now."""
        now = time.monotonic()
        seen = self._seen(now)
        # What nobody can read any more is dropped, or a long run would keep every state.
        self._versions = [*self._versions[seen:], _Version(now, now + delay_s, directory)]

    def read(self, *, replicas_disagree: bool = False) -> Directory:
        """What a reader sees now; disagreeing replicas take turns in the second half of a delay."""
        if len(self._versions) == 1:
            return self._versions[0].directory
        now = time.monotonic()
        seen = self._seen(now)
        if replicas_disagree and seen + 1 < len(self._versions):
            coming = self._versions[-1]
            if now >= (coming.written_at + coming.visible_at) / 2:
                self._turn = not self._turn
                if self._turn:
                    return coming.directory
        return self._versions[seen].directory

    def _seen(self, now: float) -> int:
        visible = [at for at, one in enumerate(self._versions) if one.visible_at <= now]
        return visible[-1]
