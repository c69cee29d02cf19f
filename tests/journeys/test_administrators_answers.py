"""What an administrator answers instead of approving, and what becomes of it."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from tenants.models import User

ADMIN, ANA, BEN, EVA = (f"{who}@contoso.example" for who in ("admin", "ana", "ben", "eva"))
CLARA = "cloudadmin@contoso.example"


def agents_desk():
    """An agent's browser, signed in."""
    client = Client(headers={"host": "localhost:8000"})
    client.force_login(
        User.objects.get(email="agent@acme.example"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def queue(view="todo"):
    """The numbers of the tickets that an agent sees there."""
    page = agents_desk().get("/desk/", {"view": view})
    return [ticket.number for ticket in page.context["page"]]


def test_forward_brings_a_colleague_a_link_of_their_own(world):
    ana = world.asker(ANA, ADMIN)
    page = world.mailed_administrator(ADMIN).press("forward", email=CLARA)
    assert "Your colleague gets a mail" in page.text

    assert world.kinds(CLARA) == ["approval_request"]
    assert "A colleague has forwarded this to you" in world.mails(CLARA)[0]["text"]
    world.mailed_administrator(CLARA).approve()

    assert ana.request("state", "rung") == ("granted", "sign_in")
    assert world.kinds(ADMIN) == ["approval_request", "consent_receipt"]
    assert world.kinds(CLARA) == ["approval_request", "consent_receipt"]


def test_forward_to_another_organisation_goes_to_an_agent_first(world):
    ana = world.asker(ANA, ADMIN)
    page = world.mailed_administrator(ADMIN).press("forward", email="it@partner.example")

    assert "belongs to another organisation" in page.text
    assert world.kinds("it@partner.example") == []
    number = ana.status()["number"]
    assert queue() == [number]

    agents_desk().post(f"/desk/tickets/{number}/send/", {"email": "it@partner.example"})
    assert world.kinds("it@partner.example") == ["approval_request"]


def test_forward_is_refused_after_three_links(world):
    world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)
    for colleague in (CLARA, "custom@contoso.example"):
        boss.press("forward", email=colleague)

    page = boss.press("forward", email=EVA)

    assert "Three administrators have a link already" in page.text
    assert world.kinds(EVA) == []


def test_not_me_closes_the_link_and_brings_the_ticket_to_an_agent(world):
    ana = world.asker(ANA, ADMIN)
    assert queue() == []

    page = world.mailed_administrator(ADMIN).press("not-me")

    assert "You said that somebody else decides this" in page.text
    assert "continue" not in page.forms
    assert (ana.status()["state"], *ana.request("state")) == ("open", "triage")
    assert queue() == [ana.status()["number"]]

    agents_desk().post(f"/desk/tickets/{ana.status()['number']}/send/", {"email": CLARA})
    assert (ana.status()["state"], *ana.request("state")) == ("waiting", "asked")
    assert world.kinds(CLARA) == ["approval_request"]


def test_later_is_no_decline_and_the_mail_comes_once_more_on_the_day(world):
    ana = world.asker(ANA, ADMIN)
    until = timezone.localdate() + timedelta(days=3)

    page = world.mailed_administrator(ADMIN).press("later", until=until.isoformat())
    assert "Then later" in page.text
    world.later(days=2)
    assert world.kinds(ADMIN) == ["approval_request"]
    world.later(days=1)
    world.later(days=1)

    assert world.kinds(ADMIN) == ["approval_request", "approval_request"]
    assert ana.request("state") == ("asked",)
    world.mailed_administrator(ADMIN).approve()
    assert ana.request("state") == ("granted",)


def test_decline_can_be_taken_back(world):
    ana = world.asker(ANA, ADMIN)
    boss = world.mailed_administrator(ADMIN)

    page = boss.press("decline", reason="unverified", note="Who are you?")
    assert "You have declined" in page.text
    world.later(hours=23)
    assert ana.request("state") == ("asked",)
    page = boss.submit(boss.result(), "undo")

    assert "continue" in page.forms
    world.later(hours=2)
    assert (world.kinds(ANA), *ana.request("state")) == (["confirm_request"], "asked")


def test_decline_holds_after_a_day_and_the_requester_is_told_once(world):
    ana = world.asker(ANA, ADMIN)
    world.mailed_administrator(ADMIN).press("decline", reason="not_needed")
    world.later(hours=25)
    world.later(hours=1)

    assert (ana.status()["state"], *ana.request("state")) == ("open", "declined")
    assert world.kinds(ANA) == ["confirm_request", "request_declined"]
    boss = world.mailed_administrator(ADMIN)
    assert "You can still take it back; then this link works again." in boss.result().text

    # Whoever asks within 30 days joins it, and nobody is mailed again.
    eva = world.asker(EVA, ADMIN)
    assert eva.request("state", "waiting") == ("declined", 2)
    assert world.kinds(ADMIN) == ["approval_request"]

    assert "continue" in boss.submit(boss.result(), "undo").forms
    assert eva.request("state", "waiting") == ("asked", 2)


def test_declined_request_is_taken_up_by_the_first_ask_after_thirty_days(world):
    ana = world.asker(ANA, ADMIN)
    world.mailed_administrator(ADMIN).press("decline", reason="not_needed")
    world.later(hours=25)
    world.later(days=31)

    ben = world.asker(BEN, ADMIN)

    assert ben.request("state", "waiting") == ("asked", 2)
    assert (ana.status()["state"], *ana.request("state")) == ("waiting", "asked")
    assert world.kinds(ADMIN) == ["approval_request", "approval_request"]


def test_declined_request_is_taken_up_by_an_agent_who_sends_a_link(world):
    ana, ben = world.asker(ANA, ADMIN), world.asker(BEN)
    world.mailed_administrator(ADMIN).press("decline", reason="other")
    world.later(hours=25)
    number = ana.status()["number"]

    agents_desk().post(f"/desk/tickets/{number}/send/", {"email": CLARA})

    assert world.kinds(CLARA) == ["approval_request"]
    for person in (ana, ben):
        assert (person.status()["state"], *person.request("state")) == ("waiting", "asked")
    world.mailed_administrator(CLARA).approve()
    assert world.kinds(BEN) == ["confirm_request", "request_declined", "consent_granted"]


def test_question_comes_to_the_desk_and_the_answer_by_mail(world):
    ana = world.asker(ANA, ADMIN)
    number = ana.status()["number"]
    boss = world.mailed_administrator(ADMIN)

    page = boss.press("ask", message="Where is the data kept? <script>alert(1)</script>")
    assert "Your question is with us" in page.text
    assert queue() == [number]

    desk = agents_desk()
    shown = desk.get(f"/desk/tickets/{number}/")
    link = shown.context["links"][0]
    answer = {"ticket": number, "message": "In the European Union."}
    desk.post(f"/desk/links/{link.pk}/answer/", answer)

    mail = world.mails(ADMIN)[-1]
    assert (mail["kind"], "In the European Union." in mail["text"]) == ("administrator_reply", True)
    page = boss.open(boss.link)
    assert "Where is the data kept?" in page.text
    assert "In the European Union." in page.text
    # It is the administrator's talk, not the requester's.
    assert "European Union." not in ana.open(ana.url).text
    assert world.kinds(ANA) == ["confirm_request"]


def test_requesters_message_comes_to_the_desk_while_an_administrator_is_asked(world):
    ana = world.asker(ANA, ADMIN)
    number = ana.status()["number"]
    assert (queue(), ana.status()["state"]) == ([], "waiting")

    ana.press("reply", message="My administrator is on leave.")
    assert queue() == [number]
    agents_desk().post(f"/desk/tickets/{number}/reply/", {"message": "Then we ask another one."})

    assert world.kinds(ANA) == ["confirm_request", "ticket_reply"]
    page = ana.open(ana.url)
    assert "Then we ask another one." in page.text
