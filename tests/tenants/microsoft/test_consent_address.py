"""The address at which an administrator approves."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tenants.microsoft import clouds, login
from tenants.microsoft.permissions import asked_scopes
from tests.tenants.microsoft.stage import APP, PORTAL, TENANT, permissions_of

RETURN = f"{PORTAL}/consent/return/"
CONTOSO = TENANT["contoso"]


def address(slug: str, tenant_id: str = CONTOSO, cloud: str = "global", **told: object) -> str:
    told = {"redirect_uri": RETURN, "state": "s&1", **told}
    return login.consent_address(
        clouds.cloud(cloud), tenant_id, APP[slug].client_id, permissions_of(slug), **told
    )


def test_consent_address_asks_the_tenant_for_the_whole_set():
    parts = urlsplit(address("acme-calendar"))

    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == (
        f"https://login.microsoftonline.com/{CONTOSO}/v2.0/adminconsent"
    )
    assert parse_qs(parts.query, strict_parsing=True) == {
        "client_id": [APP["acme-calendar"].client_id],
        "redirect_uri": [RETURN],
        "state": ["s&1"],
        "scope": [" ".join(asked_scopes(permissions_of("acme-calendar"), clouds.cloud("global")))],
    }


def test_consent_address_with_application_permissions_asks_for_the_default():
    query = parse_qs(urlsplit(address("acme-suite", cloud="us_l4")).query)

    assert query["scope"] == ["https://graph.microsoft.us/.default"]


def test_consent_address_without_a_state():
    assert "state" not in parse_qs(urlsplit(address("acme-suite", state=None)).query)


def test_consent_address_without_a_credential_is_the_form_without_return():
    short = address("acme-calendar", redirect_uri=None, state=None)

    assert short == (
        f"https://login.microsoftonline.com/{CONTOSO}/adminconsent"
        f"?client_id={APP['acme-calendar'].client_id}"
    )


@pytest.mark.parametrize(
    "tenant_id", ["common", "organizations", "contoso.example", "", CONTOSO.upper()]
)
def test_trap_common_in_an_admin_link_is_wrong(tenant_id):
    with pytest.raises(ValueError, match="GUID"):
        address("acme-calendar", tenant_id)


def test_trap_prompt_consent_brings_the_wall_back():
    assert "prompt" not in address("acme-calendar")
