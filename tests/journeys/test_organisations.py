"""What differs between organisations: the cloud, the policy, the switches, the number of people."""

from consent import registrations
from portal.sandbox import fresh
from portal.sandbox.microsoft import seed
from tests.journeys.people import Browser, Requester

ADMIN, ANA, BEN, EVA = (f"{who}@contoso.example" for who in ("admin", "ana", "ben", "eva"))
PROOF = ("state", "rung", "reach", "missing")


def test_disabled_app_is_said_and_its_return_is_news(world):
    ana = world.asker("ana@litware.example", "admin@litware.example")
    assert "has switched Acme Calendar off" in ana.open(ana.url).text

    stopped = world.mailed_administrator("admin@litware.example").approve()
    assert "7000112" in stopped.text
    assert ana.request("state", "rung", "looks_approved") == ("asked", "none", False)

    world.switches("litware.example", disabled=False)
    world.later(minutes=50)
    assert ana.request("state", "rung", "looks_approved") == ("asked", "installed", True)
    world.mailed_administrator("admin@litware.example").approve()
    assert ana.request(*PROOF) == ("granted", "sign_in", "everyone", [])


def test_nobody_is_told_to_try_while_a_granted_app_is_switched_off(world):
    world.asker(ANA, ADMIN)
    world.mailed_administrator(ADMIN).approve()
    world.switches("contoso.example", disabled=True)

    eva = world.asker(EVA)
    assert (world.kinds(EVA), eva.status()["state"]) == (["confirm_request"], "waiting")
    assert "has switched Acme Calendar off" in eva.open(eva.url).text

    world.switches("contoso.example", disabled=False)
    world.later(hours=27)
    assert (world.kinds(EVA), eva.status()["state"]) == (
        ["confirm_request", "consent_granted"],
        "ready",
    )


def test_tenant_without_an_administrator_waits_for_an_agent(world):
    ana = world.asker("ana@proseware.example")

    assert (ana.status()["state"], *ana.request("state", "rung")) == ("open", "triage", "none")
    assert "We are looking for the right person to ask" in ana.open(ana.url).text


def test_organisation_in_a_cloud_without_the_app_is_told_so(world):
    ana = Requester(world, "ana@woodgrove.example")
    page = ana.submit(
        ana.open("/"), "start", email=ana.address, pasted="AADSTS90094", app="acme-calendar"
    )

    assert (page.status, "ask" in page.forms) == (200, False)
    assert "is not offered in your organisation's cloud" in page.text


def test_ask_made_up_for_a_cloud_without_the_app_mails_no_administrator(world):
    contoso = Requester(world, ANA)
    form = contoso.submit(
        contoso.open("/"), "start", email=ANA, pasted="AADSTS90094", app="acme-calendar"
    )
    ana = Requester(world, "ana@woodgrove.example")
    ana.client = contoso.client
    ana.submit(form, "ask", email=ana.address, admin_email="admin@woodgrove.example")
    ana.confirm()

    assert (ana.status()["state"], ana.status()["request"]) == ("open", None)
    assert world.kinds("admin@woodgrove.example") == []


def test_user_who_may_accept_bothers_nobody(world):
    page = Browser(world.microsoft.url)
    page = page.submit(
        page.open("/"), "start", email="ana@fabrikam.example", seen="accept_page", pasted=""
    )

    assert (page.status, "ask" in page.forms) == (200, False)
    assert "You can approve Acme Calendar yourself" in page.text


def test_wall_without_an_organisation_asks_for_the_address_used_at_microsoft(world):
    browser = Browser(world.microsoft.url)
    page = browser.submit(
        browser.open("/"), "start", email="zoe@gmail-like.example", pasted="Need admin approval"
    )

    assert (page.status, "ask" in page.forms, "start" in page.forms) == (200, False, True)
    assert "With which work address did you sign in at Microsoft?" in page.text


def test_more_than_ten_people_are_told_only_after_a_second_look(world):
    people = [world.asker(f"p{n}@contoso.example", ADMIN if n == 1 else "") for n in range(1, 12)]
    world.mailed_administrator(ADMIN).approve()
    assert people[0].request("state", "waiting") == ("granted", 11)
    assert world.kinds(people[0].address) == ["confirm_request"]
    world.later(seconds=30)
    assert world.kinds(people[0].address) == ["confirm_request"]

    world.later(seconds=35)
    world.later(minutes=2)

    told = [world.kinds(person.address) for person in people]
    assert told == [["confirm_request", "consent_granted"]] * 11


def test_more_than_ten_people_are_not_told_of_an_approval_that_vanished_again(world):
    people = [
        world.asker(f"p{n}@contoso.example", ADMIN if n == 1 else "", "acme-suite")
        for n in range(1, 12)
    ]
    world.mailed_administrator(ADMIN).approve()
    world.microsoft.control({"revoke": [{"tenant": "contoso.example", "app": "acme-suite"}]})
    world.later(seconds=65)
    world.later(minutes=7)

    told = [world.kinds(person.address) for person in people]
    assert told == [["confirm_request"]] * 11


def test_last_one_to_withdraw_takes_the_request_and_its_link_along(world):
    ana, ben = world.asker(ANA, ADMIN), world.asker(BEN)
    boss = world.mailed_administrator(ADMIN)
    ana.press("withdraw")
    assert (ana.status()["state"], *ben.request("state", "waiting")) == ("closed", "asked", 1)
    assert "continue" in boss.open(boss.link).forms

    ben.press("withdraw")

    assert (ben.status()["state"], *ben.request("state")) == ("closed", "withdrawn")
    page = boss.open(boss.link)
    assert "continue" not in page.forms
    assert [world.kinds(ANA), world.kinds(BEN)] == [["confirm_request"]] * 2


def needs_more(app):
    """The registration of that app needs one permission more from now on."""
    description = fresh._description(next(one for one in seed.APPS if one.slug == app))
    more = {"value": "Files.Read", "kind": "delegated", "reason": "Attaches files to meetings."}
    return registrations.register(
        {**description, "permissions": [*description["permissions"], more]}
    )


def test_new_permission_version_supersedes_and_nobody_hears_of_it(world):
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)
    app, is_new = needs_more("acme-calendar")
    assert (app.permission_version, is_new) == (2, True)

    assert (ana.status()["state"], *ana.request("state", "waiting")) == ("waiting", "asked", 1)
    assert "Files.Read" in boss.open(boss.link).text
    world.later(minutes=50)
    assert (world.kinds(ANA), world.kinds(ADMIN)) == (["confirm_request"], ["approval_request"])

    boss.approve()
    assert ana.request(*PROOF) == ("granted", "sign_in", "everyone", [])
    assert world.kinds(ANA) == ["confirm_request", "consent_granted"]


def test_trip_begun_before_a_new_permission_version_claims_the_old_one(world):
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)
    page = boss.leave()
    needs_more("acme-calendar")

    boss.at_microsoft(page, ADMIN)

    assert ana.request("state", "rung") == ("asked", "installed")
    boss.approve()
    assert ana.request(*PROOF) == ("granted", "sign_in", "everyone", [])


def test_new_permission_version_of_a_granted_app_asks_the_next_who_comes(world):
    world.asker(ANA, ADMIN)
    world.mailed_administrator(ADMIN).approve()
    needs_more("acme-calendar")
    assert world.kinds(ADMIN) == ["approval_request", "consent_receipt"]

    eva = world.asker(EVA, ADMIN)
    assert eva.request("state") == ("asked",)
    world.mailed_administrator(ADMIN).approve()

    assert eva.request(*PROOF) == ("granted", "sign_in", "everyone", [])
    assert world.kinds(ANA) == ["confirm_request", "consent_granted"]
