"""The two silent hops, against the simulated Microsoft and with the real MSAL."""

import pytest

from consent import proofs
from consent.errands import Errand
from consent.models import Event, Evidence, Watch
from consent.proofs import Arrival
from portal.sandbox.microsoft.seed import Role
from tenants.microsoft.errors import SignInRefusal
from tenants.microsoft.permissions import EXCHANGE_ONLINE, GRAPH
from tests.consent.proof_stage import RESULT, asked, browser_of, claimed, evidence, prove
from tests.factories import (
    RequiredPermissionFactory,
    TicketFactory,
    seeded_person,
)
from tests.portal.sandbox.microsoft.visitor import Visitor
from tests.tenants.microsoft.stage import grant

pytestmark = pytest.mark.django_db

ADMIN = "admin@contoso.example"
ANA = "ana@contoso.example"
GLOBAL = Role.GLOBAL_ADMINISTRATOR.value
CALENDAR = ["Calendars.ReadWrite", "Contacts.Read", "Mail.Read", "Mail.Send", "User.Read"]


def test_administrator_is_named_and_the_whole_set_is_covered_in_two_hops(microsoft):
    microsoft.control(grant("contoso", "acme-calendar"))
    attempt = claimed(asked())

    arrival, hops = prove(browser_of(microsoft, ADMIN), proofs.errand_for(attempt, RESULT))

    assert (arrival, hops) == (Arrival(RESULT, let_in=True), 2)
    admin = seeded_person(ADMIN)
    assert evidence() == [("identity", "yes", admin), ("coverage", "yes", admin)]
    identity, coverage = Evidence.objects.order_by("pk")
    assert GLOBAL in identity.roles
    assert {value.rpartition("/")[2] for _api, _kind, value in coverage.permissions} >= {*CALENDAR}
    assert {row.attempt for row in (identity, coverage)} == {attempt}
    attempt.request.refresh_from_db()
    assert (attempt.request.state, Watch.objects.get().signals) == ("asked", 1)


def test_guest_administrator_is_who_he_is_in_that_tenant(microsoft):
    microsoft.control(grant("fourthcoffee", "acme-calendar"))
    browser = browser_of(microsoft, "it@partner.example", tenant="fourthcoffee")

    prove(browser, proofs.errand_for(claimed(asked("fourthcoffee")), RESULT))

    guest = seeded_person("it@partner.example", "fourthcoffee")
    assert evidence() == [("identity", "yes", guest), ("coverage", "yes", guest)]
    assert GLOBAL in Evidence.objects.first().roles


def test_custom_role_is_covered_and_its_role_not_shown(microsoft):
    microsoft.control(grant("contoso", "acme-calendar"))

    prove(
        browser_of(microsoft, "custom@contoso.example"),
        proofs.errand_for(claimed(asked()), RESULT),
    )

    assert [said for _kind, said, _person in evidence()] == ["yes", "yes"]
    assert not {role.value for role in Role} & {*(Evidence.objects.first().roles or ())}


def test_roles_are_unknown_where_the_registration_does_not_show_them(microsoft):
    microsoft.control(
        {
            **grant("contoso", "acme-calendar"),
            "tenants": {"contoso.example": {"role_claim": False}},
        }
    )

    prove(browser_of(microsoft, ADMIN), proofs.errand_for(claimed(asked()), RESULT))

    assert [row.roles for row in Evidence.objects.order_by("pk")] == [None, None]


def test_user_with_his_own_grant_gets_in_and_his_ticket_is_ready(microsoft):
    microsoft.control(grant("contoso", "acme-calendar", **{"for": ANA}))
    request = asked()
    mine, colleagues = (TicketFactory(request=request, waiting=True) for _ in range(2))

    arrival, hops = prove(
        browser_of(microsoft, ANA),
        Errand(request.pk, "/t/token/", ticket_id=mine.pk, stage=proofs.first_stage(request)),
    )

    assert (arrival, hops) == (Arrival("/t/token/", let_in=True), 1)
    assert evidence() == [("coverage", "yes", seeded_person(ANA))]
    for ticket in (mine, colleagues, request):
        ticket.refresh_from_db()
    assert (mine.state, mine.told_version, colleagues.state) == ("ready", 1, "waiting")
    assert (request.state, [event.kind for event in Event.objects.all()]) == (
        "asked",
        ["ticket_ready"],
    )


def test_user_who_gets_in_with_a_solved_ticket_leaves_it_solved(microsoft):
    microsoft.control(grant("contoso", "acme-calendar"))
    request = asked()
    ticket = TicketFactory(request=request, solved=True)

    prove(
        browser_of(microsoft, ANA),
        Errand(request.pk, RESULT, ticket_id=ticket.pk, stage=GRAPH),
    )

    ticket.refresh_from_db()
    assert (ticket.state, Event.objects.count()) == ("solved", 0)


def test_nothing_granted_yet_is_not_visible_yet_at_the_first_hop(microsoft):
    attempt = claimed(asked())

    arrival, hops = prove(browser_of(microsoft, ADMIN), proofs.errand_for(attempt, RESULT))

    assert (arrival, hops) == (Arrival(RESULT, SignInRefusal.NOT_COVERED), 1)
    assert evidence() == [("identity", "not_covered", "")]
    attempt.refresh_from_db()
    assert (attempt.needs_sign_in, Evidence.objects.get().codes) == (False, ["AADSTS65001"])


def test_part_of_the_set_is_not_covered_at_the_second_hop(microsoft):
    microsoft.control(
        grant("contoso", "acme-calendar", permissions=["Mail.Read", "openid", "profile"])
    )

    arrival, hops = prove(browser_of(microsoft, ADMIN), proofs.errand_for(claimed(asked()), RESULT))

    admin = seeded_person(ADMIN)
    assert (arrival, hops) == (Arrival(RESULT, SignInRefusal.NOT_COVERED), 2)
    assert evidence() == [("identity", "yes", admin), ("coverage", "not_covered", admin)]


def test_blocked_user_who_tests_is_still_blocked_and_his_ticket_waits(microsoft):
    request = asked()
    ticket = TicketFactory(request=request, waiting=True)

    arrival, _hops = prove(
        browser_of(microsoft, ANA), Errand(request.pk, RESULT, ticket_id=ticket.pk, stage=GRAPH)
    )

    ticket.refresh_from_db()
    assert (arrival.refusal, ticket.state) == (SignInRefusal.NOT_COVERED, "waiting")
    assert [row.ticket for row in Evidence.objects.order_by("pk")] == [ticket]


@pytest.mark.parametrize(
    ("accounts", "refusal"),
    [
        ([], SignInRefusal.LOGIN_REQUIRED),
        ([ADMIN, ANA], SignInRefusal.SEVERAL_ACCOUNTS),
    ],
)
def test_nobody_or_several_signed_in_need_a_visible_sign_in(microsoft, accounts, refusal):
    microsoft.control(grant("contoso", "acme-calendar"))
    attempt, browser = claimed(asked()), browser_of(microsoft, *accounts)

    arrival, _hops = prove(browser, proofs.errand_for(attempt, RESULT))

    attempt.refresh_from_db()
    assert (arrival.refusal, attempt.needs_sign_in) == (refusal, True)

    arrival, hops = prove(browser, proofs.errand_for(attempt, RESULT, visible=True), ADMIN)

    attempt.refresh_from_db()
    assert (arrival, hops, attempt.needs_sign_in) == (Arrival(RESULT, let_in=True), 2, False)
    assert evidence()[-1] == ("coverage", "yes", seeded_person(ADMIN))


def test_several_accounts_without_a_claim_ask_for_no_visible_sign_in(microsoft):
    arrival, _hops = prove(browser_of(microsoft), Errand(asked().pk, RESULT))

    assert arrival.refusal == SignInRefusal.LOGIN_REQUIRED


def test_not_assigned_is_not_proved_this_way(microsoft):
    tenants = {"tailspin.example": {"assignment_required": True}}
    microsoft.control({"tenants": tenants})
    microsoft.control(grant("tailspin", "acme-calendar"))
    browser = browser_of(microsoft, "ana@tailspin.example", tenant="tailspin")

    arrival, _hops = prove(browser, Errand(asked("tailspin").pk, RESULT, stage=GRAPH))

    assert (arrival.refusal, evidence()) == (
        SignInRefusal.NOT_ASSIGNED,
        [("coverage", "not_assigned", "")],
    )


@pytest.fixture
def two_resources(microsoft):
    """The calendar app with a permission of Exchange Online too, approved in Contoso."""
    request = asked(app="acme-calendar")
    request.app.required_permissions.exclude(value="User.Read").delete()
    RequiredPermissionFactory(
        app=request.app, resource_client_id=EXCHANGE_ONLINE, of="IMAP.AccessAsUser.All"
    )
    scope = (
        "https://graph.microsoft.com/User.Read "
        "https://outlook.office365.com/IMAP.AccessAsUser.All openid profile"
    )
    Visitor(microsoft.url).approve("contoso.example", ADMIN, scope=scope)
    return request


def test_two_resources_take_a_hop_each(microsoft, two_resources):
    arrival, hops = prove(
        browser_of(microsoft, ADMIN), proofs.errand_for(claimed(two_resources), RESULT)
    )

    assert (arrival, hops) == (Arrival(RESULT, let_in=True), 3)
    assert [said for _kind, said, _person in evidence()] == ["yes", "yes"]


def test_one_resource_of_two_does_not_cover_the_set(microsoft, two_resources):
    last = max(GRAPH, EXCHANGE_ONLINE)

    arrival, hops = prove(
        browser_of(microsoft, ADMIN), Errand(two_resources.pk, RESULT, stage=last)
    )

    assert (arrival, hops) == (Arrival(RESULT, SignInRefusal.NOT_COVERED), 1)
    assert evidence() == [("coverage", "not_covered", seeded_person(ADMIN))]
