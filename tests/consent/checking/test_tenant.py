"""Why a tenant cannot be looked at, each in one sentence."""

import pytest

from consent.checking.tenant import CannotLook, look
from portal.sandbox.microsoft import seed
from tests.factories import guid, seeded_app

pytestmark = pytest.mark.django_db
CONTOSO = next(one.tenant_id for one in seed.TENANTS if one.domain == "contoso.example")
GOVERNMENT = "Microsoft 365 US Government (GCC High)"


@pytest.mark.parametrize(
    ("text", "slug", "sentence"),
    [
        ("not a domain", None, "'not a domain' is neither a domain nor a tenant's GUID."),
        (CONTOSO[:-1], None, f"{CONTOSO[:-1]!r} is neither a domain nor a tenant's GUID."),
        ("gmail.com", None, "gmail.com is for personal accounts; nobody is administrator there."),
        ("gmail-like.example", None, "Microsoft knows no tenant for gmail-like.example."),
        ("contoso.example", "nope", "No app is registered as 'nope'."),
        (CONTOSO, "nope", "No app is registered as 'nope'."),
        (
            "woodgrove.example",
            None,
            f"That tenant lives in {GOVERNMENT}, where no app of ours is registered.",
        ),
    ],
)
def test_look_says_why_there_is_nothing_to_look_at(microsoft, text, slug, sentence):
    seeded_app("acme-archive")

    with pytest.raises(CannotLook) as refused:
        look(text, slug=slug)

    assert str(refused.value) == sentence


def test_look_before_any_app_is_registered():
    with pytest.raises(CannotLook, match=r"^No app is registered yet\.$"):
        look(guid("nobody"))


def test_look_while_microsoft_is_away(microsoft, settings):
    seeded_app("acme-archive")
    settings.MICROSOFT_URL = "http://localhost:9"

    with pytest.raises(CannotLook) as refused:
        look("contoso.example")

    assert str(refused.value) == "Microsoft could not be asked about contoso.example (Transient)."
