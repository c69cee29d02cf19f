"""A walk past every customer's page in each of its states, for whoever wants to look at them all.

Each part is a generator: it plays a piece of a story and stops where there is something to see, as
a name and a page.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Page

from portal.public.roads import ROADS
from tests.browser.stage import Stage
from tests.browser.visitor import Visitor

Stop = tuple[str, Page]
#: An address with something right, something with a drawback, and something wrong.
ASKED = (
    "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?response_type=code"
    "&client_id=6a1f8a52-7a52-4c5e-9d0f-0f5a4d9e1b10&prompt=consent&state=x"
    "&scope=https://graph.microsoft.com/.default%20Mail.Read"
    "&redirect_uri=https://app.example.com/back"
)
ANA, BEN, BOSS = (f"{who}@contoso.example" for who in ("ana", "ben", "admin"))
#: Ana withdraws, and whom she named is then not mailed for some days.
DEPUTY = "cloudadmin@contoso.example"
EVA, DECLINER = "eva@adatum.example", "admin@adatum.example"
#: Long enough for the result page to be seen while it waits.
DELAY_S = 6


@dataclass
class Tour:
    """The people who walk, each with a browser of their own."""

    stage: Stage
    visit: Callable[..., Visitor]

    def asked(self, requester: str, administrator: str = "", app: str = "acme-calendar") -> Visitor:
        """Somebody who has asked and confirmed, on the status page."""
        person = self.visit()
        person.ask(requester, administrator, app)
        person.open(self.stage.link("confirm_request", requester, "/t/"))
        person.send("confirm")
        return person

    def opened(self, administrator: str) -> Visitor:
        """An administrator on the page that the newest mail leads to."""
        person = self.visit()
        person.open(self.stage.link("approval_request", administrator, "/a/"))
        return person


def blocked(tour: Tour) -> Iterator[Stop]:
    """What somebody sees who does not ask in the end."""
    person = tour.visit()
    person.open("/?app=acme-calendar")
    yield "public-start", person.page
    person.send("start")
    yield "public-start-mistake", person.page
    for name, email, seen in (
        ("public-start-which-address", "ana@gmail-like.example", "need_admin"),
        ("public-diagnosis-no-organisation", "ana@gmail-like.example", "other"),
        ("public-diagnosis-private-address", "ana@gmail.com", "other"),
        ("public-diagnosis-other-cloud", "ana@woodgrove.example", "need_admin"),
        ("public-diagnosis-yourself", "ana@fabrikam.example", "accept_page"),
    ):
        person.open("/")
        person.send("start", email=email, seen=seen, app="acme-calendar")
        yield name, person.page


def asking(tour: Tour) -> Iterator[Stop]:
    """From the diagnosis to the status page, with the mistakes on the way."""
    ana, phone = tour.visit(), tour.visit()
    ana.open("/")
    ana.send("start", email=ANA, seen="need_admin", pasted="AADSTS90094", app="acme-calendar")
    yield "public-diagnosis", ana.page
    ana.send("ask", name="Ana", admin_email="the boss")
    yield "public-diagnosis-mistake", ana.page
    ana.send("ask", name="Ana Almeida", admin_email=DEPUTY, note="I want my meetings in one place.")
    yield "public-sent", ana.page
    ana.send("again")
    yield "public-sent-again", ana.page
    address = tour.stage.link("confirm_request", ANA, "/t/")
    ana.open(address)
    yield "public-confirm", ana.page
    phone.open(address)
    phone.send("confirm", code="000000")
    yield "public-confirm-mistake", phone.page
    phone.open(tour.stage.link("confirm_request", ANA, "/stop/"))
    yield "public-stop", phone.page
    phone.send("stop")
    yield "public-stop-done", phone.page
    phone.send("stop")
    ana.send("confirm")
    yield "public-status-asked", ana.page
    ana.unfold()
    yield "public-status-unfolded", ana.page
    ana.send("share")
    ana.send("reply", message="How long does it take?")
    shown = tour.stage.plan.folder / "shown.png"
    ana.page.screenshot(path=shown)
    ana.send("screenshot", screenshot=f"{shown}")
    yield "public-status-shared", ana.page
    ana.send("screenshot", screenshot=f"{tour.stage.plan.folder / 'terminal'}")
    yield "public-status-mistake", ana.page
    ana.send("withdraw")
    yield "public-status-closed", ana.page
    yield "public-status-triage", tour.asked("ana@proseware.example").page


def deciding(tour: Tour) -> Iterator[Stop]:
    """What an administrator sees until the receipt, and the requester after it."""
    ben = tour.asked(BEN, BOSS)
    boss = tour.opened(BOSS)
    page = boss.page.url
    yield "approval-page", boss.page
    boss.unfold()
    yield "approval-page-unfolded", boss.page
    boss.send("decline")
    yield "approval-page-mistake", boss.page
    boss.open(page)
    boss.send("forward", email="somebody@fabrikam.example")
    yield "approval-page-said", boss.page
    boss.send("continue")
    yield "microsoft-signin", boss.page
    boss.sign_in_at_microsoft(BEN)
    yield "microsoft-wall", boss.page
    boss.page.context.clear_cookies(domain="127.0.0.1")
    boss.open(page)
    yield "approval-page-away", boss.page
    boss.send("continue")
    boss.sign_in_at_microsoft(BOSS)
    yield "microsoft-consent", boss.page
    boss.send("consent", "Cancel")
    yield "approval-result-cancelled", boss.page
    boss.open(page)
    tour.stage.control({"tenants": {"contoso.example": {"replication_delay_s": DELAY_S}}})
    boss.send("continue")
    boss.send("consent", "Accept")
    yield "approval-result-checking", boss.page
    tour.stage.mail("consent_receipt", BOSS)
    boss.open(f"{page}result/")
    yield "approval-result-granted", boss.page
    boss.open(page)
    yield "approval-closed-granted", boss.page
    tour.stage.mail("consent_granted", BEN)
    ben.open(ben.page.url)
    yield "public-status-ready", ben.page
    ben.send("test")
    yield "public-status-test", ben.page
    ben.send("tried", "It works now")
    yield "public-status-solved", ben.page


def declining(tour: Tour) -> Iterator[Stop]:
    """A no, a link that went to the wrong person, and one that ran out."""
    tour.asked(EVA, DECLINER)
    boss = tour.opened(DECLINER)
    boss.send("ask", message="Where is the data kept?")
    boss.send("decline", reason="too_broad", note="Why does it send mail?")
    yield "approval-declined", boss.page
    tour.asked("ana@northwind.example", "admin@northwind.example")
    wrong = tour.opened("admin@northwind.example")
    wrong.send("not-me")
    yield "approval-closed-not-me", wrong.page
    late = tour.asked("ana@fabrikam.example", "admin@fabrikam.example")
    nobody = tour.opened("admin@fabrikam.example")
    tour.stage.let_expire("fabrikam.example")
    tour.stage.mail("request_expired", "ana@fabrikam.example")
    late.open(late.page.url)
    yield "public-status-expired", late.page
    nobody.open(nobody.page.url)
    yield "approval-closed-expired", nobody.page


def reading(tour: Tour) -> Iterator[Stop]:
    """What anybody may read: error codes, the ways through, the address check."""
    person = tour.visit()
    for name, address in (
        ("public-errors", "/errors/"),
        ("public-errors-search", "/errors/?q=need+admin+approval"),
        ("public-error", "/errors/AADSTS90094/"),
        ("public-error-assignment", "/errors/AADSTS50105/"),
        ("public-error-unknown", "/errors/AADSTS999999/"),
        ("public-help", "/help/"),
        ("public-linter", "/linter/"),
        *((f"public-help-{road}", f"/help/{road}/") for road in ROADS),
    ):
        person.open(address)
        yield name, person.page
    person.open("/linter/")
    person.send("linter", url=ASKED)
    yield "public-linter-found", person.page


def astray(tour: Tour) -> Iterator[Stop]:
    """Addresses that lead nowhere."""
    person = tour.visit()
    for name, address in (
        ("public-bad-link", "/t/garbled/"),
        ("approval-unknown-return", "/consent/return/?state=unknown"),
    ):
        person.open(address)
        yield name, person.page
    for name, html in tour.stage.error_pages().items():
        address = f"{tour.stage.portal}/{name}"
        person.page.route(address, lambda route, _request, body=html: route.fulfill(body=body))
        person.open(address)
        yield name, person.page


def mails(tour: Tour) -> Iterator[Stop]:
    """The newest mail of each kind, as a mail program shows it."""
    person = tour.visit()
    newest = {mail["kind"]: mail["html"] for mail in reversed(tour.stage.mails())}
    for kind, html in newest.items():
        person.page.goto("about:blank")
        person.page.set_content(html)
        yield f"mail-{kind}", person.page
