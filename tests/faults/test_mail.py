"""A worker dies around the sending of a mail, and nobody is forgotten or told twice.

Here the leases of the dead end in earnest; test_steps.py plays the same at more places.
"""

from collections import Counter

import pytest

from tests.faults.house import House
from tests.faults.story import ask
from tests.processes import wait_for

pytestmark = pytest.mark.timeout(240)
on_both_databases = pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)


@pytest.mark.parametrize("house", ["postgres"], indirect=True)
def test_mail_worker_killed_between_claim_and_send_sends_it_once(house: House) -> None:
    house.mail.mode = "hold before"
    ask(house, "ana@contoso.example")
    house.start("worker", "beat")
    assert house.mail.reached.wait(60)
    assert house.mail_states() == Counter({"sending": 1})

    house.kill("worker")
    house.mail.mode = "take"
    house.start("worker")

    house.wait_until_sent(1)
    assert list(house.mail.by_message_id.values()) == [1]


def test_mail_worker_killed_between_send_and_mark_sends_its_twin_once(house: House) -> None:
    house.mail.mode, house.twins = "hold after", 1
    ask(house, "ana@contoso.example")
    house.start("worker", "beat")
    assert house.mail.reached.wait(60)

    house.kill("worker")
    house.mail.mode = "take"
    house.start("worker")

    house.wait_until_sent(1)
    # Promise 2's one exception: the twin carries the same Message-ID, so that receivers drop it.
    assert list(house.mail.by_message_id.values()) == [2]


@on_both_databases
def test_mail_two_workers_and_two_beats_send_each_once(house: House) -> None:
    ask(house, *(f"p{number}@contoso.example" for number in range(40)))
    house.start("worker-1", "worker-2", "beat-1", "beat-2")

    house.wait_until_sent(40)
    assert sorted(house.mail.by_message_id.values()) == [1] * 40


def test_mail_server_refusing_for_a_while_gets_it_later(house: House) -> None:
    house.mail.mode = "refuse"
    ask(house, "ana@contoso.example")
    house.start("worker", "beat")
    row = "select state, attempts, error from consent_outboxmessage"
    wait_for(
        lambda: house.rows(row) == [("queued", 1, "451 not now")],
        "the refused mail is queued again",
        within_s=60,
    )

    house.mail.mode = "take"

    house.wait_until_sent(1, within_s=90)
    assert list(house.mail.by_message_id.values()) == [1]
