"""What counts as a GUID."""

import pytest

from tenants.microsoft.guids import is_guid

GUID = "2f4a9f6e-1f0b-4b52-9a3e-5d1c7d0f8a21"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (GUID, True),
        (GUID.upper(), False),
        (f"{GUID}\n", False),
        (f"{GUID}0", False),
        (GUID.replace("-", ""), False),
        (GUID.replace("2f", "٢f"), False),
        ("common", False),
        ("", False),
    ],
)
def test_guid_is_whole_and_in_lower_case(text, is_one):
    assert is_guid(text) is is_one
