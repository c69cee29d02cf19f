"""Redis, PostgreSQL and the worker's looks die and come back; work resumes by itself."""

import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import services
from tests.conftest import missing
from tests.faults.house import A_MINUTE_S, House, open_house
from tests.processes import wait_for

pytestmark = pytest.mark.timeout(240)


def test_redis_dead_while_somebody_asks_loses_nothing(house: House) -> None:
    house.redis.kill()
    started = time.monotonic()
    house.ask("ana@contoso.example")
    assert time.monotonic() - started < 20

    house.redis.start()
    house.start("worker")
    house.start("beat")

    house.wait_until_sent(1)
    assert list(house.mail.by_message_id.values()) == [1]


def test_redis_killed_and_emptied_under_a_running_worker_is_found_again(house: House) -> None:
    house.start("worker")
    house.start("beat")
    house.ask("ana@contoso.example")
    house.wait_until_sent(1)

    house.redis.kill()
    house.ask("ben@contoso.example")
    house.redis.start()
    house.redis.client().flushall()

    house.wait_until_sent(2)
    assert sorted(house.mail.by_message_id.values()) == [1, 1]


def test_postgres_killed_under_a_running_worker_is_found_again(tmp_path: Path) -> None:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(services.running(services.Postgres()))
            house = open_house(stack, tmp_path, "sqlite")
        except services.Missing as reason:
            missing(reason)
        house.database_url = server.url
        house.prepare()
        house.start("worker")
        house.start("beat")
        house.ask("ana@contoso.example")
        house.wait_until_sent(1)

        # The tests' PostgreSQL writes its log a moment after a commit; a real one before it.
        time.sleep(2)
        server.kill()
        (server.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        server.start()
        house.ask("ben@contoso.example")

        house.wait_until_sent(2)
        assert sorted(house.mail.by_message_id.values()) == [1, 1]


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_look_worker_killed_during_a_look_looks_again(house: House) -> None:
    house.microsoft.control({"faults": {"token": {"timeout": 1.0, "timeout_s": 30}}})
    house.run(
        """
from django.utils import timezone
from consent import placing, tickets
app = AppRegistration.objects.get(slug="acme-calendar")
ticket = tickets.ask(app=app, email="ana@contoso.example", name="", note="", pasted="", seen="",
    administrator_email="admin@contoso.example")
tickets.confirm(ticket)
told = placing.place(ticket)
"""
    )
    house.start("worker")
    house.start("beat")
    leased = "select count(*) from consent_watch where lease_until is not null"
    wait_for(lambda: house.rows(leased) == [(1,)], "a look is on its way", within_s=60)

    house.kill("worker")
    house.microsoft.control({"faults": {"token": {}}})
    house.start("worker")

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


def test_worker_killed_between_grant_and_mails_tells_everybody_once(house: House) -> None:
    house.run(
        """
from consent import placing, tickets
app = AppRegistration.objects.get(slug="acme-suite")
for who in ("ana", "ben", "eva"):
    ticket = tickets.ask(app=app, email=f"{who}@contoso.example", name="", note="", pasted="",
        seen="", administrator_email="")
    tickets.confirm(ticket)
    placing.place(ticket)
OutboxMessage.objects.all().delete()
told = True
"""
    )
    grant = {"tenant": "contoso.example", "app": "acme-suite", "by": "admin@contoso.example"}
    house.microsoft.control({"grants": [grant]})
    house.mail.mode = "hold before"
    house.start("worker")
    house.start("beat")
    assert house.mail.reached.wait(90)

    house.kill("worker")
    house.mail.mode = "take"
    house.start("worker")

    house.wait_until_sent(3)
    assert sorted(house.mail.by_message_id.values()) == [1, 1, 1]
    assert house.rows("select kind from consent_outboxmessage") == [("consent_granted",)] * 3
