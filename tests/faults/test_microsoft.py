"""Microsoft's bad days: nothing is believed too early, nobody is forgotten, and work goes on when
Microsoft does.
"""

import time
from collections import Counter
from itertools import count

import pytest

from portal.sandbox.microsoft.seed import APPS
from tests.faults.house import A_MINUTE_S, REVOKED_AFTER_S, House
from tests.faults.story import (
    SUITE,
    approve,
    due_now,
    everybody_was_told_once,
    outcomes,
    states,
    wait_for_approval,
    wait_for_state,
)
from tests.processes import wait_for

pytestmark = pytest.mark.timeout(240)
on_both_databases = pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)

FAULTS = [
    ({"429": 1.0, "retry_after": 3.5}, "throttled"),
    ({"429_text": 1.0, "retry_after": 3}, "throttled"),
    ({"503": 1.0}, "unreachable"),
    ({"garbage": 1.0}, "unknown"),
    ({"half": 1.0}, "unreachable"),
    ({"timeout": 1.0, "timeout_s": 60}, "unreachable"),
]
#: Each fault at each endpoint, for a tenant that waits and for a granted one.
BAD_DAYS = [
    (place, was_granted, fault, outcome)
    for fault, outcome in FAULTS
    for place in ("token", "graph")
    for was_granted in (False, True)
]


@on_both_databases
def test_microsoft_on_a_bad_day_is_believed_neither_yes_nor_no(house: House) -> None:
    names = (f"t{number}.example" for number in count(1))
    bad = dict(zip(names, BAD_DAYS, strict=False))
    good = next(names)
    granted = [
        domain for domain, (_place, was_granted, _fault, _said) in bad.items() if was_granted
    ]
    unsure = [domain for domain in bad if domain not in granted]
    house.microsoft.control({"crowd": len(bad) + 2})
    wait_for_approval(house, *granted)
    approve(house, *granted)
    house.start("worker", "beat")
    house.wait_until_sent(len(granted))

    faults = {name: {"faults": {day[0]: day[2]}} for name, day in bad.items()}
    house.microsoft.control({"tenants": faults})
    wait_for_approval(house, *unsure, good)
    approve(house, *unsure, good)
    began = time.monotonic()
    due_now(house)

    # Who has a good day is not held up by the others.
    wait_for_state(house, "granted", good)
    # Two for those that keep us waiting; elsewhere long enough for a wrong revocation.
    for name, (_place, _was_granted, fault, outcome) in bad.items():
        least = 2 if "timeout" in fault else 3
        wait_for(
            lambda name=name, said=[outcome] * least: outcomes(house, name)[-len(said) :] == said,
            lambda name=name: f"{name} {bad[name]}: {outcomes(house, name)}",
            within_s=A_MINUTE_S,
        )
    wait_for(lambda: time.monotonic() - began > 2 * REVOKED_AFTER_S, "long enough", within_s=20)
    assert states(house) == dict.fromkeys([*granted, good], "granted") | dict.fromkeys(
        unsure, "triage"
    )

    house.microsoft.control({"tenants": {name: {"faults": {}} for name in bad}})

    wait_for_state(house, "granted", *bad)
    everybody_was_told_once(house, len(bad) + 1)


@on_both_databases
def test_replicas_that_flap_neither_grant_early_nor_revoke(house: House) -> None:
    # Microsoft's replicas agree within its quarter of an hour, and ours within half a minute.
    house.variables["REVOKED_AFTER_MINUTES"] = "0.5"
    wait_for_approval(house, "contoso.example")
    approve(house, "contoso.example")
    house.start("worker", "beat")
    house.wait_until_sent(1)
    wait_for_approval(house, "northwind.example", "adatum.example")
    flapping: dict[str, object] = {"replication_delay_s": 16, "replicas_disagree": True}
    names = ("contoso.example", "northwind.example", "adatum.example")
    house.microsoft.control({"tenants": dict.fromkeys(names, flapping)})

    # Contoso's grant seems to go; nobody ever approves adatum.
    house.microsoft.control({"revoke": [{"tenant": "contoso.example", "app": SUITE}]})
    approve(house, "northwind.example")
    negatives = "select max(negatives) from consent_watch"
    wait_for(
        lambda: due_now(house) or house.rows(negatives) >= [(3,)],
        "it is missed in three looks in a row",
        within_s=A_MINUTE_S,
    )
    # And it is there again.
    house.microsoft.control({"tenants": {"contoso.example": {"replication_delay_s": 0}}})
    approve(house, "contoso.example")

    wait_for_state(house, "granted", "northwind.example")
    wait_for(
        lambda: due_now(house) or house.rows(negatives) == [(0,)],
        "it is seen again",
        within_s=A_MINUTE_S,
    )
    everybody_was_told_once(house, 2)
    assert "absent" in outcomes(house, "northwind.example")
    granted = ("contoso.example", "northwind.example")
    assert states(house) == dict.fromkeys(granted, "granted") | {"adatum.example": "triage"}


LOOKS = "select count(*) from consent_check"
ALARMS = "select kind, until is null from consent_alarm"
KINDS = "select kind, state, count(*) from consent_outboxmessage group by kind, state order by kind"
NEGATIVES = "select count(*) from consent_watch where negatives > 0"


@on_both_databases
def test_new_secret_refused_for_minutes_stops_the_looks_until_it_works(house: House) -> None:
    house.variables["OPERATORS_EMAIL"] = "operators@acme.example"
    wait_for_approval(house, "contoso.example", "fabrikam.example")
    approve(house, "contoso.example", "fabrikam.example")
    house.start("worker", "beat")
    house.wait_until_sent(2)
    wait_for_approval(house, "northwind.example")
    house.microsoft.control({"apps": {SUITE: {"secrets": []}}})
    approve(house, "northwind.example")
    due_now(house)
    news = ("consent_granted", "sent", 2)
    raised = ("operators_alarm", "sent", 1)
    wait_for(
        lambda: house.rows(KINDS) == [news, raised],
        lambda: f"operators hear of it: {house.rows(KINDS)}",
        within_s=A_MINUTE_S,
    )
    assert [(kind, bool(stands)) for kind, stands in house.rows(ALARMS)] == [("credential", True)]
    stopped = "select count(*) from consent_canary where stopped_at is not null"
    assert house.rows(stopped) == [(1,)]

    # Whose look is due is looked at by nobody, and hears nothing, for as long as that lasts.
    wait_for(
        lambda: not house.rows("select 1 from consent_watch where lease_until is not null"),
        "looks that were on their way are over",
        within_s=A_MINUTE_S,
    )
    before, asked = house.rows(LOOKS), canary_asked(house)
    due_now(house)
    wait_for(
        lambda: canary_asked(house) >= asked + 4,
        "our own app was asked at home several times",
        within_s=A_MINUTE_S,
    )
    assert house.rows(LOOKS) == before
    assert {
        outcome
        for name in ("contoso", "fabrikam", "northwind")
        for outcome in outcomes(house, f"{name}.example")
    } <= {"present", "absent", "credential"}
    assert "absent" not in outcomes(house, "contoso.example")[1:]
    granted = dict.fromkeys(("contoso.example", "fabrikam.example"), "granted")
    assert states(house) == granted | {"northwind.example": "triage"}
    assert house.rows(KINDS) == [news, raised]

    secret = next(app.secret for app in APPS if app.slug == SUITE)
    house.microsoft.control({"apps": {SUITE: {"secrets": [secret]}}})

    wait_for_state(house, "granted", "northwind.example")
    all_told = [("consent_granted", "sent", 3), raised, ("operators_alarm_over", "sent", 1)]
    wait_for(
        lambda: house.rows(KINDS) == all_told,
        lambda: f"everybody and the operators hear the good news: {house.rows(KINDS)}",
        within_s=A_MINUTE_S,
    )
    assert [(kind, bool(stands)) for kind, stands in house.rows(ALARMS)] == [("credential", False)]
    assert house.rows(NEGATIVES) == [(0,)]


def canary_asked(house: House) -> int:
    """How often that app was refused at home."""
    calls = house.microsoft.state()["calls"]
    assert isinstance(calls, dict)
    return sum(calls.get("acme.example", {}).values())


@on_both_databases
def test_poisoned_row_stops_no_other_and_is_left_alone_for_an_hour(open_: House) -> None:
    wait_for_approval(open_, "northwind.example", "adatum.example")
    open_.run(
        """
from django.utils import timezone
request = ConsentRequest.objects.get(tenant__domains__name="northwind.example")
request.evidence.create(kind="report", said="yes", at=timezone.now(), permission_version=1,
    permissions=["not a permission"])
"""
    )
    approve(open_, "northwind.example", "adatum.example")
    due_now(open_)

    wait_for_state(open_, "granted", "adatum.example")
    wait_for(
        # Twice where a look was due between the poison and the next line.
        lambda: open_.log("worker").count("could not conclude watch") > 0,
        "the poisoned row is told of",
        within_s=A_MINUTE_S,
    )
    later = "select count(*) from consent_watch where next_check_at > {}"
    hour = {True: "now() + interval '50 minutes'", False: "datetime('now', '+50 minutes')"}
    wait_for(
        lambda: open_.rows(later.format(hour[open_.postgres is not None])) == [(1,)],
        "it is left alone for an hour",
        within_s=A_MINUTE_S,
    )
    told = open_.log("worker").count("could not conclude watch")
    assert states(open_)["northwind.example"] == "triage"
    everybody_was_told_once(open_, 3)

    # Somebody takes the poison out, and the hour is over.
    open_.run("Evidence.objects.filter(kind='report').delete()")
    due_now(open_)
    wait_for_state(open_, "granted", "northwind.example")
    everybody_was_told_once(open_, 4)
    assert open_.log("worker").count("could not conclude watch") == told


def test_microsoft_down_for_everybody_is_left_alone_and_then_caught_up_with(house: House) -> None:
    crowd = [f"t{number}.example" for number in range(1, 31)]
    house.microsoft.control({"crowd": len(crowd)})
    wait_for_approval(house, *crowd)
    house.start("worker", "beat")
    looked = "select count(*) from consent_check where outcome = 'absent'"
    wait_for(lambda: house.rows(looked) == [(30,)], "a baseline", within_s=A_MINUTE_S)
    house.microsoft.control({"faults": {"token": {"503": 1.0}}})
    approve(house, *crowd)
    due_now(house)
    wait_for(lambda: "looks there pause" in house.log("worker"), "a pause", within_s=A_MINUTE_S)
    failed = "select count(*) from consent_check where outcome = 'unreachable'"
    before = house.rows(failed)[0][0]
    due_now(house)
    time.sleep(10)
    # Those under way when the pause began, and no probe yet.
    assert house.rows(failed)[0][0] <= max(before, len(crowd))

    house.microsoft.control({"faults": {"token": {}}})

    wait_for(
        lambda: Counter(states(house).values()) == Counter(granted=len(crowd)),
        lambda: f"everybody is granted: {Counter(states(house).values())}",
        within_s=A_MINUTE_S,
    )
    everybody_was_told_once(house, len(crowd))
    assert "answers again" in house.log("worker")
