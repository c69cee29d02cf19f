"""A worker dies around the sending of a mail, and nobody is forgotten or told twice."""

from collections import Counter

import pytest

from tests.faults.house import House
from tests.processes import wait_for

pytestmark = pytest.mark.timeout(240)
on_both_databases = pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)


@on_both_databases
def test_mail_worker_killed_between_claim_and_send_sends_it_once(house: House) -> None:
    house.mail.mode = "hold before"
    house.ask("ana@contoso.example")
    house.start("worker")
    house.start("beat")
    assert house.mail.reached.wait(60)
    assert house.mail_states() == Counter({"sending": 1})

    house.kill("worker")
    house.mail.mode = "take"
    house.start("worker")

    house.wait_until_sent(1)
    assert list(house.mail.by_message_id.values()) == [1]


@on_both_databases
def test_mail_worker_killed_between_send_and_mark_sends_its_twin_once(house: House) -> None:
    house.mail.mode = "hold after"
    house.ask("ana@contoso.example")
    house.start("worker")
    house.start("beat")
    assert house.mail.reached.wait(60)

    house.kill("worker")
    house.mail.mode = "take"
    house.start("worker")

    house.wait_until_sent(1)
    # Promise 2's one exception: the twin carries the same Message-ID, so that receivers drop it.
    assert list(house.mail.by_message_id.values()) == [2]


@on_both_databases
def test_mail_two_workers_and_two_beats_send_each_once(house: House) -> None:
    house.run(
        """
from consent import tickets
app = AppRegistration.objects.get(slug="acme-calendar")
for number in range(40):
    tickets.ask(app=app, email=f"p{number}@contoso.example", name="", note="", pasted="", seen="",
        administrator_email="")
told = True
"""
    )
    for part in ("worker-1", "worker-2", "beat-1", "beat-2"):
        house.start(part)

    house.wait_until_sent(40)
    assert sorted(house.mail.by_message_id.values()) == [1] * 40


def test_mail_server_refusing_for_a_while_gets_it_later(house: House) -> None:
    house.mail.mode = "refuse"
    key = house.ask("ana@contoso.example")
    house.start("worker")
    house.start("beat")
    row = f"select state, attempts, error from consent_outboxmessage where id = {key}"
    wait_for(
        lambda: house.rows(row) == [("queued", 1, "451 not now")],
        "the refused mail is queued again",
        within_s=60,
    )

    house.mail.mode = "take"

    house.wait_until_sent(1, within_s=90)
    assert list(house.mail.by_message_id.values()) == [1]
