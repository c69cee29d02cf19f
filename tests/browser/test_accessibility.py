"""Every page and mail, light and dark, wide and narrow: no violation that a machine can find."""

import json
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.stage import Stage
from tests.browser.tour import Tour
from tests.browser.tour_desk import all_stops
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)
HEIGHT = 900
#: It looks again by itself and says so. It has to without scripts, and nobody types there.
LOOKS_AGAIN = "approval-result-checking"
#: Width and theme. All rules once; afterwards those that a theme or a width can break.
VIEWS = ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark"))
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
RUN = """async options => {
  await Promise.all(document.getAnimations().map(one => one.finished));
  const found = await axe.run({...options, resultTypes: ["violations"]});
  return found.violations.map(one => [one.id, ...one.nodes.map(node => node.target.join(" "))]);
}"""
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


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


def test_pages_and_mails_have_no_accessibility_violation(
    stage: Stage, visit: Callable[..., Visitor]
) -> None:
    problems = {}

    for name, page in all_stops(Tour(stage, visit)):
        if found := problems_of(page):
            problems[name] = found

    refresh = [["meta-refresh", 'meta[http-equiv="refresh"]']]
    assert problems.pop(LOOKS_AGAIN, {}) == {"1280 light": refresh}
    assert problems == {}, json.dumps(problems, indent=1)
