"""GUIDs, as Microsoft writes the ids of tenants, apps and calls."""

import re
from typing import Final

#: A pattern for one in lower case.
GUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WHOLE: Final = re.compile(GUID)


def is_guid(text: str) -> bool:
    """The whole text is one, in lower case."""
    return bool(_WHOLE.fullmatch(text))
