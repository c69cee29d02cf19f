"""The older version of the administrator's page: no scopes, and the address may be left out."""

from tests.portal.sandbox.microsoft.visitor import (
    CONSENT_RETURN,
    SUITE,
    TENANT_IDS,
    came_back,
    directory,
    forms,
)


def first_version(visitor, domain, **query):
    return visitor.open(f"/{domain}/adminconsent", client_id=SUITE.client_id, **query)


def test_first_version_needs_no_address_and_returns_no_scope(microsoft, visitor):
    page = visitor.sign_in(first_version(visitor, "contoso.example"), "admin@contoso.example")

    answer = came_back(visitor.submit(page, "consent", decision="accept"))

    assert answer == {
        "to": CONSENT_RETURN,
        "admin_consent": "True",
        "tenant": TENANT_IDS["contoso.example"],
    }
    assert directory(microsoft, "contoso.example")[1] != []


def test_first_version_tolerates_more_path_behind_the_address(visitor):
    page = first_version(visitor, "contoso.example", redirect_uri=f"{CONSENT_RETURN}more")

    assert "signin" in forms(page)
    assert (
        first_version(visitor, "contoso.example", redirect_uri="http://evil.example").status_code
        == 400
    )


def test_app_without_any_address_keeps_the_grant_and_returns_nowhere(microsoft, visitor):
    microsoft.control({"apps": {"acme-suite": {"redirect_uris": []}}})
    page = visitor.sign_in(first_version(visitor, "contoso.example"), "admin@contoso.example")

    page = visitor.submit(page, "consent", decision="accept")

    assert (page.status_code, "AADSTS500113" in page.text) == (400, True)
    assert directory(microsoft, "contoso.example")[1] != []
