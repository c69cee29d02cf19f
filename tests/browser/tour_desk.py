"""The same walk past the pages of agents, operators and newcomers, after the customers' part."""

from collections.abc import Iterator

from portal.sandbox.microsoft.seed import APPS
from tests.browser.tour import (
    ANA,
    DECLINER,
    EVA,
    Stop,
    Tour,
    asking,
    astray,
    blocked,
    deciding,
    declining,
    mails,
    reading,
)
from tests.browser.visitor import Visitor

LEAD, PASSWORD = "lead@acme.example", "demo"
OPERATORS = "operators@acme.example"
TAILSPIN, RELECLOUD = "tailspin.example", "relecloud.example"
SUITE = "acme-suite"


def signed_in(tour: Tour) -> Visitor:
    """The lead agent at the desk."""
    lead = tour.visit()
    lead.open("/desk/")
    lead.send("login", login=LEAD, password=PASSWORD)
    return lead


def open_ticket(lead: Visitor, requester: str) -> None:
    """Find that requester's newest ticket and open it."""
    lead.open(f"/desk/?view=all&q={requester}")
    lead.page.locator("table.queue td.key a").first.click()
    lead.page.wait_for_load_state()


def desk(tour: Tour) -> Iterator[Stop]:
    """The agents' pages; on the way a decline is agreed with and an approval nobody announced is
    found.
    """
    lead = tour.visit()
    lead.open("/desk/")
    yield "desk-login", lead.page
    lead.send("login", login=LEAD, password="wrong")
    yield "desk-login-mistake", lead.page
    lead.send("login", login=LEAD, password=PASSWORD)
    yield "desk-queue", lead.page
    for view in ("mine", "all"):
        lead.open(f"/desk/?view={view}")
        yield f"desk-queue-{view}", lead.page
    lead.open("/desk/codes/")
    yield "desk-codes", lead.page
    lead.open("/desk/mails/")
    yield "desk-mails", lead.page
    lead.press("Stop all mails")
    yield "desk-mails-stopped", lead.page
    lead.press("Let mails leave")
    open_ticket(lead, ANA)
    lead.unfold()
    lead.page.wait_for_load_state("networkidle")
    yield "desk-ticket-screenshot", lead.page
    open_ticket(lead, EVA)
    lead.send("reply", "Keep as a note", message="They want a smaller set of permissions.")
    lead.send("reply", "Reply to the requester", message="We talk to your administrator.")
    lead.press("New address for the status page")
    tour.stage.mail("status_moved", EVA)
    answer = lead.page.locator("details[open] form[action$='/answer/']")
    answer.locator("textarea").fill("In Frankfurt.")
    with lead.page.expect_navigation():
        answer.locator("button").click()
    tour.stage.mail("administrator_reply", DECLINER)
    yield "desk-ticket-declined", lead.page
    lead.press("Agree with the decline")
    tour.stage.mail("request_declined", EVA)
    yield "desk-ticket-agreed", lead.page
    ana, grant = f"ana@{TAILSPIN}", {"tenant": TAILSPIN, "app": "acme-calendar"}
    person = tour.asked(ana, f"admin@{TAILSPIN}")
    tour.stage.looked_at(TAILSPIN)
    tour.stage.control({"grants": [{**grant, "by": f"admin@{TAILSPIN}"}]})
    open_ticket(lead, ana)
    yield "desk-ticket-asked", lead.page
    lead.press("Look now")
    tour.stage.mail("try_connection", ana)
    open_ticket(lead, ana)
    yield "desk-ticket-looks-approved", lead.page
    lead.unfold()
    yield "desk-ticket-unfolded", lead.page
    person.open(person.page.url)
    yield "public-status-looks-approved", person.page
    lead.page.locator("a[href*='/desk/tenants/']").first.click()
    yield "desk-tenant", lead.page
    lead.open("/desk/tickets/new/")
    yield "desk-new", lead.page
    lead.send("new-ticket", email="nobody")
    yield "desk-new-mistake", lead.page
    for name in ("password/change", "password/reset", "2fa", "logout"):
        lead.open(f"/accounts/{name}/")
        yield f"desk-account-{name.replace('/', '-')}", lead.page


def operating(tour: Tour) -> Iterator[Stop]:
    """A customer withdraws by a switch what he approved, and our own credential breaks."""
    lead, ana = signed_in(tour), f"ana@{RELECLOUD}"
    approved = {"tenant": RELECLOUD, "app": SUITE, "by": f"admin@{RELECLOUD}"}
    tour.asked(ana, f"admin@{RELECLOUD}", SUITE)
    tour.stage.control({"grants": [approved]})
    open_ticket(lead, ana)
    lead.press("Look now")
    tour.stage.mail("consent_granted", ana)
    tour.stage.control({"tenants": {RELECLOUD: {"disabled": True}}})
    lead.press("Look now")
    changed = lead.page.locator("table.queue tbody tr", has_text="Switched off")
    tour.stage.awaited(lambda: lead.open("/desk/?view=all") or changed.count(), "a change")
    changed.locator("td.key a").click()
    lead.page.wait_for_load_state()
    yield "desk-ticket-changed", lead.page
    # A look that meets a refusal makes the worker ask at home at once.
    tour.stage.control({"tenants": {RELECLOUD: {"disabled": False}}})
    tour.stage.control({"apps": {SUITE: {"secrets": ["another"]}}})
    lead.press("Look now")
    lead.open("/desk/radar/")
    yield "desk-radar", lead.page
    tour.stage.mail("operators_alarm", OPERATORS)
    lead.open("/desk/worker/")
    yield "desk-worker-alarm", lead.page
    lead.open("/desk/?view=all")
    yield "desk-queue-alarm", lead.page
    ours = next(app.secret for app in APPS if app.slug == SUITE)
    tour.stage.control({"apps": {SUITE: {"secrets": [ours]}}})
    tour.stage.mail("operators_alarm_over", OPERATORS)
    lead.open("/desk/worker/")
    yield "desk-worker", lead.page


def back_office(tour: Tour) -> Iterator[Stop]:
    """Django's admin, as far as it is ours."""
    lead = signed_in(tour)
    lead.open("/admin/")
    yield "admin", lead.page
    lead.open("/admin/consent/ticket/")
    yield "admin-tickets", lead.page
    lead.page.locator("#result_list tbody .field-number a").first.click()
    lead.page.wait_for_load_state()
    yield "admin-ticket", lead.page


def sandbox(tour: Tour) -> Iterator[Stop]:
    """What only a demo has."""
    person = tour.visit()
    for name, address in (
        ("sandbox", "/sandbox/"),
        ("sandbox-mailbox", "/sandbox/mailbox/"),
        ("sandbox-mail", f"/sandbox/mailbox/{tour.stage.mails()[0]['id']}/"),
        ("microsoft-overview", f"{tour.stage.microsoft}/"),
        ("microsoft-error", f"{tour.stage.microsoft}/contoso.example/v2.0/adminconsent"),
    ):
        person.open(address)
        yield name, person.page


def all_stops(tour: Tour) -> Iterator[Stop]:
    """Everything there is to see; the mails last, when all kinds were sent."""
    customers = (blocked, asking, deciding, declining)
    behind = (desk, operating, back_office, sandbox)
    for part in (*customers, *behind, reading, astray, mails):
        yield from part(tour)
