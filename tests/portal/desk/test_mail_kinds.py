"""Every kind of mail has a name that agents understand."""

from pathlib import Path

import pytest
from django.template.loader import render_to_string

ROOT = Path(__file__).resolve().parents[3] / "templates" / "emails"
KINDS = sorted(folder.name for folder in ROOT.iterdir() if folder.is_dir())


@pytest.mark.parametrize("kind", KINDS)
def test_kind_of_mail_has_a_name_for_people(kind):
    name = render_to_string("components/mail_kind.html", {"kind": kind})

    assert name
    assert kind not in name
