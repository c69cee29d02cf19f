"""Connections that the vendor's product reports, up to the good news."""

import pytest
from django.core.management import CommandError, call_command

from consent.models import Evidence
from consent.reports import CannotReport, report
from portal.sandbox.microsoft.seed import Role
from tests.consent.rows_stage import fresh, mails
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    TicketFactory,
    guid,
    seeded_tenant,
)

pytestmark = pytest.mark.django_db(transaction=True)
ANA, BEN = guid("ana"), guid("ben")
USER = "b79fbf4d-3ef9-4689-8143-76b194e85509"


def asked(*needs):
    """Somebody else's app, asked for in Contoso, and a person who waits."""
    app = AppRegistrationFactory(slug="bridge", credential="", needs=needs or ["Mail.Read"])
    request = ConsentRequestFactory(asked=True, tenant=seeded_tenant("contoso"), app=app)
    return request, TicketFactory(request=request, waiting=True)


def test_two_people_who_connected_prove_it_and_everybody_hears(run_tasks):
    request, ticket = asked()

    report("bridge", request.tenant.tenant_id.upper(), ANA)
    assert fresh(request).state == "asked"
    report("bridge", request.tenant.tenant_id, BEN, scopes="openid Mail.Read Mail.Send")

    assert (fresh(request).state, request.rung, fresh(ticket).state) == (
        "granted",
        "in_use",
        "ready",
    )
    assert mails() == [("consent_granted", ticket.contact.email)]


def test_one_person_proves_it_only_where_he_shows_that_he_could_not_grant_it(run_tasks):
    request, _ticket = asked("Group.Read.All")
    of_tenant = request.tenant.tenant_id

    report("bridge", of_tenant, ANA)
    report("bridge", of_tenant, ANA, roles=[Role.GLOBAL_ADMINISTRATOR.value])
    assert fresh(request).state == "asked"
    report("bridge", of_tenant, ANA, roles=[USER])

    assert (fresh(request).state, request.rung) == ("granted", "in_use")


def test_people_whose_tokens_lack_a_permission_prove_nothing(run_tasks):
    request, _ticket = asked("Mail.Read", "Mail.Send")

    for person in (ANA, BEN):
        report("bridge", request.tenant.tenant_id, person, scopes="Mail.Read")

    assert fresh(request).state == "asked"


def test_report_where_nobody_waits_is_kept_nowhere():
    AppRegistrationFactory(slug="bridge", credential="")

    assert report("bridge", guid("elsewhere"), ANA) is None
    assert Evidence.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("bridge", "contoso", ANA), "tenant: 'contoso' is not a GUID."),
        (("bridge", ANA, "ana@contoso.example"), "person: 'ana@contoso.example' is not a GUID."),
        (("ridge", ANA, ANA), "No app is registered as 'ridge'."),
    ],
)
def test_report_that_is_unfit_is_refused_with_a_sentence(arguments, sentence):
    AppRegistrationFactory(slug="bridge", credential="")

    with pytest.raises(CannotReport) as refused:
        report(*arguments)
    with pytest.raises(CommandError) as at_the_command:
        call_command("report_connection", *arguments)

    assert [str(refused.value), str(at_the_command.value)] == [sentence] * 2


def test_report_by_command(capsys):
    request, _ticket = asked()
    of_tenant = request.tenant.tenant_id

    call_command("report_connection", "bridge", of_tenant, ANA, "--scopes", "Mail.Read")
    call_command("report_connection", "bridge", of_tenant, BEN, "--role", USER, "--role", ANA)
    call_command("report_connection", "bridge", guid("elsewhere"), ANA)

    assert capsys.readouterr().out.splitlines() == [f"Counts for {request}."] * 2 + [
        "Nobody waits there."
    ]
    told = [(row.kind, row.person, row.roles) for row in Evidence.objects.order_by("pk")]
    assert told == [("report", ANA, None), ("report", BEN, sorted([USER, ANA]))]
