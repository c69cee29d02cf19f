"""What a browser brings back from Microsoft's consent page: a claim, which proves nothing.

https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tenants.microsoft.clouds import Cloud
from tenants.microsoft.errors import codes_in
from tenants.microsoft.permissions import Permission, covers

#: The number of somebody who pressed Cancel.
_CANCELLED: Final = "AADSTS65004"
_MOST_CODES: Final = 3


@dataclass(frozen=True)
class ConsentClaim:
    """`codes` are Microsoft's numbers, at most three; `tenant_id` is in lower case and may be
    anything that somebody typed.
    """

    is_approval: bool
    is_cancelled: bool = False
    codes: tuple[str, ...] = ()
    tenant_id: str = ""
    scope: str = ""

    def covers(self, permissions: Iterable[Permission], cloud: Cloud) -> bool:
        """The scope that came back covers what was asked."""
        return covers(self.scope, permissions, cloud)


def read_claim(query: Mapping[str, str]) -> ConsentClaim:
    """The query of the return. Errors come with `admin_consent=True` too, and then mostly without
    `tenant`: so the error is read first.
    """
    if "error" in query:
        codes = codes_in(query.get("error_description", ""))[:_MOST_CODES]
        is_cancelled = (
            _CANCELLED in codes
            or query.get("error_subcode") == "cancel"
            or query["error"] == "permission_denied"
        )
        return ConsentClaim(is_approval=False, is_cancelled=is_cancelled, codes=codes)
    return ConsentClaim(
        is_approval=query.get("admin_consent", "").lower() == "true",
        tenant_id=query.get("tenant", "").lower(),
        scope=query.get("scope", ""),
    )
