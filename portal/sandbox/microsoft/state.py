"""Everything the simulated Microsoft remembers, and the seed it goes back to."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from . import seed
from .catalogue import RESOURCES, SIGN_IN_SCOPES, Permission, permission
from .directory import Directory, Replicated, ServicePrincipal, service_principal_id
from .errors import EntraError
from .keys import SigningKey
from .seed import EXCHANGE, GRAPH, Account, App, Kind, Policy, Role, Tenant

_TENANT_NAME = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[\w-]+(\.[\w-]+)+")


@dataclass
class Switches:
    """What `/_control/state` can turn in one tenant; the names are the contract's."""

    policy: Policy = Policy.ADMINISTRATORS
    disabled: bool = False  # the apps are there, but switched off
    blocked: list[str] = field(default_factory=list)  # apps refused in Microsoft's own queue
    assignment_required: bool = False
    assigned: list[str] = field(default_factory=list)  # addresses
    replication_delay_s: float = 0.0
    replicas_disagree: bool = False
    role_claim: bool = True
    without_exchange: bool = False  # nobody there has bought Exchange Online
    apis_hidden_by: int = 0  # 403 or 404: what whoever looks an API of Microsoft's up is told
    exchange_lapsed: bool = False  # they had, and no longer pay for it
    consent_conflict: bool = False  # recording a consent fails, as while an old one is purged
    missing_principal_code: int = 7000229  # 700016 is the other answer seen
    token_lifetime_s: int = 0  # 0: 60 to 90 minutes, as at Microsoft
    faults: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass
class Registration:
    """An app registration as it stands in the vendor's home tenant now."""

    app: App
    redirect_uris: list[str]
    permissions: list[Permission]
    secrets: list[str]
    certificates: list[str] = field(default_factory=list)  # PEM
    expired_secrets: list[str] = field(default_factory=list)
    federated: list[dict[str, str]] = field(default_factory=list)  # issuer and subject
    role_claim: bool = True
    is_publisher_verified: bool = True
    disabled_by_microsoft: bool = False
    secrets_end_in_days: list[float] = field(default_factory=list)  # only these are listed

    @property
    def client_id(self) -> str:
        """The app's client id, the same in all tenants."""
        return self.app.client_id

    def of_kind(self, kind: Kind) -> list[Permission]:
        """The registered permissions of one kind."""
        return [one for one in self.permissions if one.kind is kind]


class TenantState:
    """One tenant: its people, its switches, its directory."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.switches = Switches(policy=tenant.policy)
        self.directory = Replicated(Directory())
        self.approval_requests: list[dict[str, str]] = []
        self._by_address = {account.address: account for account in tenant.accounts}
        self._by_object_id = {account.object_id: account for account in tenant.accounts}

    @property
    def tenant_id(self) -> str:
        """The directory's GUID."""
        return self.tenant.tenant_id

    def account(self, address: str) -> Account | None:
        """The person with that address in this tenant, a guest too."""
        return self._by_address.get(address.strip().lower())

    def account_by_id(self, object_id: str) -> Account | None:
        """The person with that object id in this tenant."""
        return self._by_object_id.get(object_id)

    def read(self) -> Directory:
        """The directory as a reader sees it now."""
        return self.directory.read(replicas_disagree=self.switches.replicas_disagree)

    def write(self, directory: Directory) -> None:
        """Change the directory; readers learn of it after the tenant's delay."""
        self.directory.write(directory, delay_s=self.switches.replication_delay_s)

    def service_principal(self, registration: Registration) -> ServicePrincipal:
        """How the app's service principal has to look under the present switches."""
        switches = self.switches
        assigned = (self.account(address) for address in switches.assigned)
        return ServicePrincipal(
            service_principal_id(self.tenant_id, registration.client_id),
            registration.client_id,
            is_enabled=not switches.disabled and registration.app.slug not in switches.blocked,
            is_assignment_required=switches.assignment_required,
            assigned=frozenset(account.object_id for account in assigned if account),
        )

    def has_api(self, directory: Directory, client_id: str) -> bool:
        """Whether that API is there: Microsoft's are, the vendor's where it is installed."""
        if client_id == EXCHANGE:
            return not self.switches.without_exchange
        return client_id in RESOURCES or client_id in directory.service_principals

    def install(self, registration: Registration) -> Directory:
        """The newest directory with the app's service principal in it; not yet written."""
        newest = self.directory.newest
        if registration.client_id in newest.service_principals:
            return newest
        return newest.with_service_principal(self.service_principal(registration))


def named_permissions(rows: Iterable[tuple[str, str, str]]) -> list[Permission]:
    """The permissions behind `(resource, kind, value)`; raises ValueError for unknown ones."""
    found = []
    for resource, kind, value in rows:
        one = permission(resource, Kind(kind), value)
        if one is None:
            raise ValueError(f"There is no {kind} permission {value} on {resource}.")
        found.append(one)
    return found


class State:
    """The whole simulation. One object a process; `reset()` brings the seed back."""

    def __init__(self, portal_url: str = "http://localhost:8000") -> None:
        self.portal_url = portal_url.rstrip("/")
        self.reset()

    def reset(self) -> None:
        """Back to the seed: nobody signed in, no token known, new signing keys."""
        self.key = SigningKey()
        self.started_at = datetime.now(UTC)
        self.tenants = {tenant.domain: TenantState(tenant) for tenant in seed.TENANTS}
        self._by_id = {tenant.tenant_id: tenant for tenant in self.tenants.values()}
        self.registrations = {app.slug: self._registered(app) for app in seed.APPS}
        self.sessions: dict[str, list[str]] = {}  # cookie to addresses
        self.codes: dict[str, object] = {}
        self.refresh_tokens: dict[str, object] = {}
        self.access_tokens: dict[str, object] = {}
        self.faults: dict[str, dict[str, float]] = {}
        self.page_size = 100
        self.latency_s = 0.0  # how long every answer to a program takes
        self.calls: dict[str, Counter[str]] = defaultdict(Counter)
        self._plant()

    def _registered(self, app: App) -> Registration:
        sign_in = [(GRAPH, Kind.DELEGATED.value, scope) for scope in SIGN_IN_SCOPES[:2]]
        return Registration(
            app=app,
            redirect_uris=[self.portal_url + path for path in app.redirect_paths],
            permissions=named_permissions([*app.permissions, *sign_in]),
            secrets=[app.secret],
            role_claim=app.role_claim,
        )

    def _plant(self) -> None:
        """What stands in the directories at the seed."""
        self.tenants["tailspin.example"].switches.assignment_required = True
        self.tenants["litware.example"].switches.disabled = True
        calendar = self.registrations["acme-calendar"]
        litware = self.tenants["litware.example"]
        litware.write(litware.install(calendar))
        wingtip = self.tenants["wingtip.example"]
        old = wingtip.account("old@wingtip.example")
        assert old is not None
        scopes = [one.value for one in calendar.of_kind(Kind.DELEGATED)]
        wingtip.write(
            wingtip.install(calendar).with_scopes(calendar.client_id, GRAPH, old.object_id, scopes)
        )
        reader = named_permissions([(GRAPH, "application", "Application.Read.All")])
        for registration in self.registrations.values():
            home = self._by_id[registration.app.home_tenant_id]
            home.write(home.install(registration).with_roles(registration.client_id, reader))

    def crowd(self, count: int) -> None:
        """Make sure that `t1.example` to `t<count>.example` exist."""
        for tenant in map(seed.crowd, range(1, count + 1)):
            if tenant.domain not in self.tenants:
                self.tenants[tenant.domain] = self._by_id[tenant.tenant_id] = TenantState(tenant)

    def tenant(self, name: str) -> TenantState:
        """The tenant with that domain or GUID. Raises EntraError 90002 or 900023."""
        found = self.find_tenant(name)
        if found is None and not _TENANT_NAME.fullmatch(name):
            raise EntraError(
                900023,
                "invalid_request",
                "The tenant identifier is neither a domain name nor a GUID.",
            )
        if found is None:
            raise EntraError(
                90002,
                "invalid_tenant",
                f"Tenant '{name}' was not found. Check that it is spelt right, that it still "
                "exists, and that it is in this cloud.",
            )
        return found

    def find_tenant(self, name: str) -> TenantState | None:
        """The tenant with that domain or GUID, or None."""
        wanted = name.lower()
        return self.tenants.get(wanted) or self._by_id.get(wanted)

    def registration(self, client_id: str) -> Registration | None:
        """The app with that client id, or None."""
        for registration in self.registrations.values():
            if registration.client_id == client_id.lower():
                return registration
        return None

    def home_of(self, address: str) -> TenantState | None:
        """The tenant whose own person that is; guests belong elsewhere."""
        tenant = self.tenants.get(address.strip().lower().rpartition("@")[2])
        account = tenant.account(address) if tenant else None
        return tenant if account and not account.is_guest else None

    def restate_service_principals(self, tenant: TenantState) -> None:
        """Bring the vendor's service principals in line with the tenant's switches."""
        directory = tenant.directory.newest
        for registration in self.registrations.values():
            if registration.client_id in directory.service_principals:
                wanted = tenant.service_principal(registration)
                kept = directory.service_principals[registration.client_id]
                directory = directory.with_service_principal(
                    replace(wanted, object_id=kept.object_id)
                )
        if directory != tenant.directory.newest:
            tenant.write(directory)

    def count(self, tenant: str, endpoint: str) -> None:
        """One more call to that endpoint for that tenant."""
        self.calls[tenant][endpoint] += 1


def is_exempt_from_assignment(account: Account) -> bool:
    """Global Administrators get into any app unassigned.

    https://learn.microsoft.com/entra/identity/enterprise-apps/application-properties
    """
    return Role.GLOBAL_ADMINISTRATOR in account.roles
