"""From a blocked user to a proved approval, by every kind of administrator."""

import re

from tests.journeys.people import Administrator, Browser

ADMIN, ANA, BEN, EVA = (f"{who}@contoso.example" for who in ("admin", "ana", "ben", "eva"))
GRANTED_BY_SIGN_IN = ("granted", "sign_in", "everyone", [])
PROOF = ("state", "rung", "reach", "missing")


def test_two_colleagues_are_told_once(world):
    ana, ben = world.asker(ANA, ADMIN), world.asker(BEN)
    assert ana.request("state", "rung", "waiting") == ("asked", "none", 2)

    page = world.mailed_administrator(ADMIN).approve()

    assert (page.status, page.path.endswith("/result/")) == (200, True)
    assert "confirmed by Microsoft" in page.text
    assert ana.request(*PROOF) == GRANTED_BY_SIGN_IN
    world.later(minutes=2)
    for person in (ana, ben):
        assert person.status()["state"] == "ready"
        assert world.kinds(person.address) == ["confirm_request", "consent_granted"]
    assert world.kinds(ADMIN) == ["approval_request", "consent_receipt"]


def test_who_asks_after_the_approval_is_told_and_no_administrator_is_mailed(world):
    world.asker(ANA, ADMIN)
    world.mailed_administrator(ADMIN).approve()
    before = world.kinds(ADMIN)

    eva = world.asker(EVA, ADMIN)

    assert eva.request(*PROOF) == GRANTED_BY_SIGN_IN
    assert eva.status()["state"] == "ready"
    assert world.kinds(EVA) == ["confirm_request", "consent_granted"]
    assert world.kinds(ADMIN) == before


def test_mail_read_on_another_device_is_confirmed_with_the_six_digits(world):
    ana = world.asker(ANA)  # has a status page already; a second ask of hers continues there
    sent = ana.ask(ADMIN)
    code = re.sub(r"\D", "", re.search(r'"code-digits"[^>]*>(.*?)</span>\s*<', sent.text)[1])
    phone = Browser(world.microsoft.url)
    link = next(link for link in world.mails(ANA, "confirm_request")[-1]["links"] if "/t/" in link)
    page = phone.open(link)

    for wrong in ("", "000000" if code != "000000" else "111111"):
        refused = phone.submit(page, "confirm", code=wrong)
        assert (refused.status, world.kinds(ADMIN)) == (422, [])
    confirmed = phone.submit(page, "confirm", code=f"{code[:3]} {code[3:]}")

    assert (confirmed.status, "confirm" in confirmed.forms) == (200, False)
    assert world.kinds(ADMIN) == ["approval_request"]


def test_requester_passes_the_link_on_to_an_outside_partner_who_is_a_guest_administrator(world):
    ana = world.asker("ana@fourthcoffee.example")
    assert ana.request("state") == ("triage",)

    page = ana.press("share")
    link = re.search(r'value="(http://localhost:8000/a/[^"]+)"', page.text)[1]
    assert ana.request("state") == ("asked",)
    Administrator(world, "it@partner.example", link).approve()

    assert ana.request(*PROOF) == GRANTED_BY_SIGN_IN
    assert world.kinds("ana@fourthcoffee.example") == ["confirm_request", "consent_granted"]
    assert world.kinds("it@partner.example") == []


def test_requester_is_the_administrator(world):
    boss = world.asker(ADMIN)

    page = boss.press("administrator")
    assert page.path.startswith("/a/")
    boss.at_microsoft(boss.submit(page, "continue"), ADMIN)

    assert boss.request(*PROOF) == GRANTED_BY_SIGN_IN
    assert world.kinds(ADMIN) == ["confirm_request", "consent_granted", "consent_receipt"]


def test_cloud_application_administrator_may_approve_delegated_permissions(world):
    clara = "cloudadmin@contoso.example"
    ana = world.asker(ANA, clara)

    page = world.mailed_administrator(clara).press("continue")
    assert page.status == 200
    world.mailed_administrator(clara).approve()

    assert ana.request(*PROOF) == GRANTED_BY_SIGN_IN


def test_cloud_application_administrator_meets_a_wall_for_application_permissions(world):
    clara = "cloudadmin@contoso.example"
    ana = world.asker(ANA, clara, app="acme-archive")

    page = world.mailed_administrator(clara).approve()

    assert page.url.startswith(world.microsoft.url)
    assert "Need admin approval" in page.text
    assert ana.request("state", "rung") == ("asked", "none")


def test_custom_role_is_not_shown_and_only_a_second_person_proves_the_grant(world):
    custom = "custom@contoso.example"
    ana, ben = world.asker(ANA, custom), world.asker(BEN)

    page = world.mailed_administrator(custom).approve()

    assert "We are checking with Microsoft" in page.text
    assert ana.request("state", "rung", "looks_approved") == ("claimed", "installed", True)
    assert world.kinds(BEN) == ["confirm_request"]

    told = ana.press("test")
    assert told.url.endswith("?said=login_required")
    page = ana.at_microsoft(ana.submit(told, "test"), ANA)

    assert (page.url.endswith("?said=let_in"), "Microsoft let you in." in page.text) == (True, True)
    assert ana.request(*PROOF) == ("granted", "in_use", "everyone", [])
    # Her own test told her already.
    assert (ana.status()["state"], world.kinds(ANA)) == ("ready", ["confirm_request"])
    assert (ben.status()["state"], world.kinds(BEN)) == (
        "ready",
        ["confirm_request", "consent_granted"],
    )


def test_administrator_who_checks_once_more_later_hears_that_the_test_went_well(world):
    custom = "custom@contoso.example"
    ana, boss = world.asker(ANA, custom), world.mailed_administrator(custom)
    boss.approve()
    world.later(minutes=16)

    page = boss.press("prove")

    assert page.url.endswith("/result/?said=let_in")
    assert "Microsoft let you in with all permissions" in page.text
    assert ana.request("state") == ("claimed",)


def test_assignment_required_is_said_in_the_mail_and_by_the_test(world):
    ben = world.asker("ben@tailspin.example", "admin@tailspin.example")
    world.mailed_administrator("admin@tailspin.example").approve()

    assert ben.request(*PROOF) == ("granted", "sign_in", "assigned", [])
    told = world.mails(ben.address, "consent_granted")[-1]
    assert "people whom your organisation has assigned" in told["text"]

    page = ben.submit(ben.press("test"), "test")
    stopped = ben.at_microsoft(page, ben.address)
    assert "50105" in stopped.text


def test_colleague_who_consented_for_himself_long_ago_is_no_approval(world):
    ana = world.asker("ana@wingtip.example", "admin@wingtip.example")
    boss = world.mailed_administrator("admin@wingtip.example")
    boss.leave()
    for _look in range(4):
        world.later(minutes=3)

    assert ana.request("state", "rung", "looks_approved") == ("asked", "none", False)
    assert world.kinds(ana.address) == ["confirm_request"]

    boss.approve()
    assert ana.request(*PROOF) == GRANTED_BY_SIGN_IN


def test_cancel_at_microsoft_is_no_approval_and_the_page_still_works(world):
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)

    page = boss.approve("cancel")
    assert "Nothing was approved" in page.text
    world.later(seconds=30)
    assert ana.request("state", "rung") == ("asked", "none")

    boss.approve()
    assert ana.request(*PROOF) == GRANTED_BY_SIGN_IN
