"""`make screenshots`: every page and mail, light and dark, wide and narrow, from a demo of its own.

The stories are played in a real browser; each page is taken where it is met.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.stage import open_stage
from tests.browser.tour import Tour
from tests.browser.tour_desk import all_stops
from tests.browser.visitor import CHROMIUM_OPTIONS, Visitor
from tests.services import find_chromium

SCHEMES = ("light", "dark")
WIDTHS = (1280, 390)
HEIGHT = 900


def take(page: Page, folder: Path, name: str) -> None:
    """Four pictures `<name>-<scheme>-<width>.png` of the page as it stands."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True)
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    page.emulate_media(color_scheme="light")


def main(folder: Path) -> None:
    """Take them all into that folder, in place of older ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory() as place,
        open_stage(Path(place)) as stage,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        for name, page in all_stops(Tour(stage, lambda: Visitor(browser, stage.portal))):
            take(page, folder, name)
        browser.close()
    sys.stdout.write(f"{len(list(folder.glob('*.png')))} pictures in {folder}/\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
