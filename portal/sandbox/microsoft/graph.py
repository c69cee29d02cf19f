"""Microsoft Graph, as far as apps and grants go: who may read what, and the answers.

https://learn.microsoft.com/graph/api/serviceprincipal-get
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import graph_objects as shapes
from .catalogue import RESOURCES
from .directory import Directory, service_principal_id
from .errors import GraphError
from .seed import GRAPH
from .state import Registration, State, TenantState
from .tokens import AccessToken

_READ_APPS = frozenset({"application.read.all", "application.readwrite.all", "directory.read.all"})
_READ_GRANTS = frozenset(
    {"directory.read.all", "directory.readwrite.all", "delegatedpermissiongrant.readwrite.all"}
)


@dataclass(frozen=True)
class Call:
    """One read: by whom, where, with which query options."""

    state: State
    tenant: TenantState
    directory: Directory
    token: AccessToken
    base: str
    path: str
    options: Mapping[str, str]

    def needs(self, any_of: frozenset[str]) -> None:
        """Raises GraphError 403 unless the token holds one of these, and a user has a role too."""
        held = bool(self.token.held & any_of)
        if held and self.token.account_id:
            account = self.tenant.account_by_id(self.token.account_id)
            held = bool(account and account.roles)
        if not held:
            raise _not_allowed()


def identify(state: State, authorization: str) -> AccessToken:
    """The token behind the header. Raises GraphError 401."""
    kind, _, text = authorization.partition(" ")
    token = state.access_tokens.get(text) if kind.lower() == "bearer" else None
    if not isinstance(token, AccessToken):
        raise GraphError(
            401,
            "InvalidAuthenticationToken",
            "The access token is empty, malformed or signed with an unknown key.",
        )
    if token.resource != GRAPH:
        raise GraphError(401, "InvalidAuthenticationToken", "The audience of the token is wrong.")
    if token.expires_at < time.time():
        raise GraphError(
            401, "InvalidAuthenticationToken", "The lifetime of the token is over; it has expired."
        )
    return token


def read(
    state: State, token: AccessToken, base: str, path: str, options: Mapping[str, str]
) -> dict[str, object]:
    """The answer to one GET below `/v1.0`. Raises GraphError."""
    tenant = state.find_tenant(token.tenant_id)
    if tenant is None:
        raise GraphError(401, "InvalidAuthenticationToken", "The tenant of the token is unknown.")
    directory = tenant.read()
    if token.client_id not in directory.service_principals:
        raise GraphError(
            401,
            "Authorization_IdentityNotFound",
            "The identity of the calling application could not be established.",
        )
    call = Call(state, tenant, directory, token, base, path, options)
    for pattern, answer in _ANSWERS:
        if found := pattern.fullmatch(path):
            return answer(call, *found.groups())
    raise GraphError(
        400, "BadRequest", "This resource does not exist, or the simulation does not know it."
    )


def _selected(call: Call, body: dict[str, object]) -> dict[str, object]:
    wanted = [one.strip() for one in call.options.get("$select", "").split(",") if one.strip()]
    if not wanted:
        return body
    return {name: body[name] for name in wanted if name in body}


def _client_id(call: Call, key: str) -> str:
    """The client id behind `(appId='…')` or `/{object id}`; empty for an unknown one."""
    if by_client_id := re.fullmatch(r"\(appId='([^']+)'\)", key, re.IGNORECASE):
        return by_client_id[1].lower()
    wanted = key.strip("/").lower()
    known = [*call.directory.service_principals, *RESOURCES]
    fitting = (one for one in known if _object_id(call, one) == wanted)
    return next(fitting, "")


def _object_id(call: Call, client_id: str) -> str:
    return service_principal_id(call.tenant.tenant_id, client_id)


def _registration(call: Call, client_id: str) -> Registration:
    registration = call.state.registration(client_id)
    if registration is None or client_id not in call.directory.service_principals:
        raise _not_found(client_id)
    return registration


def _not_allowed() -> GraphError:
    return GraphError(
        403, "Authorization_RequestDenied", "Insufficient privileges for this operation."
    )


def _not_found(what: str) -> GraphError:
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{what}' does not exist, or one of its references is not there.",
    )


def _one_service_principal(call: Call, key: str) -> dict[str, object]:
    client_id = _client_id(call, key)
    # Its own service principal an app may read with no permission at all.
    if client_id != call.token.client_id or call.token.account_id:
        call.needs(_READ_APPS)
    context = {"@odata.context": f"{call.base}/v1.0/$metadata#servicePrincipals/$entity"}
    if client_id in RESOURCES:
        hidden_by = call.tenant.switches.apis_hidden_by
        if hidden_by == 403:
            raise _not_allowed()
        if hidden_by or not call.tenant.has_api(call.directory, client_id):
            raise _not_found(client_id)
        return {**context, **_selected(call, shapes.resource_principal(call.tenant, client_id))}
    registration = _registration(call, client_id)
    body = shapes.service_principal(registration, call.directory.service_principals[client_id])
    return {**context, **_selected(call, body)}


def _service_principals(call: Call) -> dict[str, object]:
    call.needs(_READ_APPS)
    rows = [
        shapes.service_principal(_registration(call, client_id), one)
        for client_id, one in call.directory.service_principals.items()
    ]
    rows += [shapes.resource_principal(call.tenant, client_id) for client_id in RESOURCES]
    return _listed(call, "servicePrincipals", rows)


def _grants_of_one(call: Call, key: str) -> dict[str, object]:
    call.needs(_READ_GRANTS)
    client_id = _client_id(call, key)
    if client_id not in RESOURCES:
        _registration(call, client_id)
    return _grants(call, client_id)


def _all_grants(call: Call) -> dict[str, object]:
    call.needs(_READ_GRANTS)
    return _grants(call, None)


def _grants(call: Call, client_id: str | None) -> dict[str, object]:
    rows = [
        shapes.delegated_grant(call.tenant, grant)
        for grant in call.directory.grants.values()
        if client_id in (None, grant.client_id)
    ]
    return _listed(call, "oauth2PermissionGrants", rows)


def _roles_of_one(call: Call, key: str) -> dict[str, object]:
    call.needs(_READ_APPS)
    client_id = _client_id(call, key)
    if client_id in RESOURCES:
        return _listed(call, "appRoleAssignments", [])
    registration = _registration(call, client_id)
    rows = [
        shapes.role_assignment(call.tenant, registration, role)
        for role in call.directory.roles_of(client_id)
    ]
    return _listed(call, "appRoleAssignments", rows)


def _application(call: Call, key: str) -> dict[str, object]:
    call.needs(_READ_APPS)
    by_client_id = re.fullmatch(r"\(appId='([^']+)'\)", key, re.IGNORECASE)
    registration = call.state.registration(by_client_id[1]) if by_client_id else None
    if registration is None or registration.app.home_tenant_id != call.tenant.tenant_id:
        raise _not_found(key.strip("/"))
    body = shapes.application(registration, call.tenant.tenant.domain)
    context = {"@odata.context": f"{call.base}/v1.0/$metadata#applications/$entity"}
    return {**context, **_selected(call, body)}


def _me(call: Call) -> dict[str, object]:
    account = call.tenant.account_by_id(call.token.account_id or "")
    if account is None:
        raise GraphError(400, "BadRequest", "/me is only valid with a signed-in user.")
    return _selected(call, shapes.user(account))


def _filtered(call: Call, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """`$filter` of the form `name eq 'value'`, joined by `and`."""
    for part in filter(None, re.split(r"\s+and\s+", call.options.get("$filter", ""))):
        found = re.fullmatch(r"\s*(\w+)\s+eq\s+(?:'([^']*)'|(null|true|false))\s*", part)
        if found is None:
            raise GraphError(400, "BadRequest", f"Invalid filter clause: {part[:100]}")
        wanted = {"null": None, "true": True, "false": False}.get(found[3] or "", found[2])
        rows = [row for row in rows if _same(row.get(found[1]), wanted)]
    return rows


def _same(value: object, wanted: object) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower()
    return value == wanted


def _listed(call: Call, name: str, rows: list[dict[str, object]]) -> dict[str, object]:
    """One page of a collection, with `@odata.nextLink` where there is more."""
    rows = _filtered(call, rows)
    try:
        size = min(int(call.options.get("$top", call.state.page_size)), call.state.page_size)
        start = int(call.options.get("$skiptoken", "0"))
    except ValueError:
        raise GraphError(400, "BadRequest", "$top and $skiptoken must be as given.") from None
    if size < 1 or start < 0:
        raise GraphError(400, "BadRequest", "$top must be above zero.")
    body: dict[str, object] = {"@odata.context": f"{call.base}/v1.0/$metadata#{name}"}
    if start + size < len(rows):
        kept = {key: value for key, value in call.options.items() if key != "$skiptoken"}
        body["@odata.nextLink"] = _address(call, {**kept, "$skiptoken": str(start + size)})
    body["value"] = [_selected(call, row) for row in rows[start : start + size]]
    return body


def _address(call: Call, options: Mapping[str, str]) -> str:
    # Graph leaves the dollar signs of its options unescaped.
    query = "&".join(f"{key}={_quoted(value)}" for key, value in options.items())
    return f"{call.base}/v1.0/{call.path}?{query}"


def _quoted(value: str) -> str:
    return re.sub(r"[^\w.,'()-]", lambda found: f"%{ord(found[0]):02X}", value, flags=re.ASCII)


_KEY = r"(\(appId='[^']+'\)|/[0-9A-Fa-f-]{36})"
_ANSWERS: list[tuple[re.Pattern[str], Callable[..., dict[str, object]]]] = [
    (re.compile(pattern, re.IGNORECASE), answer)
    for pattern, answer in (
        (rf"servicePrincipals{_KEY}/oauth2PermissionGrants", _grants_of_one),
        (rf"servicePrincipals{_KEY}/appRoleAssignments", _roles_of_one),
        (rf"servicePrincipals{_KEY}", _one_service_principal),
        (r"servicePrincipals", _service_principals),
        (r"oauth2PermissionGrants", _all_grants),
        (rf"applications{_KEY}", _application),
        (r"me", _me),
    )
]
