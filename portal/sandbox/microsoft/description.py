"""The whole state of the simulation as plain JSON values."""

from dataclasses import asdict

from .state import Registration, State, TenantState


def describe(state: State) -> dict[str, object]:
    """The whole state; grants as they were written, whatever readers see of them yet."""
    return {
        "since": state.started_at.isoformat(),
        "portal_url": state.portal_url,
        "key_id": state.key.key_id,
        "page_size": state.page_size,
        "latency_s": state.latency_s,
        "faults": state.faults,
        "tenants": {name: _described(state, one) for name, one in state.tenants.items()},
        "apps": {slug: _described_app(one) for slug, one in state.registrations.items()},
        "calls": {name: dict(counts) for name, counts in state.calls.items()},
    }


def _described(state: State, tenant: TenantState) -> dict[str, object]:
    return {
        "tenant_id": tenant.tenant_id,
        "name": tenant.tenant.name,
        "region": tenant.tenant.region,
        **asdict(tenant.switches),
        "policy": tenant.switches.policy.value,
        "accounts": [
            {
                "address": account.address,
                "object_id": account.object_id,
                "roles": [role.title for role in account.roles],
                "is_guest": account.is_guest,
            }
            for account in tenant.tenant.accounts
        ],
        **_described_directory(state, tenant),
        "approval_requests": tenant.approval_requests,
    }


def _described_directory(state: State, tenant: TenantState) -> dict[str, object]:
    directory = tenant.directory.newest
    slugs = {one.client_id: slug for slug, one in state.registrations.items()}
    people = {account.object_id: account.address for account in tenant.tenant.accounts}
    return {
        "service_principals": [
            {
                "app": slugs[one.client_id],
                "object_id": one.object_id,
                "is_enabled": one.is_enabled,
                "is_assignment_required": one.is_assignment_required,
            }
            for one in directory.service_principals.values()
        ],
        "grants": [
            {
                "app": slugs[one.client_id],
                "for": people.get(one.principal_id) if one.principal_id else None,
                "permissions": list(one.scopes),
            }
            for one in directory.grants.values()
        ],
        "roles": [
            {"app": slugs[one.client_id], "permission": one.permission.value}
            for one in directory.roles.values()
        ],
    }


def _described_app(registration: Registration) -> dict[str, object]:
    return {
        "name": registration.app.name,
        "client_id": registration.client_id,
        "publisher": registration.app.publisher,
        "home_tenant_id": registration.app.home_tenant_id,
        "redirect_uris": registration.redirect_uris,
        "permissions": [f"{one.kind.value} {one.value}" for one in registration.permissions],
        "role_claim": registration.role_claim,
        "is_publisher_verified": registration.is_publisher_verified,
    }
