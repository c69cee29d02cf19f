"""Where tenants are found."""

import jwt
import pytest

from tests.portal.sandbox.microsoft.visitor import CALENDAR, TENANT_IDS, refused

METADATA = "/v2.0/.well-known/openid-configuration"


def test_metadata_by_domain_names_the_tenant_by_its_guid(microsoft, visitor):
    tenant_id = TENANT_IDS["contoso.example"]

    by_domain = visitor.open(f"/contoso.example{METADATA}").json()

    assert by_domain == visitor.open(f"/{tenant_id.upper()}{METADATA}").json()
    assert by_domain["issuer"] == f"{microsoft.url}/{tenant_id}/v2.0"
    assert by_domain["token_endpoint"] == f"{microsoft.url}/{tenant_id}/oauth2/v2.0/token"
    assert by_domain["tenant_region_scope"] == "EU"


def test_metadata_of_no_tenant_is_refused(visitor):
    assert refused(visitor.open(f"/gmail-like.example{METADATA}")) == (
        400,
        "invalid_tenant",
        90002,
    )


@pytest.mark.parametrize("name", ["contoso", "ana@contoso.example", "not a domain"])
def test_metadata_of_what_is_no_domain_is_refused(visitor, name):
    assert refused(visitor.open(f"/{name}{METADATA}")) == (400, "invalid_request", 900023)


def test_metadata_of_a_government_tenant_points_to_the_other_cloud(visitor):
    body = visitor.open(f"/woodgrove.example{METADATA}").json()

    tenant_id = TENANT_IDS["woodgrove.example"]
    assert body["issuer"] == f"https://login.microsoftonline.us/{tenant_id}/v2.0"
    assert body["token_endpoint"].startswith("https://login.microsoftonline.us/")
    assert body["tenant_region_scope"] == "USGov"
    assert body["cloud_instance_name"] == "microsoftonline.us"


def test_government_tenant_is_served_nowhere_else(visitor, program):
    page = visitor.consent_page("woodgrove.example")

    assert (page.status_code, "AADSTS90038" in page.text) == (400, True)
    assert refused(program.token("woodgrove.example")) == (400, "invalid_request", 90038)
    assert visitor.silent("woodgrove.example")["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["organizations", "common"])
def test_metadata_of_all_tenants_leaves_the_issuer_open(microsoft, visitor, name):
    body = visitor.open(f"/{name}{METADATA}").json()

    assert body["issuer"] == microsoft.url + "/{tenantid}/v2.0"
    assert body["token_endpoint"] == f"{microsoft.url}/{name}/oauth2/v2.0/token"


def test_metadata_behind_an_https_name_speaks_https(microsoft, visitor):
    visitor.session.headers["X-Forwarded-Proto"] = "https"

    body = visitor.open(f"/contoso.example{METADATA}").json()

    assert body["token_endpoint"].startswith(microsoft.url.replace("http:", "https:") + "/")


def test_keys_change_at_a_reset_and_old_tokens_stop_verifying(microsoft, visitor, program):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar"}]})
    token = program.token("contoso.example").json()["access_token"]
    (old,) = visitor.open("/contoso.example/discovery/v2.0/keys").json()["keys"]
    claims = jwt.decode(token, jwt.PyJWK(old, "RS256"), ["RS256"], options={"verify_aud": False})

    microsoft.control({"reset": True})

    (new,) = visitor.open("/contoso.example/discovery/v2.0/keys").json()["keys"]
    assert claims["appid"] == CALENDAR.client_id
    assert new["kid"] != old["kid"]
    assert program.graph(token, "/servicePrincipals").status_code == 401


def test_foreign_host_name_is_refused(microsoft, visitor):
    answer = visitor.session.get(
        f"{microsoft.url}/", headers={"Host": "login.evil.example"}, allow_redirects=False
    )

    assert answer.status_code == 421


def test_both_names_of_the_loopback_are_served(microsoft, visitor):
    visitor.url = microsoft.url.replace("localhost", "127.0.0.1")

    body = visitor.open(f"/contoso.example{METADATA}").json()

    assert body["issuer"].startswith(visitor.url)
