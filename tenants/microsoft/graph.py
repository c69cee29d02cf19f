"""What one tenant's directory says about our app, in one `$batch`.

https://learn.microsoft.com/graph/api/resources/serviceprincipal
https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant
https://learn.microsoft.com/graph/api/resources/approleassignment
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from tenants.microsoft.clouds import GRAPH, Cloud
from tenants.microsoft.errors import Transient
from tenants.microsoft.graph_calls import TIMEOUT_S, GraphAnswer, batch, new_session, rows
from tenants.microsoft.login import AppToken
from tenants.microsoft.permissions import Kind, Permission, app_role_value

__all__ = ["DelegatedGrant", "DirectoryView", "ServicePrincipal", "Session", "look", "new_session"]

#: The connections for many looks at once, from `new_session()`.
Session = aiohttp.ClientSession

_SELECTED: Final = ",".join(
    [
        "id",
        "displayName",
        "accountEnabled",
        "appRoleAssignmentRequired",
        "disabledByMicrosoftStatus",
        "verifiedPublisher",
    ]
)
_ABOUT_US = _SERVICE_PRINCIPAL, _GRANTS, _ROLES = "service_principal", "grants", "roles"


@dataclass(frozen=True)
class ServicePrincipal:
    """Our app's presence in the tenant; people there know it as the enterprise application."""

    object_id: str
    enabled: bool
    assignment_required: bool
    display_name: str
    disabled_by_microsoft: bool
    verified_publisher: str | None


@dataclass(frozen=True)
class DelegatedGrant:
    """One consent to scopes of one API, for everyone in the tenant or for one person.

    `resource_client_id` is None for an API that was not among the resources asked about. Scopes are
    written as Microsoft wrote them.
    """

    resource_client_id: str | None
    resource_object_id: str
    scopes: frozenset[str]
    for_everyone: bool
    principal_object_id: str | None

    @property
    def permissions(self) -> frozenset[Permission]:
        """The scopes as permissions; none where the API is not known."""
        if self.resource_client_id is None:
            return frozenset()
        return frozenset(
            Permission(self.resource_client_id, Kind.DELEGATED, scope) for scope in self.scopes
        )


@dataclass(frozen=True)
class DirectoryView:
    """What could be read. None means not readable for us, except that `service_principal` None
    means that there is none.

    `application_permissions` are those of the resources asked about. Grants of an API that cannot
    be told which one it is are not readable either: it may be one of those.
    """

    service_principal: ServicePrincipal | None
    delegated_grants: tuple[DelegatedGrant, ...] | None
    application_permissions: frozenset[Permission] | None


async def look(
    session: Session,
    cloud: Cloud,
    token: AppToken,
    client_id: str,
    *,
    resources: Collection[str] = (GRAPH,),
    can_wait: bool = False,
) -> DirectoryView:
    """One look with one call, and one more for each further page of a long list; 20 s at most.

    `resources` are the client IDs of the APIs whose grants matter. With `can_wait` Microsoft is
    told that nobody waits for the answer. Raises NotYetGranted where the answering replica does not
    know our app, Throttled, Transient or UnknownAnswer.
    """
    try:
        # A look ends in time whatever the number of pages: whoever claimed it holds a lease.
        async with asyncio.timeout(TIMEOUT_S):
            paths = _paths(client_id, sorted(resources))
            return await _look(session, cloud, token, paths, can_wait=can_wait)
    except TimeoutError:
        raise Transient from None


def _paths(client_id: str, resources: list[str]) -> dict[str, str]:
    ours = f"/servicePrincipals(appId='{client_id}')"
    return {
        _SERVICE_PRINCIPAL: f"{ours}?$select={_SELECTED}",
        _GRANTS: f"{ours}/oauth2PermissionGrants",
        _ROLES: f"{ours}/appRoleAssignments",
        **{one: _resource_path(one) for one in resources},
    }


async def _look(
    session: Session, cloud: Cloud, token: AppToken, paths: dict[str, str], *, can_wait: bool
) -> DirectoryView:
    answers = await batch(session, cloud, token, paths, can_wait=can_wait)
    refused = [one for one in answers.values() if one.status not in {200, 403, 404}]
    if refused:
        # Each was refused for itself, and whoever waits for one waits for all.
        raise max(refused, key=lambda one: one.retry_after or 0.0).refusal()
    principal = _service_principal(answers[_SERVICE_PRINCIPAL])
    apis = _Apis.of({one: answers[one] for one in paths if one not in _ABOUT_US})
    grants, assigned = [
        apis.readable(await _listed(session, cloud, token, answers[name], principal))
        for name in (_GRANTS, _ROLES)
    ]
    return DirectoryView(
        principal,
        None if grants is None else tuple(_grant(row, apis) for row in grants),
        None if assigned is None else _application_permissions(assigned, apis),
    )


def _resource_path(resource: str) -> str:
    # The names of Graph's hundreds of roles come from our own table, those of other APIs with the
    # answer.
    selected = "id" if resource == GRAPH else "id,appRoles"
    return f"/servicePrincipals(appId='{resource}')?$select={selected}"


async def _listed(
    session: Session,
    cloud: Cloud,
    token: AppToken,
    first: GraphAnswer,
    principal: ServicePrincipal | None,
) -> list[dict[str, Any]] | None:
    if first.status == 403:
        return None
    if first.status == 200:
        return await rows(session, cloud, token, first)
    if principal is not None:
        # Two replicas contradict each other, and an empty list would read as taken away.
        raise Transient("Request_ResourceNotFound", first.request_id)
    return []


@dataclass(frozen=True)
class _Apis:
    """The APIs asked about, by client ID as the directory shows them, and whether it did not show
    one of them: the tenant does not have it, or it may not be read, or a replica lags behind.
    """

    shown: dict[str, dict[str, Any]]
    is_one_hidden: bool

    @classmethod
    def of(cls, answers: dict[str, GraphAnswer]) -> "_Apis":
        shown = {one: answer.body for one, answer in answers.items() if answer.status == 200}
        return cls(shown, is_one_hidden=len(shown) < len(answers))

    def client_id(self, row: dict[str, Any]) -> str | None:
        """Which of them that row is about; rows name an API by an object ID of that tenant."""
        wanted = row.get("resourceId")
        return next((one for one, body in self.shown.items() if body.get("id") == wanted), None)

    def readable(self, listed: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        """Those rows, unless one of them may be about the API that is hidden. An API that a tenant
        does not have is in no row of it.
        """
        if listed and self.is_one_hidden and None in map(self.client_id, listed):
            return None
        return listed


def _service_principal(answer: GraphAnswer) -> ServicePrincipal | None:
    if answer.status == 404:
        return None
    if answer.status == 403:
        # Reading ourselves needs no permission; a replica that lags behind refuses it all the same.
        raise Transient("Authorization_RequestDenied", answer.request_id)
    body = answer.body
    publisher = body.get("verifiedPublisher")
    name = publisher.get("displayName") if isinstance(publisher, dict) else None
    return ServicePrincipal(
        object_id=str(body.get("id")),
        enabled=bool(body.get("accountEnabled", True)),
        assignment_required=bool(body.get("appRoleAssignmentRequired", False)),
        display_name=str(body.get("displayName") or ""),
        disabled_by_microsoft=bool(body.get("disabledByMicrosoftStatus")),
        verified_publisher=str(name) if name else None,
    )


def _grant(row: dict[str, Any], apis: _Apis) -> DelegatedGrant:
    principal = row.get("principalId")
    return DelegatedGrant(
        resource_client_id=apis.client_id(row),
        resource_object_id=str(row.get("resourceId")),
        scopes=frozenset(str(row.get("scope") or "").split()),
        for_everyone=row.get("consentType") == "AllPrincipals",
        principal_object_id=str(principal) if principal else None,
    )


def _application_permissions(assigned: list[dict[str, Any]], apis: _Apis) -> frozenset[Permission]:
    found = set()
    for row in assigned:
        resource = apis.client_id(row)
        role_id = str(row.get("appRoleId"))
        if resource is not None:
            value = app_role_value(resource, role_id) or _own_name(apis.shown[resource], role_id)
            found.add(Permission(resource, Kind.APPLICATION, value or role_id))
    return frozenset(found)


def _own_name(api: dict[str, Any], role_id: str) -> str | None:
    """The name that the API itself gives to one of its roles."""
    own = api.get("appRoles")
    listed = [role for role in own if isinstance(role, dict)] if isinstance(own, list) else []
    return next((str(role["value"]) for role in listed if role.get("id") == role_id), None)
