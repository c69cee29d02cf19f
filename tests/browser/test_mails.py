"""Every kind of mail as Chromium shows it: one button, and nothing to fetch from anywhere."""

from collections.abc import Callable

import pytest
from django.conf import settings

from tests.browser.stage import Stage
from tests.browser.tour import Tour, asking, deciding, declining, mails
from tests.browser.tour_desk import desk
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(200)
#: Nothing is left to do for who has a receipt.
WITHOUT_BUTTON = {"mail-consent_receipt"}


def test_mails_have_one_button_and_fetch_nothing(
    stage: Stage, visit: Callable[..., Visitor]
) -> None:
    tour = Tour(stage, visit)
    for part in (asking, deciding, declining, desk):
        for _stop in part(tour):
            pass
    fetched: list[str] = []
    seen = {}

    for name, page in mails(tour):
        page.on("request", lambda request: fetched.append(request.url))
        buttons = page.locator("a.button")
        addresses = page.locator(".address a")
        seen[name] = (
            [button.get_attribute("href") for button in buttons.all()],
            [address.inner_text() for address in addresses.all()],
        )

    kinds = {folder.name for folder in (settings.BASE_DIR / "templates/emails").iterdir()}
    assert {f"mail-{kind}" for kind in kinds if not kind.startswith("_")} == set(seen)
    assert fetched == []
    for name, (buttons, addresses) in seen.items():
        assert len(buttons) == (0 if name in WITHOUT_BUTTON else 1), name
        assert buttons == addresses, name
