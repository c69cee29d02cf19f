"""Redis and PostgreSQL die and come back; work resumes by itself."""

import signal
import time

import pytest

from tests.faults.house import A_MINUTE_S, House
from tests.faults.story import (
    approve,
    ask,
    everybody_was_told_once,
    leased,
    wait_for_approval,
    wait_for_state,
)
from tests.processes import wait_for

pytestmark = pytest.mark.timeout(240)
on_both_databases = pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)


def test_redis_dead_while_somebody_asks_loses_nothing(house: House) -> None:
    house.kill("redis")
    started = time.monotonic()
    ask(house, "ana@contoso.example")
    assert time.monotonic() - started < 20

    house.start("redis", "worker", "beat")

    house.wait_until_sent(1)
    assert list(house.mail.by_message_id.values()) == [1]


def test_redis_killed_and_emptied_under_a_running_worker_is_found_again(house: House) -> None:
    house.start("worker", "beat")
    ask(house, "ana@contoso.example")
    house.wait_until_sent(1)

    house.kill("redis")
    ask(house, "ben@contoso.example")
    house.start("redis")

    house.wait_until_sent(2)
    assert sorted(house.mail.by_message_id.values()) == [1, 1]


@on_both_databases
def test_redis_dead_while_looks_are_under_way_holds_up_none_of_them(house: House) -> None:
    house.microsoft.control({"latency_s": 2})
    wait_for_approval(house, "northwind.example", "adatum.example")
    approve(house, "northwind.example", "adatum.example")
    house.start("worker", "beat")
    both = {"northwind.example", "adatum.example"}
    wait_for(lambda: leased(house) == both, "both are being looked at", within_s=A_MINUTE_S)

    house.kill("redis")

    # What is found is written down all the same; the mails wait for a bell.
    wait_for_state(house, "granted", *both)
    house.start("redis")
    everybody_was_told_once(house, 2)


@pytest.mark.parametrize("house", ["postgres"], indirect=True)
def test_postgres_restarted_under_an_idle_worker_is_found_again(house: House) -> None:
    house.start("worker", "beat")
    ask(house, "ana@contoso.example")
    house.wait_until_sent(1)

    # As an operator does it: sessions are ended, nothing is waited for.
    assert house.postgres
    house.postgres.end(signal.SIGINT)
    house.start("postgres")
    ask(house, "ben@contoso.example")

    house.wait_until_sent(2)
    assert sorted(house.mail.by_message_id.values()) == [1, 1]


def test_look_worker_killed_during_a_look_looks_again(house: House) -> None:
    house.microsoft.control({"faults": {"token": {"timeout": 1.0, "timeout_s": 30}}})
    house.run(
        """
from consent import placing, tickets
app = AppRegistration.objects.get(slug="acme-calendar")
ticket = tickets.ask(app=app, email="ana@contoso.example", name="", note="", pasted="", seen="",
    administrator_email="admin@contoso.example")
tickets.confirm(ticket)
told = placing.place(ticket)
"""
    )
    house.start("worker", "beat")
    wait_for(lambda: leased(house) == {"contoso.example"}, "a look is on its way", within_s=60)

    house.kill("worker")
    house.microsoft.control({"faults": {"token": {}}})
    house.start("worker")

    # Its lease ends in earnest.
    outcomes = "select outcome from consent_check"
    wait_for(lambda: ("absent",) in house.rows(outcomes), "looked again", within_s=A_MINUTE_S)
    assert house.rows("select state, rung from consent_consentrequest") == [("asked", "none")]
    # The confirmation is not sent any more, since the address was confirmed meanwhile.
    kinds = "select kind, state from consent_outboxmessage order by id"
    wait_for(
        lambda: house.rows(kinds) == [("confirm_request", "dropped"), ("approval_request", "sent")],
        "the administrator's mail is sent",
        within_s=A_MINUTE_S,
    )
    assert house.mail.by_message_id.total() == 1
