"""`manage.py check_tenant`: what Microsoft says now, with no row changed."""

import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from portal.sandbox.microsoft import seed
from tests.factories import (
    AppRegistrationFactory,
    ApprovalLinkFactory,
    ConsentAttemptFactory,
    ConsentRequestFactory,
    EvidenceFactory,
    TenantDomainFactory,
    TenantFactory,
    seeded_app,
    seeded_tenant,
)

pytestmark = pytest.mark.django_db
TENANT = {tenant.domain: tenant.tenant_id for tenant in seed.TENANTS}
CLIENT = {app.slug: app.client_id for app in seed.APPS}
CONTOSO = TENANT["contoso.example"]
GLOBAL_ADMINISTRATOR = seed.Role.GLOBAL_ADMINISTRATOR.value


def run(capsys, *arguments):
    """Exit code and what was printed."""
    try:
        call_command("check_tenant", *arguments)
    except SystemExit as end:
        return end.code, capsys.readouterr().out
    return 0, capsys.readouterr().out


def asked(capsys, *arguments):
    """Exit code and the JSON object."""
    code, out = run(capsys, *arguments, "--json")
    return code, json.loads(out)


def rows():
    """All rows of everything."""
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for label in ("consent", "tenants")
        for model in apps.get_app_config(label).get_models()
    }


def test_check_tenant_where_nothing_is_granted(microsoft, capsys):
    seeded_app("acme-suite")

    assert asked(capsys, "contoso.example", "--app", "acme-suite") == (
        1,
        {
            "tenant_id": CONTOSO,
            "domain": "contoso.example",
            "cloud": "sandbox",
            "app": "acme-suite",
            "client_id": CLIENT["acme-suite"],
            "conclusion": "not_yet",
            "outcome": "absent",
            "code": "AADSTS7000229",
            "rung": "none",
            "rung_words": "No approval seen yet",
            "granted": [],
            "missing": [],
            "reach": None,
            "flags": [],
        },
    )


def test_check_tenant_where_the_directory_shows_the_grant(microsoft, capsys):
    seeded_app("acme-suite")
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-suite"}]})
    before = rows()

    code, answer = asked(capsys, "CONTOSO.example", "--app", "acme-suite")

    wanted = ["Calendars.ReadWrite", "Directory.Read.All", "Mail.ReadWrite", "User.Read"]
    assert code == 0
    assert set(wanted) <= set(answer.pop("granted"))
    assert answer == {
        "tenant_id": CONTOSO,
        "domain": "contoso.example",
        "cloud": "sandbox",
        "app": "acme-suite",
        "client_id": CLIENT["acme-suite"],
        "conclusion": "granted",
        "outcome": "present",
        "code": None,
        "rung": "directory",
        "rung_words": "Microsoft's directory shows the approval",
        "missing": [],
        "reach": "everyone",
        "flags": [],
    }
    assert rows() == before


def test_check_tenant_with_a_part_granted_names_what_is_missing(microsoft, capsys):
    seeded_app("acme-suite")
    part = {"permissions": ["Directory.Read.All", "User.Read"]}
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-suite", **part}]})

    code, answer = asked(capsys, "contoso.example")

    assert (code, answer["granted"], answer["missing"]) == (
        1,
        ["Directory.Read.All", "User.Read"],
        ["Calendars.ReadWrite", "Mail.ReadWrite"],
    )


def test_check_tenant_by_guid_of_a_tenant_without_a_row(microsoft, capsys):
    seeded_app("acme-archive")
    microsoft.control({"grants": [{"tenant": "tailspin.example", "app": "acme-archive"}]})

    code, answer = asked(capsys, TENANT["tailspin.example"].upper())

    told = {name: answer[name] for name in ("domain", "granted", "reach", "flags")}
    assert (code, told) == (
        0,
        {
            "domain": None,
            "granted": ["Mail.Read"],
            "reach": "assigned",
            "flags": ["assignment_required"],
        },
    )


def test_check_tenant_takes_the_evidence_of_the_request(microsoft, capsys):
    app, tenant = seeded_app("acme-calendar"), seeded_tenant("contoso")
    request = ConsentRequestFactory(app=app, tenant=tenant, asked=True)
    trip = ConsentAttemptFactory(link=ApprovalLinkFactory(request=request), claimed=True)
    wanted = ["User.Read", "Calendars.ReadWrite", "Mail.Read", "Mail.Send", "Contacts.Read"]
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar"}]})
    EvidenceFactory(request=request, attempt=trip, identity=True, roles=[GLOBAL_ADMINISTRATOR])
    without, _answer = asked(capsys, CONTOSO)
    EvidenceFactory(request=request, attempt=trip, coverage=True, covers=wanted)

    code, answer = asked(capsys, CONTOSO)

    assert (without, code, answer["rung"], answer["granted"]) == (1, 0, "sign_in", sorted(wanted))
    assert (answer["reach"], answer["flags"]) == ("everyone", ["delegated_not_readable"])


@pytest.mark.django_db(transaction=True)
def test_check_tenant_outside_a_transaction_looks_at_a_tenant_that_has_a_request(microsoft, capsys):
    ConsentRequestFactory(
        asked=True, tenant=seeded_tenant("contoso"), app=seeded_app("acme-calendar")
    )

    code, answer = asked(capsys, "contoso.example")

    assert (code, answer["outcome"]) == (1, "absent")


def test_check_tenant_after_news_looks_approved(microsoft, capsys):
    app, tenant = seeded_app("acme-calendar"), seeded_tenant("contoso")
    request = ConsentRequestFactory(app=app, tenant=tenant, asked=True)
    type(request).objects.update(absent_at=request.created_at)
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar"}]})

    code, answer = asked(capsys, "contoso.example")

    assert (code, answer["rung"], answer["flags"]) == (
        1,
        "installed",
        ["looks_approved", "delegated_not_readable"],
    )


def test_check_tenant_where_the_app_is_switched_off(microsoft, capsys):
    seeded_app("acme-calendar")

    code, answer = asked(capsys, "litware.example")

    assert (code, answer["outcome"], answer["flags"]) == (1, "disabled", ["disabled"])


def test_check_tenant_ignores_evidence_for_an_older_version(microsoft, capsys):
    app, tenant = seeded_app("acme-archive"), seeded_tenant("contoso")
    ConsentRequestFactory(app=app, tenant=tenant, asked=True)
    app.permission_version = 2
    app.save()

    code, answer = asked(capsys, "contoso.example")

    assert (code, answer["granted"], answer["missing"]) == (1, [], [])


def test_check_tenant_with_a_broken_credential_cannot_find_out(microsoft, capsys):
    seeded_app("acme-archive")
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-archive"}]})
    microsoft.control({"apps": {"acme-archive": {"secrets": ["another"]}}})

    code, answer = asked(capsys, "contoso.example")

    assert (code, answer["conclusion"], answer["code"], answer["flags"]) == (
        2,
        "not_found_out",
        "AADSTS7000215",
        ["could_not_look"],
    )


def test_check_tenant_without_a_credential_cannot_find_out(microsoft, capsys):
    AppRegistrationFactory(slug="theirs", credential="")

    code, answer = asked(capsys, "contoso.example")

    assert (code, answer["outcome"], answer["flags"]) == (2, None, ["no_credential"])


def test_check_tenant_in_words(microsoft, capsys):
    seeded_app("acme-archive")
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-archive"}]})

    assert run(capsys, "contoso.example") == (
        0,
        (
            f"tenant:     {CONTOSO} contoso.example\n"
            "app:        Acme Calendar (acme-archive), Simulated Microsoft\n"
            "conclusion: granted\n"
            "look:       The app is there\n"
            "rung:       directory: Microsoft's directory shows the approval\n"
            "reach:      Everyone in the organisation\n"
            "granted:    Mail.Read\n"
        ),
    )


def test_check_tenant_in_words_without_a_credential(microsoft, capsys):
    AppRegistrationFactory(slug="theirs", credential="")

    assert run(capsys, CONTOSO) == (
        2,
        (
            f"tenant:     {CONTOSO}\n"
            "app:        Acme Calendar (theirs), Simulated Microsoft\n"
            "conclusion: could not find out\n"
            "rung:       none: No approval seen yet\n"
            "- The app is not ours to prove: only reported connections tell.\n"
        ),
    )


def test_check_tenant_prefers_the_app_that_was_asked_for_last(microsoft, capsys):
    seeded_app("acme-archive")
    suite = seeded_app("acme-suite")
    ConsentRequestFactory(app=suite, tenant=seeded_tenant("contoso"), asked=True)

    assert asked(capsys, "contoso.example")[1]["app"] == "acme-suite"
    assert asked(capsys, "fabrikam.example")[1]["app"] == "acme-archive"
    assert asked(capsys, "contoso.example", "--app", "acme-archive")[1]["app"] == "acme-archive"


def test_check_tenant_that_has_a_row_under_another_domain(microsoft, capsys):
    seeded_app("acme-archive")
    tenant = TenantFactory(tenant_id=CONTOSO)
    TenantDomainFactory(tenant=tenant, name="contoso-old.example")

    code, answer = asked(capsys, "contoso.example")

    assert (code, answer["tenant_id"], answer["domain"]) == (1, CONTOSO, "contoso.example")


def test_check_tenant_that_cannot_look_ends_with_two(microsoft):
    seeded_app("acme-archive")

    with pytest.raises(CommandError) as refused:
        call_command("check_tenant", "gmail-like.example")

    assert refused.value.returncode == 2
    assert str(refused.value) == "Microsoft knows no tenant for gmail-like.example."
