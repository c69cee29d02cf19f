"""Reads a `scope` parameter: which API, which permissions, or everything that is registered."""

from dataclasses import dataclass

from .catalogue import RESOURCES, SIGN_IN_SCOPES, Permission, permission, resource_by_address
from .errors import EntraError
from .seed import GRAPH, Kind
from .state import Registration

DEFAULT = ".default"


@dataclass(frozen=True)
class Asked:
    """What a request asks for. `everything_of` is an API's client id where `.default` was asked.

    `addresses` keeps how each API was named, because answers name it the same way.
    """

    delegated: tuple[Permission, ...]
    everything_of: str | None
    addresses: dict[str, str]
    text: str

    @property
    def resources(self) -> list[str]:
        """The APIs asked for; the sign-in scopes belong to no API of their own."""
        named = [one.resource for one in self.delegated if one.value not in SIGN_IN_SCOPES]
        if self.everything_of:
            named.insert(0, self.everything_of)
        return list(dict.fromkeys(named))

    def has(self, value: str) -> bool:
        """Whether that sign-in scope was asked for by name."""
        return any(one.value == value for one in self.delegated)

    def delegated_for(self, registration: Registration) -> list[Permission]:
        """The delegated permissions meant: those named, or with `.default` those registered."""
        if not self.everything_of:
            return list(self.delegated)
        registered = registration.of_kind(Kind.DELEGATED)
        return registered + [one for one in self.delegated if one not in registered]


def _malformed(text: str) -> EntraError:
    return EntraError(
        70011,
        "invalid_scope",
        f"The 'scope' parameter of this request is not valid: {text}",
    )


def _split(entry: str) -> tuple[str, str]:
    """`(address of the API or empty, name)`."""
    address, slash, value = entry.rpartition("/")
    return (address, value) if slash else ("", entry)


def read_scopes(text: str, *, here: str) -> Asked:
    """Read a space-separated list.

    Raises EntraError: 70011 malformed or `.default` mixed with names, 650053 no such permission,
    500011 no such API.
    """
    delegated: dict[tuple[str, str], Permission] = {}
    everything_of: str | None = None
    addresses: dict[str, str] = {}
    for entry in text.split():
        address, value = _split(entry)
        resource = resource_by_address(address, here=here) if address else RESOURCES[GRAPH]
        if address:
            addresses[resource.client_id] = address.rstrip("/")
        if value.lower() == DEFAULT:
            if everything_of:
                raise _malformed(f"{text} names more than one {DEFAULT}.")
            everything_of = resource.client_id
            continue
        found = permission(resource.client_id, Kind.DELEGATED, value)
        if found is None:
            raise EntraError(
                650053,
                "invalid_client",
                f"The app asked for scope '{value}', which the resource "
                f"'{resource.client_id}' does not have. Contact the app vendor.",
            )
        delegated[(found.resource, found.value)] = found
    if everything_of and any(one.value not in SIGN_IN_SCOPES for one in delegated.values()):
        raise _malformed(f"{DEFAULT} cannot stand beside named scopes in {text}.")
    if not delegated and not everything_of:
        raise _malformed("it is empty.")
    return Asked(tuple(delegated.values()), everything_of, addresses, text)
