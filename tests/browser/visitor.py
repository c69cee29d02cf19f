"""One person's browser, operated by what stands on the page: links, buttons, folded-away forms."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (one) =>
  console.error(`policy: ${one.violatedDirective} forbids ${one.blockedURI}`));
"""
#: A page that says no is a page; Chromium logs its status as an error.
A_STATUS = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


class Visitor:
    """A browser of its own, with cookies of its own. `complaints` is what its console said.

    `sent` holds the ids of the forms it sent at the portal, `trail` the documents it was led over,
    `fetched` everything else that its pages asked for.
    """

    def __init__(self, browser: Browser, portal: str, *, scripts: bool = True) -> None:
        self.portal = portal
        self.complaints: list[str] = []
        self.sent: list[str] = []
        self.trail: list[str] = []
        self.fetched: list[str] = []
        context = browser.new_context(java_script_enabled=scripts, locale="en")
        context.set_default_timeout(20_000)
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self._follow)
        self.page: Page = context.new_page()

    def open(self, address: str) -> None:
        """Go to that address; one without a host is at the portal."""
        self.page.goto(address if "://" in address else f"{self.portal}{address}")

    @property
    def heading(self) -> str:
        """The page's heading."""
        return " ".join(self.page.locator("h1").first.inner_text().split())

    def form(self, name: str) -> Locator:
        """The form with that id, unfolded where it was folded away."""
        form = self.page.locator(f"form#{name}")
        folded = self.page.locator("details:not([open])").filter(has=form)
        if folded.count():
            folded.locator("> summary").click()
        return form

    def fill(self, name: str, /, **fields: str) -> Locator:
        """Fill in that form's fields, a file by its path; gives back the form."""
        form = self.form(name)
        for field, value in fields.items():
            choices = form.locator(f"input[type=radio][name={field}]")
            files = form.locator(f"input[type=file][name={field}]")
            lists = form.locator(f"select[name={field}]")
            if choices.count():
                form.locator(f"label:has(input[name={field}][value={value}])").click()
            elif files.count():
                files.set_input_files(value)
            elif lists.count():
                lists.select_option(value)
            else:
                written = ":is(input, textarea):not([type=hidden])"
                form.locator(f"{written}[name={field}]").fill(value)
        return form

    def send(self, name: str, press: str = "", /, **fields: str) -> None:
        """Fill in that form and press its button, or the one with these words."""
        form = self.fill(name, **fields)
        button = form.get_by_role("button", name=press, exact=True) if press else None
        if self.page.url.startswith(self.portal):
            self.sent.append(name)
        with self.page.expect_navigation():
            (button or form.locator("button").first).click()

    def unfold(self) -> None:
        """Open everything that is folded away."""
        folded = self.page.locator("details:not([open]) > summary")
        while folded.count():
            folded.first.click()

    def press(self, words: str) -> None:
        """Press the first button with these words, whichever form it belongs to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).first.click()

    def ask(self, requester: str, administrator: str = "", app: str = "acme-calendar") -> None:
        """From the first page to the one that says that a mail is on its way."""
        self.open("/")
        self.send("start", email=requester, app=app, seen="need_admin", pasted="AADSTS90094")
        name = requester.partition("@")[0].title()
        note = "I want my meetings in one place."
        self.send("ask", name=name, admin_email=administrator, note=note)

    def sign_in_at_microsoft(self, account: str) -> None:
        """Be that person at Microsoft."""
        self.send("signin", "Sign in", account=account)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not A_STATUS.match(message.text):
            self.complaints.append(f"{urlsplit(self.page.url).path}: {message.text}")

    def _follow(self, request: Request) -> None:
        (self.trail if request.is_navigation_request() else self.fetched).append(request.url)
