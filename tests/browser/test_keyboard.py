"""An administrator decides with the keyboard alone, and always sees where it is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Stage
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(150)
ANA, BOSS = "ana@adatum.example", "admin@adatum.example"
MOST_TABS = 80
#: The words of what has the focus, and what stands against seeing that.
FOCUS = """() => {
  const one = document.activeElement, shown = one.closest(".choice") ?? one;
  const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const seen = box.width > 1 && box.bottom > 0 && box.top < innerHeight;
  const words = (shown.innerText || one.labels?.[0]?.innerText || one.value || one.id).trim();
  return [words.split("\\n")[0], ring ? "" : "no ring", seen ? "" : "out of sight"];
}"""


class Keyboard:
    """Moves by Tab; `unseen` names every stop at which the focus could not be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.unseen: list[list[str]] = []

    def tab_to(self, words: str) -> None:
        """Press Tab until the focus is on what begins with these words."""
        for _press in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            found = self.page.evaluate(FOCUS)
            if any(found[1:]):
                self.unseen.append(found)
            if found[0].startswith(words):
                return
        raise AssertionError(f"Tab does not lead to “{words}”")

    def press(self, words: str, key: str = "Enter") -> None:
        """Go to what begins with these words and press a key on it."""
        self.tab_to(words)
        self.page.keyboard.press(key)

    def arrive(self, heading: str) -> None:
        """Wait for the page with that heading."""
        expect(self.page.locator("h1")).to_contain_text(heading, timeout=30_000)


def test_administrators_page_is_decided_by_keyboard_alone(
    stage: Stage, visit: Callable[..., Visitor]
) -> None:
    ana, boss = visit(), visit()
    ana.ask(ANA, BOSS)
    ana.open(stage.link("confirm_request", ANA, "/t/"))
    ana.send("confirm")
    boss.open(stage.link("approval_request", BOSS, "/a/"))
    keys = Keyboard(boss.page)

    keys.press("Decline")
    keys.press("The permissions are too broad", "Space")
    keys.tab_to("In your words")
    boss.page.keyboard.type("Why does it send mail?")
    keys.press("Decline")
    keys.arrive("You have declined")
    keys.press("Take it back")
    keys.arrive("Decide whether Acme Calendar may be used")
    keys.press("Continue to Microsoft")
    keys.arrive("Pick an account")
    keys.press("Alex Admin")
    keys.arrive("Permissions requested")
    keys.press("Accept")
    keys.arrive("Approved, and confirmed by Microsoft")

    assert keys.unseen == []
