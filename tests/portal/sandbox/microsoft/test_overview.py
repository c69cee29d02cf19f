"""The front page and its buttons."""

import pytest

from tests.portal.sandbox.microsoft.visitor import TENANT_IDS


def press(visitor, change, **fields):
    return visitor.session.post(
        f"{visitor.url}/_control/switch", {"change": change, **fields}, allow_redirects=False
    )


def test_page_lists_every_tenant_app_and_person(microsoft, visitor):
    page = visitor.open("/")

    state = microsoft.state()
    people = [one["address"] for row in state["tenants"].values() for one in row["accounts"]]
    for word in [*TENANT_IDS, *TENANT_IDS.values(), *state["apps"], *people]:
        assert word in page.text
    assert "simulation" in page.text
    assert "<script" not in page.text


def test_pages_load_nothing_but_their_stylesheet(visitor):
    page = visitor.open("/")

    policy = page.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
    assert visitor.open("/_pages/style.css").headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize(
    ("change", "value", "expected"),
    [
        ("disabled", "on", True),
        ("assignment_required", "on", True),
        ("role_claim", "off", False),
        ("replicas_disagree", "on", True),
        ("replication_delay_s", "2.5", 2.5),
        ("policy", "users", "users"),
    ],
)
def test_button_turns_a_switch(microsoft, visitor, change, value, expected):
    answer = press(visitor, change, tenant="contoso.example", value=value)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/#contoso.example")
    assert microsoft.state()["tenants"]["contoso.example"][change] == expected


def test_buttons_grant_revoke_and_reset(microsoft, visitor):
    fields = {"tenant": "contoso.example", "app": "acme-suite"}

    def shown():
        tenant = microsoft.state()["tenants"]["contoso.example"]
        return len(tenant["grants"]), len(tenant["service_principals"])

    seen = []
    for change in ("grants", "revoke", "reset"):
        press(visitor, change, **fields)
        seen.append(shown())

    assert seen == [(1, 1), (0, 1), (0, 0)]


def test_page_shows_what_is_granted_and_who_is_signed_in(microsoft, visitor):
    person = {"tenant": "contoso.example", "app": "acme-suite", "for": "ben@contoso.example"}
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-suite"}, person]})
    visitor.sign_in(visitor.authorize("contoso.example"), "ana@contoso.example")

    page = visitor.open("/").text

    assert "everyone: User.Read Mail.ReadWrite Calendars.ReadWrite openid profile" in page
    assert "ben@contoso.example: User.Read" in page
    assert "the app itself: Directory.Read.All" in page
    assert "signed in as ana@contoso.example" in page


def test_foreign_page_cannot_press_a_button(microsoft, visitor):
    visitor.session.headers["Origin"] = "http://evil.example"

    answer = press(visitor, "grants", tenant="contoso.example", app="acme-suite")

    assert answer.status_code == 403
    assert microsoft.state()["tenants"]["contoso.example"]["grants"] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"change": "replication_delay_s", "tenant": "contoso.example", "value": "soon"},
        {"change": "policy", "tenant": "contoso.example", "value": "anarchy"},
        {"change": "grants", "tenant": "nowhere.example", "app": "acme-suite"},
        {"change": "colour", "tenant": "contoso.example", "value": "blue"},
    ],
)
def test_nonsense_gets_a_page(visitor, fields):
    assert press(visitor, **fields).status_code == 400


def test_error_address_names_its_code_alone(visitor):
    page = visitor.open("/error", code="90094<script>")

    assert (page.status_code, "AADSTS90094." in page.text) == (200, True)
    assert "<script" not in page.text
