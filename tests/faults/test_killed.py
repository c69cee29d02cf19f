"""Beat is killed, or there are two of it, and two workers: what is due is found, by one of them."""

from collections import Counter

import pytest

from tests.faults.house import House
from tests.faults.story import (
    OUTCOMES,
    approve,
    ask,
    due_now,
    everybody_was_told_once,
    wait_for_approval,
    wait_for_state,
)
from tests.processes import wait_for

pytestmark = pytest.mark.timeout(240)
on_both_databases = pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
TEN = tuple(f"t{number}.example" for number in range(1, 11))
ROUNDS = 5


def test_beat_killed_while_a_bell_is_lost_finds_the_mail_when_two_run_again(house: House) -> None:
    house.start("worker", "beat")
    ask(house, "ana@contoso.example")
    house.wait_until_sent(1)

    house.kill("beat", "redis")
    ask(house, "ben@contoso.example")
    house.start("redis", "beat-1", "beat-2")

    house.wait_until_sent(2)
    assert len(house.mail.by_message_id) == 2


@on_both_databases
def test_two_beats_and_two_workers_make_each_look_once(house: House) -> None:
    # So slow that nothing becomes due by itself meanwhile.
    house.variables["CHECK_PACE"] = "1"
    house.microsoft.control({"crowd": len(TEN), "latency_s": 0.5})
    wait_for_approval(house, *TEN)
    house.start("worker-1", "worker-2", "beat-1", "beat-2")
    for number in range(1, ROUNDS + 1):
        wait_for(
            lambda number=number: looks(house) == dict.fromkeys(TEN, number),
            lambda number=number: f"{number} looks at each: {looks(house)}",
            within_s=60,
        )
        if number == ROUNDS - 1:
            approve(house, *TEN)
        if number < ROUNDS:
            due_now(house)

    wait_for_state(house, "granted", *TEN)
    everybody_was_told_once(house, len(TEN))
    # Both beats rang each second for each of them, and nobody looked once more than was due.
    assert looks(house) == dict.fromkeys(TEN, ROUNDS)


def looks(house: House) -> Counter[str]:
    """How many looks at each tenant were written down."""
    return Counter(domain for domain, _outcome in house.rows(OUTCOMES))
