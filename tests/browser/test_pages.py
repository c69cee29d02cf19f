"""Every page and mail, light and dark, wide and narrow, looked at once and judged afterwards."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.browser.stage import Stage
from tests.browser.tour import Tour
from tests.browser.tour_desk import all_stops
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)
HEIGHT = 900
#: It looks again by itself and says so. It has to without scripts, and nobody types there.
LOOKS_AGAIN = "approval-result-checking"
#: Nothing is left to do for who has a receipt.
WITHOUT_BUTTON = {"mail-consent_receipt"}
#: Width and theme. All rules once; afterwards the one that a theme can break.
VIEWS = ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark"))
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
#: Without preloading: axe would put style sheets of its own into the page, against its policy.
RUN = """async options => {
  await Promise.all(document.getAnimations().map(one => one.finished));
  const found = await axe.run({...options, preload: false, resultTypes: ["violations"]});
  return found.violations.map(one => [one.id, ...one.nodes.map(node => node.target.join(" "))]);
}"""
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass(frozen=True)
class Sight:
    """What was seen of a page. `buttons` are the addresses behind them, `addresses` those written
    out, `fetched` what the page asked the network for.
    """

    problems: dict[str, object]
    buttons: list[str | None] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)


def problems_of(page: Page) -> dict[str, object]:
    """What stands against the page as it is, by view; nothing of a page in order."""
    page.evaluate(Axe().axe_script)
    problems: dict[str, object] = {}
    for number, (width, scheme) in enumerate(VIEWS):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        if found := page.evaluate(RUN, CONTRAST if number else WCAG):
            problems[f"{width} {scheme}"] = found
        if page.evaluate(SIDEWAYS):
            problems[f"{width} {scheme} sideways"] = True
    return problems


@pytest.fixture(scope="module")
def sights(running_stage: Stage, browser: Browser) -> Iterator[dict[str, Sight]]:
    """All there is to see, by the name of the stop."""
    running_stage.reset()
    visitors: list[Visitor] = []

    def visit() -> Visitor:
        visitors.append(Visitor(browser, running_stage.portal))
        return visitors[-1]

    seen: dict[str, Sight] = {}
    for name, page in all_stops(Tour(running_stage, visit)):
        if name.startswith("mail-"):
            buttons = [one.get_attribute("href") for one in page.locator("a.button").all()]
            addresses = page.locator(".address a").all_inner_texts()
            seen[name] = Sight(problems_of(page), buttons, addresses, visitors[-1].fetched)
        else:
            seen[name] = Sight(problems_of(page))
    yield seen
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.page.context.close()
    assert complaints == []


def test_pages_and_mails_have_no_accessibility_violation(sights: dict[str, Sight]) -> None:
    problems = {name: sight.problems for name, sight in sights.items() if sight.problems}

    refresh = [["meta-refresh", 'meta[http-equiv="refresh"]']]
    assert problems.pop(LOOKS_AGAIN, {}) == {"1280 light": refresh}
    assert problems == {}, json.dumps(problems, indent=1)


def test_mails_have_one_button_and_fetch_nothing(sights: dict[str, Sight]) -> None:
    kinds = {folder.name for folder in (settings.BASE_DIR / "templates/emails").iterdir()}
    mails = {name: sight for name, sight in sights.items() if name.startswith("mail-")}

    assert {f"mail-{kind}" for kind in kinds if not kind.startswith("_")} == set(mails)
    for name, mail in mails.items():
        assert len(mail.buttons) == (0 if name in WITHOUT_BUTTON else 1), name
        assert mail.buttons == mail.addresses, name
        assert mail.fetched == [], name
