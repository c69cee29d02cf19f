"""Steps of pages: what a person did is written down, the bell is not rung, and no answer came.

Redis takes calls and answers none, so that the web server hangs at the bell, and worker and beat
hear of nothing. Who is killed there dies with it; where that is not Redis, it answers again.
"""

import threading
from collections.abc import Callable

import requests

from tests.faults.browser import Browser
from tests.faults.house import A_MINUTE_S, House
from tests.faults.steps import Step
from tests.faults.story import approve, wait_for_state
from tests.processes import wait_for

TICKET = """
from consent import tickets, tokens
ticket = tickets.ask(app=AppRegistration.objects.get(slug="acme-suite"), name="", note="",
    email="ana@contoso.example", pasted="", seen="", administrator_email="admin@contoso.example")
told = f"/t/{tokens.ticket_token(ticket)}/", tokens.confirmation_code(ticket)
"""
LINK = """
from consent import placing, tickets, tokens
ticket = tickets.ask(app=AppRegistration.objects.get(slug="acme-suite"), name="", note="",
    email="ana@contoso.example", pasted="", seen="", administrator_email="admin@contoso.example")
tickets.confirm(ticket)
placing.place(ticket)
OutboxMessage.objects.all().delete()
told = f"/a/{tokens.approval_token(ApprovalLink.objects.get())}/"
"""
AT_WORK = "select name from consent_pulse where name = 'mail'"
MAILS = "select kind, state from consent_outboxmessage order by kind"
EVENTS = "select count(*) from consent_event where kind = '{}'"
CLAIMS = "select count(*) from consent_evidence where kind = 'claim'"


def _while_redis_is_frozen(house: House, act: Callable[[], object], sign: str) -> None:
    """The person acts, and nobody waits for the answer; comes back when `sign`, a query that
    counts, says that it is written down.
    """
    assert house.rows(sign) == [(0,)]
    house.freeze_redis()
    threading.Thread(target=_unanswered, args=(act,), daemon=True).start()
    wait_for(lambda: house.rows(sign) == [(1,)], sign, within_s=30)


def _unanswered(act: Callable[[], object]) -> None:
    try:
        act()
    except requests.RequestException:
        return


def _all_at_work(house: House) -> None:
    house.start_web()
    house.start("worker", "beat")
    wait_for(lambda: house.rows(AT_WORK), "a worker is at work", within_s=60)


def asked(house: House) -> None:
    """The form was sent, and the confirmation is queued."""
    _all_at_work(house)
    browser = Browser(house)
    page = browser.open(f"{house.url}/")
    form = {"email": "ana@contoso.example", "app": "acme-suite", "admin_email": ""}
    form |= {"name": "", "note": "", "csrfmiddlewaretoken": browser.session.cookies["portal_csrf"]}
    assert page.status == 200
    _while_redis_is_frozen(
        house,
        lambda: browser._call("POST", f"{house.url}/ask/", form),
        "select count(*) from consent_outboxmessage",
    )


def confirmed(house: House) -> None:
    """The address is confirmed, and the tenant is not looked up yet, or just now."""
    _all_at_work(house)
    path, code = house.run(TICKET)
    house.wait_until_sent(1)
    browser = Browser(house)
    page = browser.open(house.url + path)
    _while_redis_is_frozen(
        house,
        lambda: browser.submit(page, "confirm", code=code),
        "select count(*) from consent_ticket where confirmed_at is not null",
    )


def left(house: House) -> None:
    """*Continue* was pressed, and the way to Microsoft never reached the browser."""
    browser, page = _administrator(house)
    _while_redis_is_frozen(
        house,
        lambda: browser.submit(page, "continue", follow=False),
        "select count(*) from consent_consentattempt",
    )


def returned(house: House) -> None:
    """Approved at Microsoft and back: the claim is stored, and the browser was told nothing."""
    browser, page = _administrator(house)
    page = browser.submit(page, "continue", follow=False)
    page = browser.open(page.headers["Location"])
    page = browser.submit(page, "signin", account="admin@contoso.example")
    house.approved.add("contoso.example")
    page = browser.submit(page, "consent", follow=False, decision="accept")
    _while_redis_is_frozen(house, lambda: browser.open(page.headers["Location"]), CLAIMS)


def declined(house: House) -> None:
    """The administrator said no."""
    browser, page = _administrator(house)
    _while_redis_is_frozen(
        house,
        lambda: browser.submit(page, "decline", reason="too_broad", note=""),
        EVENTS.format("link_declined"),
    )


def _administrator(house: House) -> tuple[Browser, object]:
    """The administrator's browser, and the page behind the emailed link."""
    path = house.run(LINK)
    _all_at_work(house)
    browser = Browser(house)
    return browser, browser.open(house.url + path)


def redis_answers(house: House) -> None:
    """Unless it is dead."""
    if "redis" not in house.dead:
        house.thaw_redis()


def _work_goes_on(house: House) -> None:
    wait_for(house.web_answers, "the web server answers again", within_s=60)


def _mails_are(house: House, *wanted: tuple[str, str]) -> None:
    wait_for(
        lambda: house.rows(MAILS) == list(wanted),
        lambda: f"{wanted}: {house.rows(MAILS)}",
        within_s=A_MINUTE_S,
    )
    assert len(house.mail.by_message_id) == sum(state == "sent" for _kind, state in wanted)


def confirmation_arrives(house: House) -> None:
    """One mail, and no second one where the form is sent once more by nobody."""
    _work_goes_on(house)
    _mails_are(house, ("confirm_request", "sent"))


def administrator_is_asked(house: House) -> None:
    """The tenant is found, and the administrator gets one link."""
    _work_goes_on(house)
    asked_once = (("approval_request", "sent"), ("confirm_request", "sent"))
    _mails_are(house, *asked_once)
    path = house.run("from consent import tokens; told = tokens.ticket_token(Ticket.objects.get())")
    assert Browser(house).open(f"{house.url}/t/{path}/").status == 200
    assert house.rows(EVENTS.format("ticket_confirmed")) == [(1,)]
    assert house.rows(MAILS) == list(asked_once)


def next_trip_succeeds(house: House) -> None:
    """*Continue* is pressed again, and that trip is granted."""
    _work_goes_on(house)
    path = house.run(
        "from consent import tokens; told = tokens.approval_token(ApprovalLink.objects.get())"
    )
    browser = Browser(house)
    house.approved.add("contoso.example")
    page = browser.submit(browser.open(f"{house.url}/a/{path}/"), "continue")
    browser.at_microsoft(page, "admin@contoso.example")
    _granted_and_told(house)
    outcomes = "select outcome from consent_consentattempt order by id"
    assert house.rows(outcomes) == [("away",), ("claimed",)]


def claim_is_proved(house: House) -> None:
    """The claim is there once, and the worker proves it without any browser."""
    _work_goes_on(house)
    _granted_and_told(house)
    assert house.rows(CLAIMS) == [(1,)]


def _granted_and_told(house: House) -> None:
    wait_for_state(house, "granted", "contoso.example")
    _mails_are(house, ("consent_granted", "sent"), ("consent_receipt", "sent"))


def decline_stands(house: House) -> None:
    """It stands once, and can be taken back; then an approval still counts."""
    _work_goes_on(house)
    path = house.run(
        "from consent import tokens; told = tokens.approval_token(ApprovalLink.objects.get())"
    )
    browser = Browser(house)
    page = browser.open(f"{house.url}/a/{path}/result/")
    assert house.rows(EVENTS.format("link_declined")) == [(1,)]
    browser.submit(page, "undo")
    assert house.rows("select state from consent_approvallink") == [("live",)]
    approve(house, "contoso.example")
    house.run("from consent import watching\nwatching.wanted(ConsentRequest.objects.get())")
    _granted_and_told(house)


STEPS = (
    Step("asked", asked, redis_answers, confirmation_arrives),
    Step("confirmed", confirmed, redis_answers, administrator_is_asked),
    Step("left", left, redis_answers, next_trip_succeeds),
    Step("returned", returned, redis_answers, claim_is_proved),
    Step("declined", declined, redis_answers, decline_stands),
)
