"""Who may approve what: roles for the organisation, policies for ordinary users."""

from collections.abc import Iterable
from dataclasses import dataclass

from .catalogue import SIGN_IN_SCOPES, Permission
from .directory import Directory
from .scopes import Asked
from .seed import GRAPH, Account, Kind, Policy, Role
from .state import Registration, TenantState, is_exempt_from_assignment

_ALL_POWERFUL = {Role.GLOBAL_ADMINISTRATOR, Role.PRIVILEGED_ROLE_ADMINISTRATOR, Role.CUSTOM}
_APP_ADMINISTRATORS = {Role.APPLICATION_ADMINISTRATOR, Role.CLOUD_APPLICATION_ADMINISTRATOR}


@dataclass(frozen=True)
class Wall:
    """Why a user may not approve for himself: the code, and whether a request form stands there."""

    code: int
    has_request_form: bool = False


def may_approve_for_everyone(account: Account, wanted: Iterable[Permission]) -> bool:
    """Whether that person may grant these permissions for the whole organisation.

    https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
    """
    roles = set(account.roles)
    if roles & _ALL_POWERFUL:
        return True
    graph_roles = any(one.kind is Kind.APPLICATION and one.resource == GRAPH for one in wanted)
    return bool(roles & _APP_ADMINISTRATORS) and not graph_roles


def wall_for(
    tenant: TenantState, registration: Registration, account: Account, wanted: list[Permission]
) -> Wall | None:
    """What stops that person from approving for himself, or None.

    https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent
    """
    if may_approve_for_everyone(account, wanted):
        return None
    policy = tenant.switches.policy
    if policy is Policy.REQUESTS:
        return Wall(90095, has_request_form=True)
    if policy is Policy.ADMINISTRATORS or tenant.switches.assignment_required:
        return Wall(90094)
    if any(one.needs_administrator for one in wanted):
        return Wall(90094)
    if policy is Policy.MANAGED and any(one.left_managed_policy for one in wanted):
        return Wall(90094)
    beyond_sign_in = any(one.value not in (*SIGN_IN_SCOPES, "User.Read") for one in wanted)
    if beyond_sign_in and not registration.is_publisher_verified:
        return Wall(900941)
    return None


def is_covered(
    directory: Directory, registration: Registration, account: Account, asked: Asked
) -> bool:
    """Whether no consent page is needed: the grants for everyone and his own cover the request.

    With `.default` any delegated grant on that API will do, as at Microsoft:
    https://learn.microsoft.com/entra/identity-platform/scopes-oidc
    """
    client_id = registration.client_id
    if client_id not in directory.service_principals:
        return False
    held = {
        (resource, scope.lower())
        for resource in {one.resource for one in asked.delegated} | set(asked.resources)
        for scope in directory.scopes_for(client_id, resource, account.object_id)
    }
    if asked.everything_of and not any(at == asked.everything_of for at, _ in held):
        return False
    return all((one.resource, one.value.lower()) in held for one in asked.delegated)


def is_closed(directory: Directory, client_id: str) -> bool:
    """Whether that app serves, as an API, only who is assigned to one of its roles."""
    service_principal = directory.service_principals.get(client_id)
    return service_principal is not None and service_principal.is_assignment_required


def is_shut_out(directory: Directory, registration: Registration, account: Account) -> bool:
    """Whether assignment is required and that person has none."""
    service_principal = directory.service_principals.get(registration.client_id)
    return (
        service_principal is not None
        and service_principal.is_assignment_required
        and account.object_id not in service_principal.assigned
        and not is_exempt_from_assignment(account)
    )
