"""Steps of looks: who looks, who rings for looks, and what they stand on."""

import random
import time

from tests.faults.house import A_MINUTE_S, REVOKED_AFTER_S, House
from tests.faults.steps import Step, nothing
from tests.faults.steps_of_mails import IN_HAND, letters_are_quick
from tests.faults.story import (
    SUITE,
    approve,
    due_now,
    everybody_was_told_once,
    leased,
    outcomes,
    states,
    wait_for_approval,
    wait_for_state,
)
from tests.processes import wait_for

TWO = ("northwind.example", "adatum.example")
CROWD = tuple(f"t{number}.example" for number in range(1, 21))
TWELVE = tuple(f"p{number}" for number in range(12))
SILENT = {"timeout": 1.0, "timeout_s": 60}
FOUND = "select count(*) from consent_check where outcome = 'present'"
NEGATIVES = "select max(negatives) from consent_watch"


def calls(house: House, domain: str, *endpoints: str) -> int:
    """How often these endpoints were called for that tenant."""
    counted = house.microsoft.state()["calls"]
    assert isinstance(counted, dict)
    return sum(counted.get(domain, {}).get(name, 0) for name in endpoints)


def _silent_at(house: House, place: str) -> None:
    """Two tenants have approved, and Microsoft does not answer about them at that endpoint."""
    wait_for_approval(house, *TWO)
    approve(house, *TWO)
    house.microsoft.control({"faults": {place: SILENT}})
    house.start("worker", "beat")
    wait_for(lambda: leased(house) == set(TWO), "both are being looked at", within_s=A_MINUTE_S)


def token_awaited(house: House) -> None:
    """Claimed, and the first answer is not there yet."""
    _silent_at(house, "token")
    assert house.rows("select count(*) from consent_check") == [(0,)]


def graph_awaited(house: House) -> None:
    """The token is there, and Graph was asked."""
    _silent_at(house, "graph")
    asked = lambda: all(calls(house, one, "graph", "batch") for one in TWO)  # noqa: E731
    wait_for(asked, "Graph is asked about both", within_s=A_MINUTE_S)
    assert house.rows("select count(*) from consent_check") == [(0,)]


def answers_come_in(house: House) -> None:
    """Twenty tenants have approved, and something more of it is written down now, or was a moment
    ago.
    """
    if not house.approved:
        house.microsoft.control({"crowd": len(CROWD), "latency_s": 0.2})
        wait_for_approval(house, *CROWD)
        approve(house, *CROWD)
        house.start("worker", "beat")
    written = house.rows(FOUND)
    wait_for(
        lambda: house.rows(FOUND) != written or written >= [(len(CROWD),)],
        lambda: f"something more is found: {states(house)}",
        within_s=A_MINUTE_S,
    )
    time.sleep(random.uniform(0, 0.1))


def letters_in_hand_may_have_twins(house: House) -> None:
    """Good news leaves while others are still looked at; what a dead worker has not marked goes
    once more.
    """
    if "worker" in house.dead:
        house.twins += len(house.run(IN_HAND))


def second_look_awaited(house: House) -> None:
    """More than ten wait, so the grant is there and nobody is told before a second look."""
    house.variables["CHECK_PACE"] = "6"
    wait_for_approval(house, "contoso.example", people=TWELVE)
    approve(house, "contoso.example")
    house.start("worker", "beat")
    wait_for_state(house, "granted", "contoso.example")
    assert house.mail_states() == {}


def grant_missed(house: House) -> None:
    """The approval is gone, and the first look has missed it."""
    wait_for_approval(house, "contoso.example")
    approve(house, "contoso.example")
    house.start("worker", "beat")
    house.wait_until_sent(1)
    house.microsoft.control({"revoke": [{"tenant": "contoso.example", "app": SUITE}]})
    due_now(house)
    wait_for(lambda: house.rows(NEGATIVES) >= [(1,)], "it is missed", within_s=A_MINUTE_S)


def looks_under_way(house: House) -> None:
    """Each answer takes a second."""
    wait_for_approval(house, *TWO)
    approve(house, *TWO)
    house.microsoft.control({"latency_s": 1})
    house.start("worker", "beat")
    wait_for(lambda: leased(house) == set(TWO), "both are being looked at", within_s=A_MINUTE_S)


def budget_in_use(house: House) -> None:
    """Twenty tenants have approved, five looks a second are allowed, and good news is leaving."""
    house.variables["LOOKS_A_SECOND"] = "5"
    house.microsoft.control({"crowd": len(CROWD)})
    house.mail.seconds_a_letter = 0.3
    wait_for_approval(house, *CROWD)
    approve(house, *CROWD)
    house.start("worker", "beat")
    wait_for(lambda: house.mail.taken, "the first mail has left", within_s=A_MINUTE_S)


def microsoft_is_well(house: House) -> None:
    """It answers at once."""
    house.microsoft.control({"faults": {"token": {}, "graph": {}}, "latency_s": 0})


def both_hear_it(house: House) -> None:
    """Both tenants are granted, and whoever waited was told."""
    wait_for_state(house, "granted", *TWO)
    everybody_was_told_once(house, len(TWO))


def the_crowd_hears_it(house: House) -> None:
    """The same for the twenty."""
    wait_for_state(house, "granted", *CROWD)
    everybody_was_told_once(house, len(CROWD))


def twelve_hear_it(house: House) -> None:
    """The second look was made, and not before its time; then all were told."""
    everybody_was_told_once(house, len(TWELVE))
    assert outcomes(house, "contoso.example").count("present") >= 2


def withdrawn_in_the_end(house: House) -> None:
    """After three looks that miss it, and after the time that a replica may need; not sooner."""
    house.withdrawn = 1
    wait_for_state(house, "revoked", "contoso.example")
    at = house.run(
        """
seen = [check.at for check in Check.objects.order_by("at", "pk")]
revoked = Event.objects.get(kind="request_revoked").at
granted = ConsentRequest.objects.get(state="revoked").granted_at
told = [(at - granted).total_seconds() for at in seen], (revoked - granted).total_seconds()
"""
    )
    looks, revoked = at
    missed = [look for look in looks if 0 < look <= revoked]
    assert len(missed) >= 3
    assert missed[-1] - missed[0] >= REVOKED_AFTER_S


STEPS = (
    Step("token awaited", token_awaited, microsoft_is_well, both_hear_it),
    Step("graph awaited", graph_awaited, microsoft_is_well, both_hear_it),
    Step(
        "answers come in",
        answers_come_in,
        letters_in_hand_may_have_twins,
        the_crowd_hears_it,
        deaths=3,
    ),
    Step("second look awaited", second_look_awaited, nothing, twelve_hear_it),
    Step("grant missed", grant_missed, nothing, withdrawn_in_the_end),
    Step("looks under way", looks_under_way, microsoft_is_well, both_hear_it),
    Step("budget in use", budget_in_use, letters_are_quick, the_crowd_hears_it),
)
