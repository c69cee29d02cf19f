"""What gets in the way: forgers, stumbling servers, our own credential, people who want no mail."""

import time
from urllib.parse import parse_qs, urlencode, urlsplit

from consent.models import AppRegistration, ConsentRequest
from tests.journeys.people import PORTAL, Administrator, Browser, Requester, link_in

ADMIN, ANA, BEN, EVA = (f"{who}@contoso.example" for who in ("admin", "ana", "ben", "eva"))
PROOF = ("state", "rung", "reach", "missing")
GRANTED_BY_SIGN_IN = ("granted", "sign_in", "everyone", [])


def made_up(person):
    """Press *Continue* and stand still; the address with which a success would come back."""
    page = person.submit(person.open(person.link), "continue", follow=False)
    query = parse_qs(urlsplit(page.headers["Location"]).query)
    success = {
        "admin_consent": "True",
        "tenant": urlsplit(page.headers["Location"]).path.split("/")[1],
        "state": query["state"][0],
        "scope": query["scope"][0],
    }
    return f"{PORTAL}/consent/return/?{urlencode(success)}"


def sign_in(person):
    """Sign in at Microsoft and decide nothing."""
    page = person.leave()
    person.submit(page, "signin", account=person.address)


def test_return_made_up_by_a_user_with_a_grant_of_his_own_proves_nothing(world):
    admin = "admin@northwind.example"
    ana = world.asker("ana@northwind.example", admin)
    boss = world.mailed_administrator(admin)
    world.grants("northwind.example", **{"for": "ben@northwind.example"})
    ben = Administrator(world, "ben@northwind.example", boss.link)
    sign_in(ben)

    page = ben.open(made_up(ben))

    assert page.path.endswith("/result/")
    world.later(minutes=5)
    assert ana.request("state", "rung") == ("claimed", "installed")
    assert "consent_granted" not in world.kinds(ana.address)


def test_return_made_up_by_an_administrator_with_a_part_of_the_set_proves_nothing(world):
    admin = "admin@northwind.example"
    ana = world.asker("ana@northwind.example", admin)
    boss = world.mailed_administrator(admin)
    sign_in(boss)
    world.grants("northwind.example", permissions=["openid", "profile", "User.Read"])

    page = boss.open(made_up(boss))

    assert page.path.endswith("/result/")
    world.later(minutes=5)
    assert ana.request("state") == ("claimed",)
    assert "consent_granted" not in world.kinds(ana.address)


def test_claim_without_proof_is_forgotten_after_a_day(world):
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)
    boss.open(made_up(boss))
    world.later(seconds=5)
    assert ana.request("state", "rung") == ("claimed", "claimed")

    world.later(hours=25)
    world.later(hours=1)

    assert ana.request("state", "rung") == ("asked", "none")


def test_stumbling_token_endpoint_delays_the_proof_and_takes_nothing_away(world):
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)
    world.microsoft.control({"faults": {"token": {"503": 1.0}}})

    page = boss.approve()

    assert page.path.endswith("/result/")
    assert ana.request("state", "rung") == ("claimed", "claimed")
    world.microsoft.control({"faults": {"token": {}}})
    world.wait(seconds=6)
    boss.result()
    world.later(minutes=7)

    assert ana.request(*PROOF) == GRANTED_BY_SIGN_IN
    assert world.kinds(ANA) == ["confirm_request", "consent_granted"]


def test_stumbling_graph_delays_the_proof_and_takes_nothing_away(world):
    ana = world.asker(ANA, ADMIN, app="acme-suite")
    world.microsoft.control({"faults": {"graph": {"503": 1.0}}})
    world.mailed_administrator(ADMIN).approve()
    assert ana.request("state") == ("claimed",)

    world.microsoft.control({"faults": {"graph": {}}})
    world.later(minutes=7)

    assert ana.request(*PROOF) == ("granted", "directory", "everyone", [])


def test_our_own_broken_credential_tells_no_customer_anything(world):
    ana = world.asker(ANA, ADMIN)
    world.mailed_administrator(ADMIN).approve()
    world.microsoft.control({"apps": {"acme-calendar": {"secrets": []}}})

    eva = world.asker(EVA, ADMIN)
    for _look in range(5):
        world.later(hours=9)

    assert ana.request("state", "rung") == ("granted", "sign_in")
    assert (world.kinds(EVA), eva.status()["state"]) == (["confirm_request"], "waiting")


def test_app_of_somebody_else_has_a_link_without_return_and_is_never_looked_at(world):
    AppRegistration.objects.filter(slug="acme-calendar").update(credential="")
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)
    assert "Microsoft does not bring you back here" in boss.open(boss.link).text

    page = boss.submit(boss.open(boss.link), "continue", follow=False)
    where = urlsplit(page.headers["Location"])
    assert (where.path.rpartition("/")[2], set(parse_qs(where.query))) == (
        "adminconsent",
        {"client_id"},
    )
    page = boss.at_microsoft(boss.open(page.headers["Location"]), ADMIN)
    world.later(minutes=50)

    assert ana.request("state", "rung") == ("asked", "none")
    assert "test" not in ana.open(ana.url).forms
    calls = world.microsoft.state()["calls"]
    assert "token" not in calls.get("contoso.example", {})


def test_administrator_who_wants_no_mail_gets_none_whoever_asks(world):
    world.asker(ANA, ADMIN)
    boss = Browser(world.microsoft.url)
    stop = link_in(world.mails(ADMIN)[-1], "/stop/")
    boss.submit(boss.open(stop), "stop")

    fabrikam = world.asker("ana@fabrikam.example")
    world.asker(BEN, ADMIN, app="acme-suite")

    assert world.kinds(ADMIN) == ["approval_request"]
    assert fabrikam.status()["state"] == "open"
    suite = ConsentRequest.objects.get(app__slug="acme-suite")
    # Nobody could be asked, so an agent has to find somebody else.
    assert (suite.state, suite.links.count()) == ("triage", 0)


def test_requester_who_wants_no_mail_still_sees_how_it_stands(world):
    ana = world.asker(ANA, ADMIN)
    page = ana.open(link_in(world.mails(ANA)[-1], "/stop/"))
    ana.submit(page, "stop")

    world.mailed_administrator(ADMIN).approve()

    assert (ana.status()["state"], world.kinds(ANA)) == ("ready", ["confirm_request"])


def test_stranger_who_never_confirms_mails_nobody_else_and_is_erased(world):
    stranger = Requester(world, ANA)
    stranger.ask(ADMIN)
    world.later(days=13)
    assert world.kinds(ADMIN) == []
    link = link_in(world.mails(ANA)[-1], "/t/")
    assert stranger.open(link).status == 200

    world.later(days=2)

    assert (stranger.open(link).status, world.kinds(ADMIN)) == (404, [])


def test_words_that_were_typed_reach_no_header(world):
    ana = Requester(world, ANA)
    page = ana.submit(ana.open("/"), "start", email=ANA, pasted="AADSTS90094")
    typed = "Ana\r\nBcc: x@evil.example"
    ana.submit(page, "ask", name=typed, admin_email=ADMIN, note=f"{typed}\nhttps://evil.example/")
    ana.confirm()

    number = ana.status()["number"]
    confirm, asked = world.mails(ANA)[-1], world.mails(ADMIN)[-1]
    assert confirm["subject"] == f"Confirm your address for Acme Calendar [{number}]"
    assert asked["subject"] == (
        f"{ANA} asks you to approve Acme Calendar for contoso.example [{number}]"
    )
    for mail in (confirm, asked):
        assert "evil.example" not in mail["text"] + mail["html"]
        assert [link for link in mail["links"] if "evil" in link] == []
    # Said last, as a quotation.
    assert asked["text"].index("evil[.]example") > asked["text"].index("The link works until")


def test_disagreeing_replicas_invite_and_tell_once(world):
    ana = world.asker("ana@relecloud.example")
    world.switches("relecloud.example", replication_delay_s=1.0, replicas_disagree=True)
    world.grants("relecloud.example")
    for _look in range(4):
        world.later(minutes=50)
    time.sleep(0.6)
    for _look in range(6):
        world.later(minutes=50)
    time.sleep(0.5)
    world.later(minutes=50)
    world.later(minutes=3)

    assert world.kinds(ana.address) == ["confirm_request", "try_connection"]
    assert ana.request("rung", "looks_approved") == ("installed", True)


def test_administrator_of_another_organisation_comes_back_refused(world):
    ana = world.asker(ANA, ADMIN)
    stranger = Administrator(world, "admin@partner.example", world.mailed_administrator(ADMIN).link)

    page = stranger.approve()

    assert (page.path.endswith("/result/"), "AADSTS50020</code>" in page.text) == (True, True)
    assert "Microsoft did not let you approve" in page.text
    assert ana.request("state", "rung") == ("asked", "none")


def test_consent_that_could_not_be_recorded_can_be_given_once_more(world):
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)
    world.switches("contoso.example", consent_conflict=True)
    assert "AADSTS650051</code>" in boss.approve().text
    assert ana.request("state", "rung") == ("asked", "none")

    world.switches("contoso.example", consent_conflict=False)
    boss.approve()

    assert ana.request(*PROOF) == GRANTED_BY_SIGN_IN


def test_second_administrator_who_was_on_the_way_sees_that_it_is_approved(world):
    clara = "cloudadmin@contoso.example"
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)
    boss.press("forward", email=clara)
    colleague = world.mailed_administrator(clara)
    on_the_way = colleague.leave()
    boss.approve()

    page = colleague.at_microsoft(on_the_way, clara)

    assert "Approved, and confirmed by Microsoft" in page.text
    world.later(minutes=2)
    assert ana.request(*PROOF) == GRANTED_BY_SIGN_IN
    assert world.kinds(ANA) == ["confirm_request", "consent_granted"]
    assert world.kinds(clara) == ["approval_request", "consent_receipt"]
    assert "continue" not in colleague.open(colleague.link).forms
