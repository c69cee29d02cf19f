"""`manage.py check_app`: our registration at Entra against our rows, each failure with its fix."""

import pytest
from django.core.management import CommandError, call_command

from consent.checking.items import Grade, Item
from consent.checking.registration import examine
from consent.models import RequiredPermission
from portal.sandbox.microsoft.seed import TENANTS
from tests.factories import AppRegistrationFactory, RequiredPermissionFactory, seeded_app

pytestmark = pytest.mark.django_db
FAILED, WARNING = Grade.FAILED, Grade.WARNING
CONTOSO = next(one.tenant_id for one in TENANTS if one.domain == "contoso.example")


def at_seed(slug, **changes):
    """The seeded app, with our row changed."""
    app = seeded_app(slug)
    for name, value in changes.items():
        setattr(app, name, value)
    app.save()
    return app


def troubles(app):
    """What is not well: grade and what was found."""
    return [(item.grade, item.found) for item in examine(app) if item.grade != Grade.OK]


def only_trouble(app):
    """The one thing that is not well."""
    [item] = [item for item in examine(app) if item.grade != Grade.OK]
    return item


@pytest.mark.parametrize("slug", ["acme-calendar", "acme-suite", "acme-archive"])
def test_check_app_at_the_seed_is_ready(microsoft, capsys, slug):
    at_seed(slug)

    call_command("check_app", slug)

    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines[1:-1] if not line.startswith("  ok ")] == []
    assert lines[-1] == "Ready for customers."
    calls = microsoft.state()["calls"]
    assert {domain for domain, counted in calls.items() if any(counted.values())} == {
        "acme.example"
    }


def test_check_app_in_words_with_a_fix(microsoft, capsys):
    at_seed("acme-archive")
    microsoft.control(
        {"apps": {"acme-archive": {"redirect_uris": ["http://localhost:8000/consent/return/"]}}}
    )

    with pytest.raises(SystemExit) as end:
        call_command("check_app", "acme-archive")

    lines = capsys.readouterr().out.splitlines()
    missing = "http://localhost:8000/signin/return/ is not registered as type Web."
    assert end.value.code == 1
    assert lines[-1] == "1 to mend before customers come."
    assert lines[lines.index(f"  FAILED   {missing}") + 1] == (
        "           Add exactly this address under Authentication, platform Web."
    )


def test_check_app_that_nobody_registered():
    with pytest.raises(CommandError, match="No app is registered as 'nope'"):
        call_command("check_app", "nope")


def test_check_app_of_somebody_else_says_what_that_means():
    app = AppRegistrationFactory(credential="")

    item = only_trouble(app)

    assert (item.grade, item.fix) == (
        WARNING,
        "If the app is yours, set credential and home_tenant_id and run register_app again.",
    )


def test_check_app_without_home_tenant():
    app = AppRegistrationFactory(home_tenant_id="")

    assert only_trouble(app) == Item(
        FAILED,
        "The home tenant is not known.",
        "Set home_tenant_id in the file and run register_app again.",
    )


def test_check_app_with_a_credential_that_the_environment_lacks(microsoft):
    app = at_seed("acme-calendar", credential="lost-key")

    assert only_trouble(app) == Item(
        FAILED,
        "The environment holds no credential named 'lost-key'.",
        "Set MICROSOFT_CREDENTIAL_LOST_KEY or one of its _FILE forms.",
    )


def test_check_app_with_a_credential_that_microsoft_refuses(microsoft):
    app = at_seed("acme-calendar")
    microsoft.control({"apps": {"acme-calendar": {"secrets": ["another"]}}})

    assert only_trouble(app) == Item(
        FAILED,
        "Microsoft refuses the credential (AADSTS7000215).",
        "Make a new secret or certificate for the app at Entra and put it into "
        "MICROSOFT_CREDENTIAL_ACME_CALENDAR.",
    )


def test_check_app_whose_home_is_another_tenant(microsoft):
    app = at_seed("acme-calendar", home_tenant_id=CONTOSO)

    assert troubles(app) == [
        (
            FAILED,
            (
                "The app is not installed in its home tenant, or the client ID is wrong "
                "(AADSTS7000229)."
            ),
        )
    ]


def test_check_app_where_a_customer_is_taken_for_the_home(microsoft):
    app = at_seed("acme-suite", home_tenant_id=CONTOSO)
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-suite"}]})

    assert troubles(app) == [(FAILED, "The home tenant knows no such registration.")]


def test_check_app_whose_home_does_not_exist(microsoft):
    nowhere = "00000000-0000-4000-8000-000000000000"
    app = at_seed("acme-calendar", home_tenant_id=nowhere)

    assert troubles(app) == [(FAILED, f"There is no tenant {nowhere} (AADSTS90002).")]


def test_check_app_that_is_switched_off(microsoft):
    app = at_seed("acme-calendar")
    microsoft.control({"tenants": {"acme.example": {"disabled": True}}})

    assert troubles(app) == [
        (
            FAILED,
            "The app is switched off, or a policy of your own tenant stops it (AADSTS7000112).",
        )
    ]


def test_check_app_while_microsoft_is_down(microsoft):
    app = at_seed("acme-calendar")
    microsoft.control({"faults": {"token": {"503": 1.0}}})

    [(grade, found)] = troubles(app)

    assert grade == FAILED
    assert found.startswith("Microsoft could not be asked (")


def test_check_app_while_graph_is_down(microsoft):
    app = at_seed("acme-calendar")
    microsoft.control({"faults": {"graph": {"503": 1.0}}})

    [(grade, found)] = troubles(app)

    assert grade == FAILED
    assert found.startswith("Microsoft could not be asked (")


def test_check_app_that_may_not_read_its_registration(microsoft):
    app = at_seed("acme-archive", home_tenant_id=CONTOSO)
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-archive"}]})

    item = only_trouble(app)

    assert item == Item(
        FAILED,
        "The app may not read its own registration, so the rest could not be compared.",
        "Assign Application.Read.All to its service principal in your own tenant alone. In the "
        "registration it would be asked of every customer.",
    )


def test_check_app_without_the_roles_claim(microsoft):
    app = at_seed("acme-calendar")
    microsoft.control({"apps": {"acme-calendar": {"role_claim": False}}})

    assert only_trouble(app) == Item(
        FAILED,
        "ID tokens do not show an administrator's roles, so no sign-in proves an approval.",
        'Set "groupMembershipClaims": "DirectoryRole" in the manifest.',
    )


def test_check_app_whose_row_denies_the_roles_claim(microsoft):
    app = at_seed("acme-calendar", shows_roles=False)

    assert troubles(app) == [
        (FAILED, "ID tokens show roles, though our row says that they do not.")
    ]


def test_check_app_without_delegated_permissions_needs_no_roles_claim(microsoft):
    app = at_seed("acme-archive")
    microsoft.control({"apps": {"acme-archive": {"role_claim": False}}})

    assert troubles(app) == []


def test_check_app_after_a_drift(microsoft):
    app = at_seed("acme-archive")
    changed = ["application User.Read.All", "delegated openid"]
    microsoft.control({"apps": {"acme-archive": {"permissions": changed}}})

    assert troubles(app) == [
        (FAILED, "Needed, but not in the registration at Entra: Mail.Read (application)."),
        (
            FAILED,
            "In the registration at Entra, but not in our rows: User.Read.All (application).",
        ),
    ]


def test_check_app_with_both_kinds_needs_the_sign_in_scopes_registered(microsoft):
    app = at_seed("acme-suite")
    kept = ["delegated User.Read", "delegated Mail.ReadWrite", "delegated Calendars.ReadWrite"]
    kept += ["application Directory.Read.All", "delegated profile"]
    microsoft.control({"apps": {"acme-suite": {"permissions": kept}}})

    assert only_trouble(app) == Item(
        FAILED,
        "The consent page would not cover openid (delegated), which the proof needs.",
        "Add openid and profile under API permissions, delegated.",
    )


def test_check_app_with_a_name_that_microsoft_does_not_know(microsoft):
    app = at_seed("acme-archive")
    RequiredPermission.objects.update(value="Mail.Raed")

    assert troubles(app)[0] == (
        FAILED,
        "Microsoft Graph does not know Mail.Raed (application).",
    )


def test_check_app_without_permissions(microsoft):
    app = at_seed("acme-archive")
    RequiredPermission.objects.all().delete()

    assert troubles(app)[0] == (FAILED, "No permission is registered.")


def test_check_app_with_permissions_of_another_api_is_no_typing_error(microsoft):
    app = AppRegistrationFactory(credential="", needs=[])
    RequiredPermissionFactory(app=app, resource_client_id=CONTOSO, kind="delegated", value="x")

    assert [item.found for item in examine(app) if item.grade == Grade.OK] == [
        "Every permission of Microsoft Graph exists there."
    ]


def test_check_app_whose_publisher_is_not_verified(microsoft):
    app = at_seed("acme-calendar")
    microsoft.control({"apps": {"acme-calendar": {"is_publisher_verified": False}}})

    assert troubles(app) == [(WARNING, "The publisher is not verified.")]


def test_check_app_that_boasts_of_a_verified_publisher(microsoft):
    app = at_seed("acme-calendar", publisher_verified=True)
    microsoft.control({"apps": {"acme-calendar": {"is_publisher_verified": False}}})

    assert troubles(app) == [
        (FAILED, "Our pages say that the publisher is verified, Microsoft says that it is not.")
    ]


def test_check_app_whose_connect_address_brings_the_wall_back(microsoft):
    app = at_seed("acme-calendar", connect_url="https://app.acme.example/?prompt=consent")

    assert only_trouble(app) == Item(
        FAILED,
        "connect_url asks for prompt=consent, which stops users even after an approval.",
        "Leave prompt=consent out of it.",
    )
