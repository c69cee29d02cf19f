"""Our own app registration as it stands in the vendor's home tenant, for checks before going live.

https://learn.microsoft.com/graph/api/resources/application
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import aiohttp

from tenants.microsoft.clouds import Cloud
from tenants.microsoft.credentials import Credential
from tenants.microsoft.graph_calls import batch, get
from tenants.microsoft.login import AppToken
from tenants.microsoft.permissions import Kind, Permission, app_role_value, scope_value

_SELECTED: Final = ",".join(
    [
        "appId",
        "displayName",
        "signInAudience",
        "web",
        "requiredResourceAccess",
        "groupMembershipClaims",
        "verifiedPublisher",
        "publisherDomain",
        "passwordCredentials",
        "keyCredentials",
    ]
)
_NAMES: Final = "appRoles,oauth2PermissionScopes"
_MANY_TENANTS: Final = frozenset({"AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount"})
_KINDS: Final = {"Scope": Kind.DELEGATED, "Role": Kind.APPLICATION}
_Access = tuple[str, Kind, str]


@dataclass(frozen=True)
class RegisteredCredential:
    """A secret or certificate at Entra; `ends_at` in UTC. `hint` is how a secret begins, if Entra
    says that.

    https://learn.microsoft.com/graph/api/resources/passwordcredential
    """

    key_id: str
    is_certificate: bool
    ends_at: datetime
    hint: str = field(default="", repr=False)

    def may_be(self, key: Credential) -> bool:
        """Nothing tells it from the one we hold: a certificate's end, or a secret's beginning."""
        if self.is_certificate:
            return self.ends_at == key.ends_at
        return bool(self.hint and key.secret and key.secret.startswith(self.hint))


@dataclass(frozen=True)
class RegisteredApplication:
    """The registration. A permission whose id nobody could name has that id as its value; where the
    home tenant does not have an API, that is all of its permissions, and the API is `nameless`.
    """

    client_id: str
    display_name: str
    is_multi_tenant: bool
    redirect_uris: frozenset[str]
    permissions: frozenset[Permission]
    group_membership_claims: frozenset[str]
    verified_publisher: str | None
    publisher_domain: str | None
    credentials: tuple[RegisteredCredential, ...]
    nameless: frozenset[str] = frozenset()

    @property
    def shows_roles(self) -> bool:
        """ID tokens carry the directory roles of the person (`wids`)."""
        return bool(self.group_membership_claims & {"All", "DirectoryRole"})


async def registered_application(
    session: aiohttp.ClientSession, cloud: Cloud, token: AppToken, client_id: str
) -> RegisteredApplication:
    """Read the registration with a token of the home tenant; needs Application.Read.All there.

    Raises NotAllowed without it, NotFound where another tenant is the app's home, Throttled,
    Transient or UnknownAnswer.
    """
    answer = await get(
        session, cloud, token, f"/applications(appId='{client_id}')?$select={_SELECTED}"
    )
    if answer.status != 200:
        raise answer.refusal()
    try:
        access = _access(answer.body)
        found = _registered(answer.body)
    except (AttributeError, LookupError, TypeError, ValueError):
        raise answer.oddity() from None
    names, nameless = await _names(session, cloud, token, access)
    return replace(
        found,
        nameless=nameless,
        permissions=frozenset(
            Permission(api, kind, names.get((api, kind, one), one)) for api, kind, one in access
        ),
    )


def _access(body: dict[str, Any]) -> list[_Access]:
    """What the registration asks for, as `(API, kind, id)`."""
    return [
        (str(api["resourceAppId"]), _KINDS[one["type"]], str(one["id"]))
        for api in body["requiredResourceAccess"]
        for one in api["resourceAccess"]
    ]


def _registered(body: dict[str, Any]) -> RegisteredApplication:
    publisher = body.get("verifiedPublisher") or {}
    return RegisteredApplication(
        client_id=str(body["appId"]),
        display_name=str(body["displayName"]),
        is_multi_tenant=body["signInAudience"] in _MANY_TENANTS,
        redirect_uris=frozenset(map(str, body["web"]["redirectUris"])),
        permissions=frozenset(),
        group_membership_claims=_claims(body.get("groupMembershipClaims")),
        verified_publisher=publisher.get("displayName"),
        publisher_domain=body.get("publisherDomain"),
        credentials=(
            *_credentials(body.get("passwordCredentials") or [], is_certificate=False),
            *_credentials(body.get("keyCredentials") or [], is_certificate=True),
        ),
    )


async def _names(
    session: aiohttp.ClientSession, cloud: Cloud, token: AppToken, access: Iterable[_Access]
) -> tuple[dict[_Access, str], frozenset[str]]:
    """The names behind those ids: Graph's from our table, others' from their service principals;
    and the APIs that have none there.
    """
    found: dict[_Access, str] = {}
    others, nameless = set(), set()
    for api, kind, one in access:
        value = (app_role_value if kind == Kind.APPLICATION else scope_value)(api, one)
        if value is not None:
            found[api, kind, one] = value
        else:
            others.add(api)
    if others:
        paths = {one: f"/servicePrincipals(appId='{one}')?$select={_NAMES}" for one in others}
        for api, answer in (await batch(session, cloud, token, paths)).items():
            if answer.status == 404:
                nameless.add(api)
            elif answer.status != 200:
                raise answer.refusal()
            found |= _own_names(api, answer.body)
    return found, frozenset(nameless)


def _own_names(api: str, body: dict[str, Any]) -> dict[_Access, str]:
    lists = {Kind.APPLICATION: "appRoles", Kind.DELEGATED: "oauth2PermissionScopes"}
    return {
        (api, kind, str(one.get("id"))): str(one.get("value"))
        for kind, name in lists.items()
        for one in body.get(name) or []
    }


def _claims(text: object) -> frozenset[str]:
    return frozenset(part.strip() for part in str(text or "").split(",") if part.strip())


def _credentials(
    listed: Iterable[dict[str, Any]], *, is_certificate: bool
) -> list[RegisteredCredential]:
    return [
        RegisteredCredential(
            str(one["keyId"]),
            is_certificate,
            datetime.fromisoformat(str(one["endDateTime"])),
            str(one.get("hint") or ""),
        )
        for one in listed
    ]
