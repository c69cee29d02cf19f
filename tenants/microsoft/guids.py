"""GUIDs, as Microsoft writes the ids of tenants, apps and calls."""

import re
from typing import Final

#: A pattern for one in lower case.
GUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
#: The same for databases and forms: nothing before and after it.
WHOLE_GUID: Final = rf"^{GUID}$"
NIL: Final = "00000000-0000-0000-0000-000000000000"
#: The tenant of all private Microsoft accounts; it is nobody's (entra.md 5.4).
CONSUMERS: Final = "9188040d-6c67-4c5b-b112-36a304b66dad"
_WHOLE: Final = re.compile(GUID)


def is_guid(text: str) -> bool:
    """The whole text is one, in lower case."""
    return bool(_WHOLE.fullmatch(text))
