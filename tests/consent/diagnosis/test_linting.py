"""Whole addresses, their tenant and their app."""

import pytest

from consent.diagnosis.linting import findings as say
from consent.diagnosis.linting import lint
from tenants.microsoft.permissions import GRAPH
from tests.consent.diagnosis.addresses import (
    CLIENT,
    OTHER,
    OURS,
    TENANT,
    adminconsent,
    authorize,
    of,
    registered,
    said,
)


def test_good_admin_consent_address():
    remarks = lint(adminconsent(), registrations=[OURS])

    assert [(each.part, each.grade, each.finding, each.value, each.names) for each in remarks] == [
        ("address", "ok", say.ADMINCONSENT, "login.microsoftonline.com", ()),
        ("tenant", "ok", say.TENANT_GUID, TENANT, ()),
        ("client_id", "ok", say.CLIENT_OURS, CLIENT, ("Acme Calendar",)),
        ("scope", "ok", say.SCOPE_AS_REGISTERED, "", ()),
        ("redirect_uri", "ok", say.REDIRECT_OURS, "portal.acme.example", ()),
        ("state", "ok", say.STATE_FINE, "", ()),
    ]
    assert remarks[0].words == (
        "An admin consent address: an administrator approves the app for the whole organisation."
    )


def test_good_sign_in_address():
    assert said(authorize(nonce="n" * 22, scope="openid User.Read")) == [
        ("address", say.AUTHORIZE),
        ("tenant", say.TENANT_ORGANIZATIONS),
        ("client_id", say.CLIENT_OURS),
        ("scope", say.SCOPE_WITHIN),
        ("redirect_uri", say.REDIRECT_HOST_OURS),
        ("state", say.STATE_FINE),
        ("response_type", say.TYPE_CODE),
        ("nonce", say.NONCE_FINE),
        ("code_challenge", say.PKCE_FINE),
    ]


@pytest.mark.parametrize(
    ("tenant", "finding"),
    [
        ("common", say.TENANT_COMMON_ADMIN),
        ("organizations", say.TENANT_ORGANIZATIONS_ADMIN),
        ("ORGANIZATIONS", say.TENANT_ORGANIZATIONS_ADMIN),
        ("consumers", say.TENANT_CONSUMERS),
        ("9188040d-6c67-4c5b-b112-36a304b66dad", say.TENANT_CONSUMERS),
        (TENANT.upper(), say.TENANT_GUID),
        ("contoso.onmicrosoft.com", say.TENANT_DOMAIN),
        ("xn--bcher-kva.example", say.TENANT_DOMAIN),
        ("00000000-0000-0000-0000-000000000000", say.TENANT_PLACEHOLDER),
        ("%7Btenant%7D", say.TENANT_PLACEHOLDER),
        ("{tenant}", say.TENANT_PLACEHOLDER),
        ("YOUR_TENANT_ID", say.TENANT_PLACEHOLDER),
        ("contoso", say.TENANT_ODD),
        ("446b460f-e49d-4af2", say.TENANT_ODD),
    ],
)
def test_tenant_of_an_admin_consent_address(tenant, finding):
    assert of("tenant", adminconsent(tenant)) == [(finding,)]


def test_tenant_that_is_left_out():
    url = adminconsent().replace(f"{TENANT}/", "")
    old = f"https://login.microsoftonline.com/adminconsent?client_id={CLIENT}"

    assert [of("tenant", each) for each in (url, old)] == [[(say.TENANT_MISSING,)]] * 2


def test_tenant_of_a_sign_in_address():
    found = {name: of("tenant", authorize(name)) for name in ("common", "organizations", TENANT)}

    assert found == {
        "common": [(say.TENANT_COMMON,)],
        "organizations": [(say.TENANT_ORGANIZATIONS,)],
        TENANT: [(say.TENANT_GUID,)],
    }


@pytest.mark.parametrize(
    ("client_id", "finding"),
    [
        (None, say.CLIENT_MISSING),
        ("my-app", say.CLIENT_ODD),
        (OTHER, say.CLIENT_FOREIGN),
        (CLIENT.upper(), say.CLIENT_OURS),
    ],
)
def test_client_id(client_id, finding):
    found = of("client_id", adminconsent(client_id=client_id))

    assert [each[0] for each in found] == [finding]


def test_client_id_of_one_of_microsofts_services():
    assert of("client_id", adminconsent(client_id=GRAPH)) == [
        (say.CLIENT_RESOURCE, "Microsoft Graph")
    ]


def test_client_id_of_an_app_in_another_cloud():
    elsewhere = registered("User.Read", login_host="login.microsoftonline.us")

    assert of("client_id", adminconsent(), elsewhere) == [(say.CLIENT_OTHER_CLOUD, "Acme Calendar")]


def test_client_id_where_no_app_is_registered():
    remarks = lint(adminconsent(), registrations=[])

    assert [each.finding for each in remarks if each.part == "client_id"] == [say.CLIENT_UNCHECKED]


def test_old_host_names_the_present_one():
    url = adminconsent().replace("login.microsoftonline.com", "login.windows.net")

    assert of("host", url) == [(say.OLD_HOST, "login.microsoftonline.com")]
    assert of("client_id", url) == [(say.CLIENT_OURS, "Acme Calendar")]
