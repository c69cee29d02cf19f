"""The whole way in a real browser without scripts, with Microsoft on another site."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.stage import Stage
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(150)
ANA, BOSS = "ana@contoso.example", "admin@contoso.example"


def steps_of(trail: list[str], stage: Stage) -> list[str]:
    """Where a browser was led, without tokens and queries."""
    places = (address.partition("?")[0] for address in trail)
    named = (place.replace(stage.portal, "").replace(stage.microsoft, "ms") for place in places)
    return [re.sub(r"/[\w.-]{16,}(?=/)", "/…", place) for place in named]


def test_approval_without_scripts_ends_in_good_news(
    stage: Stage, visit: Callable[..., Visitor]
) -> None:
    ana, boss = visit(scripts=False), visit(scripts=False)
    headings = []

    ana.ask(ANA, BOSS)
    headings.append(ana.heading)
    ana.open(stage.link("confirm_request", ANA, "/t/"))
    headings.append(ana.heading)
    ana.send("confirm")
    headings.append(ana.heading)
    status = ana.page.url
    boss.open(stage.link("approval_request", BOSS, "/a/"))
    headings.append(boss.heading)
    boss.send("continue")
    boss.sign_in_at_microsoft(BOSS)
    headings.append(boss.heading)
    boss.trail.clear()
    boss.send("consent", "Accept")
    hops = steps_of(boss.trail, stage)
    expect(boss.page.locator("h1")).to_have_text(
        re.compile("Approved, and confirmed by Microsoft"), timeout=30_000
    )
    stage.mail("consent_granted", ANA)
    ana.open(status)
    headings.append(ana.heading)

    assert headings == [
        "Look into your mailbox",
        "Did you ask for this?",
        "An administrator has been asked",
        "Decide whether Acme Calendar may be used in your organisation",
        "Permissions requested: review for your organisation",
        "Approved. You can connect now",
    ]
    assert hops == [
        "ms/…/v2.0/adminconsent",
        "/consent/return/",
        "ms/…/oauth2/v2.0/authorize",
        "/signin/return/",
        "ms/…/oauth2/v2.0/authorize",
        "/signin/return/",
        "/a/…/result/",
    ]
