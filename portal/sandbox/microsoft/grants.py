"""Writes what people approve into a tenant's directory, and takes it away again."""

from collections.abc import Iterable

from .catalogue import Permission
from .directory import Directory
from .seed import Account, Kind
from .state import Registration, TenantState


def _by_resource(permissions: Iterable[Permission]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in permissions:
        if one.kind is Kind.DELEGATED:
            found.setdefault(one.resource, []).append(one.value)
    return found


def _merged(old: Iterable[str], new: Iterable[str]) -> list[str]:
    return list({scope.lower(): scope for scope in [*old, *new]}.values())


def _held(
    directory: Directory, registration: Registration, resource: str, principal: str | None
) -> tuple[str, ...]:
    grant = directory.grants.get((registration.client_id, resource, principal))
    return grant.scopes if grant else ()


def approve_for_everyone(
    tenant: TenantState, registration: Registration, wanted: list[Permission]
) -> None:
    """An administrator approves exactly this set.

    Tenant-wide scopes of an earlier approval that are not in it are gone afterwards; people's own
    grants stay. https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
    """
    directory = tenant.install(registration)
    scopes = _by_resource(wanted)
    for grant in directory.grants_of(registration.client_id):
        if grant.principal_id is None and grant.resource not in scopes:
            directory = directory.with_scopes(registration.client_id, grant.resource, None, ())
    for resource, values in scopes.items():
        directory = directory.with_scopes(registration.client_id, resource, None, values)
    roles = [one for one in wanted if one.kind is Kind.APPLICATION]
    if roles:
        directory = directory.without_roles(registration.client_id).with_roles(
            registration.client_id, roles
        )
    tenant.write(directory)


def add(
    tenant: TenantState,
    registration: Registration,
    wanted: list[Permission],
    *,
    account: Account | None = None,
) -> None:
    """Grant these beside what is granted already: for one person, or for everyone."""
    principal = account.object_id if account else None
    directory = tenant.install(registration)
    for resource, values in _by_resource(wanted).items():
        held = _held(directory, registration, resource, principal)
        directory = directory.with_scopes(
            registration.client_id, resource, principal, _merged(held, values)
        )
    if account is None:
        roles = [one for one in wanted if one.kind is Kind.APPLICATION]
        directory = directory.with_roles(registration.client_id, roles)
    tenant.write(directory)


def revoke(tenant: TenantState, registration: Registration) -> None:
    """Take everything away that was granted to the app; its service principal stays."""
    tenant.write(tenant.directory.newest.without_grants(registration.client_id))
