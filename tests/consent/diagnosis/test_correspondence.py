"""What is new in a mail, and what it quotes."""

import pytest

from consent.diagnosis.correspondence import newest


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("nothing is quoted", ()),
        ("", ()),
        ("> all of it\n> is quoted", ()),
        ("new\n> old", ("new",)),
        ("new\n> old\n>> older", ("new", "new\n> old")),
        ("see below\n> > far\n> near", ("see below", "see below\n> near")),
        ("new\n----- original message -----\nold", ("new\n",)),
        ("neu\nam 3.11. schrieb ana <a@b.example>:\nalt", ("neu\n",)),
        ("new\nfrom: ana\nsent: monday\n\nold", ("new\n",)),
        # A head with nothing above it is the newest mail's own.
        ("\nfrom: ana\nto: ben\n\nhello", ()),
        ("from: ana\nto: ben\n\nhello\n> old", ("from: ana\nto: ben\n\nhello",)),
        ("new\n> old\n" + "x" * 32 * 1024, ()),
    ],
)
def test_newest_parts_of_a_mail(text, parts):
    assert newest(text) == parts
