"""Directory objects in the shapes in which Microsoft Graph shows them.

https://learn.microsoft.com/graph/api/resources/serviceprincipal
"""

from datetime import UTC, datetime, timedelta

from .catalogue import APIS, RESOURCES, Permission, of_resource
from .directory import DelegatedGrant, RoleAssignment, ServicePrincipal, service_principal_id
from .seed import Account, Kind
from .state import Registration, TenantState

_BANNED = "DisabledDueToViolationOfServicesAgreement"
_MICROSOFT_TENANT_ID = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


def _verified_publisher(registration: Registration) -> dict[str, object]:
    if not registration.is_publisher_verified:
        return {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None}
    return {
        "displayName": registration.app.publisher,
        "verifiedPublisherId": "1234567",
        "addedDateTime": "2024-02-01T09:00:00Z",
    }


def service_principal(registration: Registration, one: ServicePrincipal) -> dict[str, object]:
    """The vendor's app in a customer's tenant."""
    return {
        "id": one.object_id,
        "deletedDateTime": None,
        "accountEnabled": one.is_enabled,
        "appDisplayName": registration.app.name,
        "appId": one.client_id,
        "appOwnerOrganizationId": registration.app.home_tenant_id,
        "appRoleAssignmentRequired": one.is_assignment_required,
        "disabledByMicrosoftStatus": _BANNED if registration.disabled_by_microsoft else None,
        "displayName": registration.app.name,
        "servicePrincipalNames": [one.client_id],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "verifiedPublisher": _verified_publisher(registration),
        "appRoles": [_role(one) for one in of_resource(one.client_id, Kind.APPLICATION)],
        "oauth2PermissionScopes": [],
    }


def _scope(one: Permission) -> dict[str, object]:
    return {
        "id": one.permission_id,
        "isEnabled": True,
        "type": "Admin" if one.needs_administrator else "User",
        "value": one.value,
    }


def _role(one: Permission) -> dict[str, object]:
    return {
        "allowedMemberTypes": ["Application"],
        "id": one.permission_id,
        "isEnabled": True,
        "value": one.value,
    }


def resource_principal(tenant: TenantState, client_id: str) -> dict[str, object]:
    """An API's own service principal; its object id is another one in each tenant."""
    resource = RESOURCES[client_id]
    return {
        "id": service_principal_id(tenant.tenant_id, client_id),
        "deletedDateTime": None,
        "accountEnabled": True,
        "appDisplayName": resource.name,
        "appId": client_id,
        "appOwnerOrganizationId": _MICROSOFT_TENANT_ID,
        "appRoleAssignmentRequired": False,
        "disabledByMicrosoftStatus": None,
        "displayName": resource.name,
        "servicePrincipalNames": [client_id, *resource.addresses],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "tags": [],
        "appRoles": [_role(one) for one in of_resource(client_id, Kind.APPLICATION)],
        "oauth2PermissionScopes": [_scope(one) for one in of_resource(client_id, Kind.DELEGATED)],
    }


def delegated_grant(tenant: TenantState, grant: DelegatedGrant) -> dict[str, object]:
    """An oauth2PermissionGrant; its ids are object ids, not client ids."""
    return {
        "clientId": service_principal_id(tenant.tenant_id, grant.client_id),
        "consentType": "AllPrincipals" if grant.principal_id is None else "Principal",
        "id": grant.grant_id,
        "principalId": grant.principal_id,
        "resourceId": service_principal_id(tenant.tenant_id, grant.resource),
        "scope": " ".join(grant.scopes),
    }


def role_assignment(
    tenant: TenantState, registration: Registration, role: RoleAssignment
) -> dict[str, object]:
    """An appRoleAssignment held by the app."""
    return {
        "id": role.assignment_id,
        "deletedDateTime": None,
        "appRoleId": role.permission.permission_id,
        "createdDateTime": f"{role.created_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "principalDisplayName": registration.app.name,
        "principalId": service_principal_id(tenant.tenant_id, role.client_id),
        "principalType": "ServicePrincipal",
        "resourceDisplayName": APIS[role.permission.resource].name,
        "resourceId": service_principal_id(tenant.tenant_id, role.permission.resource),
    }


def application(registration: Registration, publisher_domain: str) -> dict[str, object]:
    """The app registration itself, as its home tenant shows it."""
    by_resource: dict[str, list[dict[str, str]]] = {}
    for one in registration.permissions:
        kind = "Role" if one.kind is Kind.APPLICATION else "Scope"
        by_resource.setdefault(one.resource, []).append({"id": one.permission_id, "type": kind})
    return {
        "id": service_principal_id(registration.app.home_tenant_id, registration.app.slug),
        "appId": registration.client_id,
        "displayName": registration.app.name,
        "publisherDomain": publisher_domain,
        "signInAudience": "AzureADMultipleOrgs",
        "groupMembershipClaims": "DirectoryRole" if registration.role_claim else None,
        "verifiedPublisher": _verified_publisher(registration),
        "web": {"redirectUris": list(registration.redirect_uris), "logoutUrl": None},
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": []},
        "requiredResourceAccess": [
            {"resourceAppId": resource, "resourceAccess": access}
            for resource, access in by_resource.items()
        ],
        "passwordCredentials": _secrets(registration),
        "keyCredentials": [],
    }


def _secrets(registration: Registration) -> list[dict[str, object]]:
    """The secrets without their values, as many as somebody said of when they end."""
    now = datetime.now(UTC)
    return [
        {
            "keyId": service_principal_id(registration.app.home_tenant_id, secret),
            "displayName": "secret",
            "hint": secret[:3],
            "endDateTime": (now + timedelta(days=days)).isoformat(),
        }
        for secret, days in zip(
            registration.secrets, registration.secrets_end_in_days, strict=False
        )
    ]


def user(account: Account) -> dict[str, object]:
    """A person as `/me` shows them."""
    return {
        "id": account.object_id,
        "displayName": account.name,
        "mail": account.address,
        "userPrincipalName": account.address,
    }
