"""Beat and the web server are killed, and what people did is not lost."""

import sys
import threading
import time

import pytest
import requests

from portal.sandbox.supervisor.plan import free_port
from tests.faults.house import House
from tests.processes import wait_for

pytestmark = pytest.mark.timeout(240)
COUNT = "select count(*) from consent_outboxmessage"


def test_beat_killed_while_a_bell_is_lost_finds_the_mail_when_two_run_again(house: House) -> None:
    house.start("worker")
    house.start("beat")
    house.ask("ana@contoso.example")
    house.wait_until_sent(1)

    house.kill("beat")
    house.redis.kill()
    house.ask("ben@contoso.example")
    house.redis.start()
    house.redis.client().flushall()
    for part in ("beat-1", "beat-2"):
        house.start(part)

    house.wait_until_sent(2)
    assert sorted(house.mail.by_message_id.values()) == [1, 1]


def start_web(house: House) -> str:
    """The portal's web server, ready; its address."""
    port = free_port()
    command = ("gunicorn", "portal.wsgi", "--worker-class", "gthread", "--threads", "4")
    house.start("web", sys.executable, "-W", "ignore", "-m", *command, "-b", f"127.0.0.1:{port}")
    url = f"http://localhost:{port}"
    wait_for(lambda: answers(url), "the web server answers", within_s=30)
    return url


def answers(url: str) -> bool:
    """Whether it is alive."""
    try:
        return requests.get(f"{url}/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


def ask(url: str, email: str) -> None:
    """Send the form; nobody waits for the answer, for the server dies meanwhile."""
    browser = requests.Session()
    browser.trust_env = False
    browser.get(f"{url}/", timeout=20)
    form = {"email": email, "app": "acme-calendar", "name": "", "admin_email": "", "note": ""}
    form["csrfmiddlewaretoken"] = browser.cookies["portal_csrf"]
    try:
        browser.post(f"{url}/ask/", form, headers={"Origin": url}, timeout=20)
    except requests.ConnectionError:
        return


def test_web_killed_as_soon_as_the_row_is_there_still_sends_the_mail_once(house: House) -> None:
    url = start_web(house)
    # Without Redis the bell hangs a moment after the commit: the server dies before it could ring.
    house.redis.kill()
    asking = threading.Thread(target=ask, args=(url, "ana@contoso.example"))
    asking.start()
    wait_for(lambda: house.rows(COUNT) == [(1,)], "the mail is queued", within_s=30)

    house.kill("web")
    asking.join()
    house.redis.start()
    house.start("worker")
    house.start("beat")

    house.wait_until_sent(1)
    time.sleep(2)
    assert list(house.mail.by_message_id.values()) == [1]
