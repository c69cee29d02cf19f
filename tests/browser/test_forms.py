"""Every form of customers' pages is sent once by a real browser, and no policy forbids it."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from tests.browser.stage import Stage
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(150)
ANA, BOSS, CLARA = (f"{who}@relecloud.example" for who in ("ana", "admin", "cloudadmin"))


def forms_of_customers() -> set[str]:
    """The ids of all forms in customers' templates."""
    folder = Path(settings.BASE_DIR, "templates")
    pages = [page for room in ("public", "approval") for page in (folder / room).glob("*.html")]
    forms = [form for page in pages for form in re.findall(r"<form[^>]*", page.read_text())]
    assert len(forms) > 15
    return {re.search(r' id="([\w-]+)"', form)[1] for form in forms}


def test_every_customers_form_is_sent_and_no_policy_forbids_it(
    stage: Stage, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    ana, phone, boss, clara = visit(), visit(), visit(), visit()

    ana.ask(ANA, BOSS)
    ana.send("again")
    code = ana.page.locator(".code-digits").inner_text()
    phone.open(stage.link("confirm_request", ANA, "/t/"))
    phone.send("confirm", code=code)
    assert phone.heading == "An administrator has been asked"
    phone.send("reply", message="Is there news?")
    phone.send("share")
    phone.page.screenshot(path=tmp_path / "shown.png")
    phone.send("screenshot", screenshot=str(tmp_path / "shown.png"))
    phone.send("tried", "Still blocked", pasted="AADSTS90094")
    status = phone.page.url.partition("?")[0]

    page = stage.link("approval_request", BOSS, "/a/")
    boss.open(page)
    boss.send("ask", message="Where is the data kept?")
    boss.send("later", until=f"{timezone.localdate() + timedelta(days=3)}", note="On Friday.")
    boss.send("forward", email=CLARA)
    boss.send("prove")
    assert boss.heading == "We see no approval yet"
    boss.open(page)
    boss.send("decline", reason="need_documents", note="I want to read first.")
    boss.send("undo")
    boss.send("continue")
    boss.open(page)
    boss.send("saw", seen="need_admin")
    clara.open(stage.link("approval_request", CLARA, "/a/"))
    clara.send("not-me")
    assert clara.heading == "You said that somebody else decides this"

    phone.send("administrator")
    phone.send("continue")
    phone.sign_in_at_microsoft(BOSS)
    phone.send("consent", "Accept")
    stage.mail("consent_granted", ANA)
    ana.open(status)
    ana.send("test")
    ana.send("test", "Sign in and test")
    ana.sign_in_at_microsoft(ANA)
    assert ana.heading == "Approved. You can connect now"
    ana.send("tried", "It works now")
    assert ana.heading == "You are connected"

    phone.ask("ben@relecloud.example")
    phone.open(stage.link("confirm_request", "ben@relecloud.example", "/t/"))
    phone.send("confirm")
    phone.send("withdraw")
    assert phone.heading == "This ticket is closed"
    phone.open(stage.link("confirm_request", "ben@relecloud.example", "/stop/"))
    phone.send("stop")
    assert phone.heading == "We do not write to you any more"
    phone.send("stop")
    assert phone.heading == "Never write to me again?"

    clara.open("/linter/")
    clara.send("linter", url="https://login.microsoftonline.com/common/v2.0/adminconsent")
    assert clara.page.locator("#found").inner_text() == "3 parts are wrong"

    sent = {form for visitor in (ana, phone, boss, clara) for form in visitor.sent}
    assert sent == forms_of_customers()
