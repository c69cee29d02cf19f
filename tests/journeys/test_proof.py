"""How the worker learns of an approval: late, elsewhere, in part, or not at all."""

import pytest

from consent.models import AppRegistration
from tests.consent.witness_stage import add_witness

ADMIN, ANA, BEN, EVA = (f"{who}@contoso.example" for who in ("admin", "ana", "ben", "eva"))
PROOF = ("state", "rung", "reach", "missing")


def test_approval_in_microsofts_own_portal_is_found_and_proved_by_two_who_get_in(world):
    people = [world.asker(f"{who}@adatum.example") for who in ("eva", "ana", "ben", "cleo")]
    eva, ana, ben, cleo = people
    world.grants("adatum.example")
    world.later(minutes=50)

    assert eva.request("state", "rung", "looks_approved") == ("triage", "installed", True)
    assert world.kinds(eva.address) == ["confirm_request"]
    world.later(minutes=2)
    world.later(minutes=2)
    invited = ["confirm_request", "try_connection"]
    assert [world.kinds(person.address) for person in people] == [invited] * 3 + [invited[:1]]

    for person in (eva, ana):
        told = person.press("test")
        person.at_microsoft(person.submit(told, "test"), person.address)
        if person is eva:
            assert (eva.status()["state"], *eva.request("state")) == ("ready", "triage")

    assert eva.request(*PROOF) == ("granted", "in_use", "everyone", [])
    granted = "consent_granted"
    assert world.kinds(ana.address) == invited
    assert world.kinds(ben.address) == [*invited, granted]
    assert world.kinds(cleo.address) == ["confirm_request", granted]


def test_test_that_is_refused_takes_the_look_of_an_approval_away(world):
    # A colleague's own consent brings the app into the tenant, and nothing else.
    ana = world.asker("ana@adatum.example")
    world.grants("adatum.example", **{"for": "ben@adatum.example"})
    world.later(minutes=50)
    world.later(minutes=3)
    assert ana.request("looks_approved") == (True,)
    assert world.kinds(ana.address) == ["confirm_request", "try_connection"]

    told = ana.press("test")
    ana.submit(ana.submit(told, "test"), "signin", account=ana.address)
    page = ana.press("test")

    assert page.url.endswith("?said=not_covered")
    assert ana.request("state", "rung", "looks_approved") == ("triage", "installed", False)
    assert ana.status()["state"] == "open"


def test_test_cannot_make_the_grant_it_looks_for_where_users_may_consent(world):
    ana = world.asker("ana@fabrikam.example")
    world.grants("fabrikam.example", **{"for": "ben@fabrikam.example"})
    world.later(minutes=50)

    told = ana.press("test")
    sign_in = ana.submit(told, "test")
    page = ana.submit(sign_in, "signin", account=ana.address)

    # Who it is may be asked visibly, never for the app's permissions.
    assert "scope=openid+profile&" in page.url
    page = ana.submit(page, "consent", decision="accept")
    assert page.url.endswith("?said=not_covered")
    assert (ana.status()["state"], *ana.request("looks_approved")) == ("open", False)


def test_directory_names_what_is_missing_and_proves_the_rest(world):
    eva = world.asker(EVA, ADMIN, app="acme-suite")
    world.grants("contoso.example", "acme-suite", permissions=["User.Read", "Directory.Read.All"])
    world.later(minutes=50)
    assert eva.request("state", "missing") == ("asked", ["Calendars.ReadWrite", "Mail.ReadWrite"])
    page = eva.open(eva.url)
    assert "Not approved yet" in page.text

    world.grants("contoso.example", "acme-suite")
    world.later(minutes=2)

    assert eva.request(*PROOF) == ("granted", "directory", "everyone", [])
    assert world.kinds(EVA) == ["confirm_request", "consent_granted"]


def test_application_permissions_are_proved_by_the_roles_of_the_token(world):
    ana = world.asker(ANA, ADMIN, app="acme-archive")

    page = world.mailed_administrator(ADMIN).approve()

    assert "confirmed by Microsoft" in page.text
    assert ana.request(*PROOF) == ("granted", "directory", "everyone", [])


def test_result_page_repeats_the_proof_until_the_approval_is_visible(world):
    ana = world.asker("ana@relecloud.example", "admin@relecloud.example")
    world.switches("relecloud.example", replication_delay_s=3600)
    boss = world.mailed_administrator("admin@relecloud.example")

    page = boss.approve()
    assert "We are checking with Microsoft" in page.text
    assert ana.request("state", "rung") == ("claimed", "claimed")
    # Not due yet: the page stands still.
    assert 'http-equiv="refresh" content="' in boss.result().text
    assert ana.request("state") == ("claimed",)

    world.visible("relecloud.example")
    world.wait(seconds=6)
    page = boss.result()

    assert "confirmed by Microsoft" in page.text
    assert ana.request(*PROOF) == ("granted", "sign_in", "everyone", [])
    assert world.kinds(ana.address) == ["confirm_request", "consent_granted"]


def test_directory_proves_a_delayed_approval_without_the_browser(world):
    ana = world.asker("ana@relecloud.example", "admin@relecloud.example", app="acme-suite")
    world.switches("relecloud.example", replication_delay_s=3600)
    world.mailed_administrator("admin@relecloud.example").approve()
    assert ana.request("state") == ("claimed",)

    world.visible("relecloud.example", "acme-suite")
    world.later(seconds=4)

    assert ana.request(*PROOF) == ("granted", "directory", "everyone", [])


def test_several_accounts_lead_to_one_visible_sign_in(world):
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)
    page = boss.leave()
    boss.submit(page, "signin", account=EVA)  # a wall: that account stays signed in
    page = boss.leave()
    page = boss.open(f"{page.url}&prompt=select_account")
    page = boss.at_microsoft(page, ADMIN)

    assert page.path.endswith("/result/")
    assert ana.request("state", "rung") == ("claimed", "installed")
    assert page.forms["prove"]["fields"]["visible"] == "yes"
    sign_in = boss.submit(page, "prove")
    assert "prompt=select_account" in sign_in.url
    page = boss.at_microsoft(sign_in, ADMIN)

    assert "confirmed by Microsoft" in page.text
    assert ana.request(*PROOF) == ("granted", "sign_in", "everyone", [])


def test_visible_sign_in_is_not_offered_before_the_app_is_there(world):
    world.asker("ana@relecloud.example", "admin@relecloud.example")
    boss = world.mailed_administrator("admin@relecloud.example")

    page = boss.press("prove")

    assert page.url.endswith("/result/?said=login_required")
    assert "visible" not in page.forms["prove"]["fields"]
    # Nor by a request that somebody made up.
    page = boss.submit(page, "prove", visible="yes")
    assert page.path.endswith("/result/")


def test_trip_that_does_not_come_back_is_asked_about_after_five_minutes(world):
    admin = "ben@proseware.example"
    ana = world.asker("ana@proseware.example", admin)
    boss = world.mailed_administrator(admin)
    page = boss.approve()
    assert "Need admin approval" in page.text
    world.later(minutes=4)
    assert "has not come back" not in ana.open(ana.url).text

    world.later(minutes=2)
    assert "has not come back" in ana.open(ana.url).text
    page = boss.press("saw", seen="need_admin")

    assert page.url.endswith("?said=saw_need_admin")
    assert ana.request("state", "rung") == ("asked", "none")
    assert world.kinds(admin) == ["approval_request"]


def test_approval_is_revoked_after_three_looks_in_fifteen_minutes_that_miss_it(world):
    ana = world.asker(ANA, ADMIN, app="acme-suite")
    boss = world.mailed_administrator(ADMIN)
    boss.approve()
    world.microsoft.control({"revoke": [{"tenant": "contoso.example", "app": "acme-suite"}]})

    world.later(hours=27)
    for _look in range(2):
        world.later(minutes=7)
    assert ana.request("state") == ("granted",)
    world.later(minutes=7)

    assert ana.request("state") == ("revoked",)
    assert "The approval was withdrawn at Microsoft" in boss.open(boss.link).text


def test_approval_missed_by_one_look_stands(world):
    ana = world.asker(ANA, ADMIN, app="acme-suite")
    world.mailed_administrator(ADMIN).approve()
    world.microsoft.control({"revoke": [{"tenant": "contoso.example", "app": "acme-suite"}]})
    world.later(hours=27)
    world.grants("contoso.example", "acme-suite")
    for _look in range(4):
        world.later(minutes=7)

    assert ana.request("state") == ("granted",)


def test_late_claim_opens_a_successor_and_brings_the_tickets_along(world):
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)
    world.later(days=29, hours=23)
    page = boss.leave()
    world.later(hours=2)
    assert (ana.status()["state"], *ana.request("state")) == ("open", "expired")
    assert world.kinds(ANA) == ["confirm_request", "request_expired"]

    page = boss.at_microsoft(page, ADMIN)

    assert "confirmed by Microsoft" in page.text
    assert ana.request(*PROOF) == ("granted", "sign_in", "everyone", [])
    assert world.kinds(ANA) == ["confirm_request", "request_expired", "consent_granted"]


@pytest.fixture
def witness(world):
    """The calendar app has one: a role of its own API."""
    add_witness(world.microsoft, AppRegistration.objects.get(slug="acme-calendar"))


@pytest.mark.usefixtures("witness")
def test_witness_is_explained_and_proves_the_approval_of_a_custom_role(world):
    ana = world.asker(ANA, admin="custom@contoso.example")
    custom = world.mailed_administrator("custom@contoso.example")
    mail = world.mails("custom@contoso.example", "approval_request")[-1]
    explained = "opens nothing: only shows us that the others are approved"
    assert [explained in mail[part] for part in ("text", "html")] == [True, True]
    page = custom.open(custom.link).text
    assert "Approval.Witness.1" in page
    assert "No data and no right." in page
    assert "All but the one that opens nothing are delegated" in page

    # Custom roles never show in a sign-in.
    custom.approve()
    world.look()

    assert ana.request(*PROOF) == ("granted", "witness", "everyone", [])
    assert "shows the mark that approving everything leaves" in ana.open(ana.url).text
    assert world.kinds(ANA)[-1] == "consent_granted"


@pytest.mark.usefixtures("witness")
def test_witness_shows_an_approval_that_nobody_announced(world):
    ana = world.asker("ana@adatum.example")
    world.grants("adatum.example")
    world.later(minutes=50)

    assert ana.request(*PROOF) == ("granted", "witness", "everyone", [])
    assert world.kinds(ana.address) == ["confirm_request", "consent_granted"]


@pytest.mark.usefixtures("witness")
def test_colleague_who_consented_for_himself_brings_no_invitation_where_a_witness_is_missing(world):
    ana = world.asker("ana@adatum.example")
    world.grants("adatum.example", **{"for": "ben@adatum.example"})
    world.later(minutes=50)
    world.later(minutes=3)

    assert ana.request("state", "rung", "looks_approved") == ("triage", "installed", False)
    assert world.kinds(ana.address) == ["confirm_request"]
