"""What one look found, before it is written down."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from consent.models import Check
from tenants.microsoft.graph import DelegatedGrant
from tenants.microsoft.permissions import Permission


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
    retry_after: float = 0.0
    calls: int = 0
    milliseconds: int = 0

    @property
    def is_telling(self) -> bool:
        """It says something about the tenant."""
        return self.outcome in Check.TELLING

    @property
    def present(self) -> bool:
        """Our service principal is there and enabled."""
        return self.outcome == Check.Outcome.PRESENT

    @property
    def for_everyone(self) -> frozenset[Permission] | None:
        """The delegated permissions granted tenant-wide, where the look could read them."""
        if self.outcome == Check.Outcome.ABSENT:
            return frozenset() if self.grants is not None else None
        return (
            None if self.grants is None else _permissions(g for g in self.grants if g.for_everyone)
        )

    @property
    def of_persons(self) -> dict[str, frozenset[Permission]]:
        """The delegated permissions granted to single persons, by object ID."""
        persons: dict[str, frozenset[Permission]] = {}
        for grant in self.grants or ():
            if not grant.for_everyone and grant.principal_object_id:
                had = persons.get(grant.principal_object_id, frozenset())
                persons[grant.principal_object_id] = had | _permissions([grant])
        return persons


def _permissions(grants: Iterable[DelegatedGrant]) -> frozenset[Permission]:
    return frozenset(permission for grant in grants for permission in grant.permissions)
