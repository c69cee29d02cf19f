"""`make screenshots`: every page and mail, light and dark, wide and narrow, from a demo of its own.

The story is played in a real browser; each page is taken where it is met.
"""

import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.demo import Demo, running
from tests.services import find_chromium

SCHEMES = ("light", "dark")
WIDTHS = (1280, 390)
HEIGHT = 900
MAIL_WITHIN_S = 60


class Album:
    """A folder of pictures, four to a page: `<name>-<scheme>-<width>.png`."""

    def __init__(self, folder: Path, page: Page, demo: Demo) -> None:
        self.folder, self.page = folder, page
        self.portal, self.microsoft = demo.plan.portal_url, demo.plan.microsoft_url

    def take(self, name: str) -> None:
        """Picture the page as it stands, everything folded away opened."""
        self.page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                self.page.set_viewport_size({"width": width, "height": HEIGHT})
                target = self.folder / f"{name}-{scheme}-{width}.png"
                self.page.screenshot(path=target, full_page=True)
        self.page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        self.page.emulate_media(color_scheme="light")

    def visit(self, name: str, address: str) -> None:
        """Open an address and picture it."""
        self.page.goto(address)
        self.take(name)

    def send(self, form: str, **fields: str) -> None:
        """Fill a form, wherever it is folded away, and send it."""
        for field, value in fields.items():
            self.page.eval_on_selector(
                f"#{form} [name='{field}']", "(one, value) => one.value = value", value
            )
        with self.page.expect_navigation():
            self.page.eval_on_selector(f"#{form}", "one => one.requestSubmit()")

    def mails(self) -> list[dict[str, object]]:
        """Every mail so far, newest first."""
        with urllib.request.urlopen(f"{self.portal}/sandbox/mailbox.json") as answer:
            return json.load(answer)

    def mail(self, kind: str, to: str) -> dict[str, object]:
        """The newest mail of that kind to that address, waited for."""
        deadline = time.monotonic() + MAIL_WITHIN_S
        while time.monotonic() < deadline:
            for mail in self.mails():
                if (mail["kind"], mail["to"]) == (kind, to):
                    return mail
            time.sleep(0.3)
        raise SystemExit(f"No mail {kind} to {to} within {MAIL_WITHIN_S} s.")

    def link(self, kind: str, to: str, part: str) -> str:
        """The link with that part in its address, from that mail."""
        links: list[str] = self.mail(kind, to)["links"]
        return next(link for link in links if part in link)


def ask(album: Album, requester: str, administrator: str, name: str = "") -> None:
    """From the start page to the administrator's mail; pictured where a name is given."""
    take: Callable[[str], None] = album.take if name else lambda _name: None
    album.page.goto(f"{album.portal}/?app=acme-calendar")
    take("public-start")
    album.send("start", email=requester, pasted="AADSTS90094: The grant requires admin permission.")
    take("public-diagnosis")
    note = "I want my meetings in one place."
    album.send("ask", name=name or "Eva Berg", admin_email=administrator, note=note)
    take("public-sent")
    album.page.goto(album.link("confirm_request", requester, "/t/"))
    take("public-confirm")
    album.send("confirm")
    take("public-status-asked")
    album.mail("approval_request", administrator)


def approve(album: Album, administrator: str) -> None:
    """From the administrator's mail over Microsoft's pages to the result."""
    album.visit("approval-page", album.link("approval_request", administrator, "/a/"))
    album.send("continue")
    album.take("microsoft-signin")
    album.send("signin", account=administrator)
    album.take("microsoft-consent")
    with album.page.expect_navigation():
        album.page.click("#consent [name=decision][value=accept]")
    album.page.wait_for_load_state()
    album.take("approval-result-checking")
    result = album.page.url
    album.mail("consent_receipt", administrator)
    album.visit("approval-result-granted", result)


def play(album: Album) -> None:
    """The whole story."""
    ana, boss = "ana@contoso.example", "admin@contoso.example"
    ask(album, ana, boss, "Ana Ruiz")
    status = album.page.url
    approve(album, boss)
    album.mail("consent_granted", ana)
    album.visit("public-status-granted", status)

    eva, decliner = "eva@adatum.example", "admin@adatum.example"
    ask(album, eva, decliner)
    album.page.goto(album.link("approval_request", decliner, "/a/"))
    album.page.eval_on_selector("#decline [name=reason][value=too_broad]", "one => one.click()")
    album.send("decline", note="Why does it need to send mail?")
    album.take("approval-declined")

    desk(album)
    album.visit("admin", f"{album.portal}/admin/")
    album.visit("sandbox", f"{album.portal}/sandbox/")
    album.visit("sandbox-mailbox", f"{album.portal}/sandbox/mailbox/")
    album.visit("microsoft-overview", f"{album.microsoft}/")
    album.visit("error-404", f"{album.portal}/t/garbled/")


def desk(album: Album) -> None:
    """The desk, as the lead sees it after the story."""
    album.visit("desk-login", f"{album.portal}/accounts/login/?next=/desk/")
    album.page.fill("[name=login]", "lead@acme.example")
    album.page.fill("[name=password]", "demo")
    album.page.press("[name=password]", "Enter")
    album.page.wait_for_url("**/desk/")
    album.take("desk-queue-empty")
    album.page.get_by_role("link", name="All").click()
    album.page.wait_for_load_state()
    album.take("desk-queue")
    for name, part in (("desk-ticket", "/desk/tickets/C-"), ("desk-tenant", "/desk/tenants/")):
        address = album.page.locator(f"a[href*='{part}']").first.get_attribute("href")
        album.visit(name, f"{album.portal}{address}")
    album.visit("desk-new", f"{album.portal}/desk/tickets/new/")


def mails(album: Album) -> None:
    """The newest mail of each kind, as a mail program shows it."""
    newest = {mail["kind"]: mail["html"] for mail in reversed(album.mails())}
    for kind, html in newest.items():
        album.page.goto("about:blank")
        album.page.set_content(html)
        album.take(f"mail-{kind}")


def main(folder: Path) -> None:
    """Take them all into that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory() as place,
        running(Path(place)) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        album = Album(folder, browser.new_page(), demo)
        play(album)
        mails(album)
        browser.close()
    sys.stdout.write(f"{len(list(folder.glob('*.png')))} pictures in {folder}/\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
