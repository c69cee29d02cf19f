"""Who lives in the simulated Microsoft at the start: tenants, people, and the vendor's apps.

Plain values without Django, so that the portal can register the very same apps.
"""

from dataclasses import dataclass
from enum import Enum
from uuid import NAMESPACE_DNS, UUID, uuid5

GRAPH = "00000003-0000-0000-c000-000000000000"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"

CONSENT_RETURN_PATH = "/consent/return/"
SIGNIN_RETURN_PATH = "/signin/return/"

CUSTOM_ROLE = "custom-consent-role"


class Role(Enum):
    """Directory roles; the value is the template id that Microsoft puts into the `wids` claim.

    https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
    """

    GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
    PRIVILEGED_ROLE_ADMINISTRATOR = "e8611ab8-c189-46e8-94e1-60213ab1f814"
    APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
    CLOUD_APPLICATION_ADMINISTRATOR = "158c047a-c907-4556-b7ef-446551a6b5f7"
    GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
    # A role the tenant made itself: may consent, but claims carry built-in roles only.
    CUSTOM = CUSTOM_ROLE

    @property
    def title(self) -> str:
        """The role's name as Microsoft writes it."""
        if self is Role.CUSTOM:
            return "Custom role that may consent"
        return self.name.replace("_", " ").title()


class Policy(Enum):
    """What a tenant lets its ordinary users approve for themselves."""

    ADMINISTRATORS = "administrators"
    USERS = "users"
    REQUESTS = "requests"
    MANAGED = "managed"

    @property
    def title(self) -> str:
        """One line for the overview page."""
        return {
            Policy.ADMINISTRATORS: "only administrators consent",
            Policy.USERS: "users may consent themselves",
            Policy.REQUESTS: "only administrators; users may send a request at Microsoft",
            Policy.MANAGED: "Microsoft-managed: users may not approve mail, calendars or files",
        }[self]


class Kind(Enum):
    """The two kinds of permission."""

    DELEGATED = "delegated"
    APPLICATION = "application"


@dataclass(frozen=True)
class Account:
    """A person in one tenant; in a tenant that invites them they are another object."""

    address: str
    object_id: str
    name: str
    roles: tuple[Role, ...] = ()
    is_guest: bool = False


@dataclass(frozen=True)
class Tenant:
    """One organisation's directory and the people in it."""

    domain: str
    tenant_id: str
    name: str
    policy: Policy
    accounts: tuple[Account, ...]
    region: str = "EU"


@dataclass(frozen=True)
class App:
    """One app registration of the vendor; `permissions` are `(resource client id, kind, value)`."""

    slug: str
    name: str
    client_id: str
    secret: str
    publisher: str
    home_tenant_id: str
    permissions: tuple[tuple[str, str, str], ...]
    redirect_paths: tuple[str, ...] = (CONSENT_RETURN_PATH, SIGNIN_RETURN_PATH)
    role_claim: bool = True


def _account(
    tenant_id: str, address: str, name: str, *roles: Role, is_guest: bool = False
) -> Account:
    return Account(address, str(uuid5(UUID(tenant_id), address)), name, roles, is_guest)


_EVERYBODY = {
    "admin": ("Alex Admin", Role.GLOBAL_ADMINISTRATOR),
    "cloudadmin": ("Clara Cloud", Role.CLOUD_APPLICATION_ADMINISTRATOR),
    "custom": ("Cosmo Custom", Role.CUSTOM),
    "ana": ("Ana Almeida",),
    "ben": ("Ben Bauer",),
    "eva": ("Eva Eriksen",),
    "old": ("Otto Old",),
    "it": ("Ida Iversen",),
    "agent": ("Andy Agent",),
    "lead": ("Lena Lead",),
}
_USUAL = ("admin", "cloudadmin", "custom", "ana", "ben", "eva")


def _tenant(
    domain: str,
    tenant_id: str,
    name: str,
    policy: Policy = Policy.ADMINISTRATORS,
    people: tuple[str, ...] = _USUAL,
    region: str = "EU",
    guests: tuple[Account, ...] = (),
) -> Tenant:
    accounts = tuple(
        _account(tenant_id, f"{who}@{domain}", *_EVERYBODY[who])  # type: ignore[arg-type]
        for who in people
    )
    return Tenant(domain, tenant_id, name, policy, accounts + guests, region)


HOME_TENANT_ID = "17f01a12-26e4-4397-abf3-fc285521119e"
_FOURTHCOFFEE = "df3b11e4-66bd-4ade-8c09-46d553e676b0"

TENANTS: tuple[Tenant, ...] = (
    _tenant("contoso.example", "446b460f-e49d-4af2-aaaa-0b1a106594d2", "Contoso"),
    _tenant("fabrikam.example", "ee4ba30b-a901-4d9f-9a5d-4d5c912be43e", "Fabrikam", Policy.USERS),
    _tenant(
        "northwind.example", "b7d66c83-23c3-4e77-9220-eaf24bbb904a", "Northwind", Policy.REQUESTS
    ),
    _tenant("adatum.example", "e95aff01-e1fb-466a-8715-2405a38de1b6", "Adatum", Policy.MANAGED),
    _tenant("tailspin.example", "79bc1e42-992e-4634-95c6-510b7f32b665", "Tailspin Toys"),
    _tenant(
        "wingtip.example",
        "a336756b-4162-4886-bbe8-2209cd1ec001",
        "Wingtip Toys",
        people=(*_USUAL, "old"),
    ),
    _tenant(
        "woodgrove.example",
        "5e1888d1-ef88-4d42-a4de-e6b2c526e335",
        "Woodgrove Bank",
        region="USGov",
    ),
    _tenant("litware.example", "07b1bb2c-1c49-4a65-9186-9a1afb58306a", "Litware"),
    _tenant(
        "proseware.example",
        "9bf1d442-d843-4b3b-bb36-38786c5c4132",
        "Proseware",
        people=("ana", "ben", "eva"),
    ),
    _tenant("relecloud.example", "6a56660e-e1b5-43fc-9f39-43e209e5548b", "Relecloud"),
    _tenant(
        "fourthcoffee.example",
        _FOURTHCOFFEE,
        "Fourth Coffee",
        people=("ana", "ben", "eva"),
        guests=(
            _account(
                _FOURTHCOFFEE,
                "it@partner.example",
                "Ida Iversen",
                Role.GLOBAL_ADMINISTRATOR,
                is_guest=True,
            ),
        ),
    ),
    _tenant(
        "partner.example",
        "9a18e9b2-2a1f-47b1-87b8-072f20f82b39",
        "Partner Consulting",
        people=("admin", "it"),
    ),
    _tenant("acme.example", HOME_TENANT_ID, "Acme", people=("admin", "agent", "lead")),
)


def crowd(number: int) -> Tenant:
    """One of any number of tenants like Contoso: `t1.example`, `t2.example`, and so on."""
    domain = f"t{number}.example"
    return _tenant(domain, str(uuid5(NAMESPACE_DNS, domain)), f"Tenant {number}")


_DELEGATED, _APPLICATION = Kind.DELEGATED.value, Kind.APPLICATION.value


def _on_graph(kind: str, values: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((GRAPH, kind, value) for value in values.split())


APPS: tuple[App, ...] = (
    App(
        slug="acme-calendar",
        name="Acme Calendar",
        client_id="f63640d5-1874-4c5a-a235-a339f8b0fa1f",
        secret="sandbox-secret-of-acme-calendar",  # opens nothing but this sandbox
        publisher="Acme",
        home_tenant_id=HOME_TENANT_ID,
        permissions=_on_graph(
            _DELEGATED,
            "User.Read Calendars.ReadWrite Mail.Read Mail.Send Contacts.Read offline_access",
        ),
    ),
    App(
        slug="acme-archive",
        name="Acme Archive",
        client_id="1842582a-fe70-4e26-b068-ed0b44ea6027",
        secret="sandbox-secret-of-acme-archive",  # opens nothing but this sandbox
        publisher="Acme",
        home_tenant_id=HOME_TENANT_ID,
        permissions=_on_graph(_APPLICATION, "Mail.Read"),
    ),
    App(
        slug="acme-suite",
        name="Acme Suite",
        client_id="bc5a5371-2419-4efe-8854-5afbc57a9764",
        secret="sandbox-secret-of-acme-suite",  # opens nothing but this sandbox
        publisher="Acme",
        home_tenant_id=HOME_TENANT_ID,
        permissions=(
            *_on_graph(_DELEGATED, "User.Read Mail.ReadWrite Calendars.ReadWrite"),
            *_on_graph(_APPLICATION, "Directory.Read.All"),
        ),
    ),
)
