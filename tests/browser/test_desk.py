"""An agent's round at the desk, with the keyboard's help."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.stage import Stage
from tests.browser.tour import Tour
from tests.browser.tour_desk import open_ticket, signed_in
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(150)
BEN, BOSS = "ben@contoso.example", "admin@contoso.example"


def test_agents_round_replies_notes_sends_a_link_and_looks(
    stage: Stage, visit: Callable[..., Visitor]
) -> None:
    tour = Tour(stage, visit)
    ben = tour.asked(BEN)
    lead = signed_in(tour)
    said = []

    def note_what_was_said() -> None:
        said.append(lead.page.locator(".notice-title").inner_text())

    lead.page.keyboard.press("j")
    with lead.page.expect_navigation():
        lead.page.keyboard.press("Enter")
    lead.press("Take it")
    note_what_was_said()
    lead.page.keyboard.press("r")
    lead.page.keyboard.type("We ask your administrator.")
    lead.press("Reply to the requester")
    note_what_was_said()
    lead.send("reply", "Keep as a note", message="Called, nobody there.")
    note_what_was_said()
    lead.send("send", email=BOSS)
    note_what_was_said()
    page = stage.link("approval_request", BOSS, "/a/")
    stage.looked_at("contoso.example")
    stage.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar", "by": BOSS}]})
    lead.press("Look now")
    note_what_was_said()
    stage.mail("try_connection", BEN)
    ben.open(ben.page.url)

    assert said == [
        "It is yours now.",
        "Your reply is on its way.",
        "Your note is kept. Only agents see it.",
        "The administrator gets a mail with a link.",
        "The worker looks at Microsoft now. Load the page again in a few seconds.",
    ]
    assert stage.mail("ticket_reply", BEN)["text"].count("We ask your administrator.") == 1
    assert ben.heading == "It looks approved. Try whether it works for you"
    everything = ben.page.content()
    assert "We ask your administrator." in everything
    assert "nobody there" not in everything
    boss = visit()
    boss.open(page)
    assert boss.heading == "Decide whether Acme Calendar may be used in your organisation"


def test_theme_switch_survives_the_next_page(stage: Stage, visit: Callable[..., Visitor]) -> None:
    lead = signed_in(Tour(stage, visit))
    ground = "getComputedStyle(document.body).backgroundColor"
    light = lead.page.evaluate(ground)

    for _press in ("light", "dark"):
        lead.page.locator("#theme-switch").click()
    dark = lead.page.evaluate(ground)
    lead.open("/desk/tickets/new/")

    expect(lead.page.locator("#theme-switch")).to_have_text("Theme: dark")
    assert lead.page.evaluate(ground) == dark != light


def test_ticket_is_found_by_its_requester(stage: Stage, visit: Callable[..., Visitor]) -> None:
    tour = Tour(stage, visit)
    ben = tour.asked(BEN)
    tour.asked("eva@adatum.example")
    lead = signed_in(tour)

    open_ticket(lead, BEN)

    assert lead.heading in ben.page.locator(".kicker").inner_text()
