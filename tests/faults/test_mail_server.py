"""The mail server fails in every way it can, or is held back on purpose; nothing is lost."""

import time
from collections import Counter

import pytest

from tests.faults.house import House
from tests.faults.story import ask
from tests.processes import wait_for

pytestmark = pytest.mark.timeout(240)
STOP = "from consent.outbox import stopping; stopping.stop(by=None)"
RESUME = STOP.replace("stop(", "resume(")


def of_contoso(*people: str) -> list[str]:
    """Their addresses."""
    return [f"{who}@contoso.example" for who in people]


def test_mail_server_that_is_away_gets_everything_a_moment_after_it_is_back(house: House) -> None:
    house.mail.leave()
    ask(house, *of_contoso("ana", "ben"))
    house.start("worker", "beat")
    said = "select error from consent_outboxmessage where error <> ''"
    wait_for(lambda: house.rows(said), "a call was tried", within_s=60)
    # An outage, however long, costs no mail a try, so that none waits longer for it afterwards.
    time.sleep(5)
    waiting = "select id from consent_outboxmessage where state = 'queued' and attempts = 0"
    wait_for(lambda: len(house.rows(waiting)) == 2, "both wait between two calls")

    house.mail.come_back()

    house.wait_until_sent(2, within_s=30)
    assert sorted(house.mail.by_message_id.values()) == [1, 1]


def test_mail_server_that_is_silent_is_left_and_gets_it_a_minute_later(house: House) -> None:
    house.mail.mode = "silent"
    ask(house, *of_contoso("ana"))
    house.start("worker", "beat")
    assert house.mail.reached.wait(60)
    row = "select state, error from consent_outboxmessage"
    wait_for(
        lambda: house.rows(row) == [("queued", "SMTPServerDisconnected")],
        "the call is given up",
        within_s=30,
    )

    house.mail.mode = "take"

    house.wait_until_sent(1)
    assert list(house.mail.by_message_id.values()) == [1]


def test_mail_server_that_hangs_up_instead_of_an_answer_gets_a_twin_of_the_same_id(
    house: House,
) -> None:
    house.mail.mode, house.twins = "drop", 1
    ask(house, *of_contoso("ana"))
    house.start("worker", "beat")
    assert house.mail.reached.wait(60)

    house.mail.mode = "take"

    house.wait_until_sent(1, within_s=90)
    # Promise 2's one exception: nobody can know whether the first was kept.
    assert list(house.mail.by_message_id.values()) == [2]


def test_mailbox_that_is_full_keeps_nobody_else_waiting(house: House) -> None:
    house.mail.full = {"ana@contoso.example"}
    ask(house, *of_contoso("ana", "ben", "eva"))
    house.start("worker", "beat")
    wait_for(
        lambda: house.mail_states() == Counter({"sent": 2, "queued": 1}),
        "the others have theirs",
        within_s=60,
    )
    assert sorted(house.mail.recipients) == ["ben@contoso.example", "eva@contoso.example"]

    house.mail.full = set()

    house.wait_until_sent(3, within_s=90)
    assert sorted(house.mail.by_message_id.values()) == [1, 1, 1]


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_mails_stopped_in_the_middle_of_a_crowd_are_sent_once_each_afterwards(house: House) -> None:
    house.run(STOP)
    ask(house, *of_contoso(*(f"p{number}" for number in range(40))))
    house.start("worker", "beat")
    # Each letter takes a while, so that the switch is turned between two of them.
    house.mail.seconds_a_letter = 0.3
    house.run(RESUME)
    wait_for(lambda: house.mail.taken, "the first has left", within_s=60)
    house.run(STOP)
    time.sleep(1)
    taken = len(house.mail.taken)
    time.sleep(4)

    assert 0 < len(house.mail.taken) == taken < 40
    assert house.mail_states() == Counter({"sent": taken, "queued": 40 - taken})
    house.mail.seconds_a_letter = 0.0
    house.run(RESUME)

    house.wait_until_sent(40)
    assert sorted(house.mail.by_message_id.values()) == [1] * 40
