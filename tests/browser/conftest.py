"""A stage for this room's stories, back at its seed before each, and browsers of its people."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.stage import Stage, open_stage
from tests.browser.visitor import CHROMIUM_OPTIONS, Visitor


@pytest.fixture(scope="session")
def running_stage(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The one stage of this room; tests ask for `stage`."""
    with open_stage(tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture
def stage(running_stage: Stage) -> Stage:
    """The stage at its seed: nobody has asked yet."""
    running_stage.reset()
    return running_stage


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """The machine's Chromium, started once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, stage: Stage) -> Iterator[Callable[..., Visitor]]:
    """Opens the browser of one more person. None of them may have had a reason to complain."""
    visitors: list[Visitor] = []

    def come(*, scripts: bool = True) -> Visitor:
        visitors.append(Visitor(browser, stage.portal, scripts=scripts))
        return visitors[-1]

    yield come
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.page.context.close()
    assert complaints == []
