"""What one look found, before it is written down."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from consent.models import Check
from tenants.microsoft.graph import DelegatedGrant
from tenants.microsoft.permissions import Kind, Permission


@dataclass(frozen=True)
class Finding:
    """The outcome of a look, and what could be read. `application` and `grants` are None where it
    could not.
    """

    outcome: Check.Outcome | None
    at: datetime
    code: str = ""
    assignment_required: bool = False
    application: frozenset[Permission] | None = None
    grants: tuple[DelegatedGrant, ...] | None = None
    #: APIs whose roles this look could not read, though `application` has those of others.
    unread: frozenset[str] = frozenset()
    retry_after: float = 0.0
    calls: int = 0
    milliseconds: int = 0
    #: Seen with a kept token, so it may confirm what is known and conclude nothing.
    is_kept: bool = False

    @property
    def is_telling(self) -> bool:
        """It says something about the tenant."""
        return self.outcome in Check.TELLING

    @property
    def present(self) -> bool:
        """Our service principal is there and enabled."""
        return self.outcome == Check.Outcome.PRESENT

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits, the same for two findings that say the same of the tenant."""
        grants = self.grants and sorted(
            (
                grant.resource_client_id or "",
                grant.for_everyone,
                grant.principal_object_id or "",
                sorted(map(str.lower, grant.scopes)),
            )
            for grant in self.grants
        )
        application = self.application and sorted(
            (permission.resource_client_id, permission.name.lower())
            for permission in self.application
        )
        said = (str(self.outcome), self.assignment_required, application, grants)
        return digest((*said, *sorted(self.unread)))

    @property
    def for_everyone(self) -> frozenset[Permission] | None:
        """The delegated permissions granted tenant-wide, where the look could read them."""
        if self.outcome == Check.Outcome.ABSENT:
            return frozenset() if self.grants is not None else None
        return (
            None if self.grants is None else _permissions(g for g in self.grants if g.for_everyone)
        )

    @property
    def readable_kinds(self) -> tuple[Kind, ...]:
        """The kinds of permission that this look could read."""
        read = ((Kind.APPLICATION, self.application), (Kind.DELEGATED, self.for_everyone))
        return tuple(kind for kind, known in read if known is not None)

    def could_read(self, resource_client_id: str, kind: Kind) -> bool:
        """Whether this look would have seen a permission of that API and kind."""
        if kind == Kind.APPLICATION and resource_client_id in self.unread:
            return False
        return kind in self.readable_kinds

    @property
    def of_persons(self) -> dict[str, frozenset[Permission]]:
        """The delegated permissions granted to single persons, by object ID."""
        persons: dict[str, frozenset[Permission]] = {}
        for grant in self.grants or ():
            if not grant.for_everyone and grant.principal_object_id:
                had = persons.get(grant.principal_object_id, frozenset())
                persons[grant.principal_object_id] = had | _permissions([grant])
        return persons


def digest(facts: tuple[object, ...]) -> str:
    """32 hexadecimal digits for plain values, the same in every process."""
    return blake2b(repr(facts).encode(), digest_size=16).hexdigest()


def _permissions(grants: Iterable[DelegatedGrant]) -> frozenset[Permission]:
    return frozenset(permission for grant in grants for permission in grant.permissions)
