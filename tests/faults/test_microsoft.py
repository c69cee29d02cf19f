"""Microsoft's bad days: nothing is believed too early, nobody is forgotten, and work goes on when
Microsoft does.
"""

import time
from collections import Counter

import pytest

from portal.sandbox.microsoft.seed import APPS
from tests.faults.house import A_MINUTE_S, House
from tests.processes import wait_for

pytestmark = pytest.mark.timeout(240)

SUITE = "acme-suite"
ASK = """
from django.db import transaction
from consent import placing, tickets
app = AppRegistration.objects.get(slug="acme-suite")
for domain in {domains!r}:
    with transaction.atomic():  # so that no worker sees the confirmation's mail
        ticket = tickets.ask(app=app, email=f"ana@{{domain}}", name="", note="", pasted="", seen="",
            administrator_email="")
        tickets.confirm(ticket)
        ticket.mails.all().delete()
    placing.place(ticket)
told = True
"""
DUE_NOW = """
from django.utils import timezone
told = Watch.objects.update(next_check_at=timezone.now(), not_before=None)
"""
STATES = """
select t.domain, r.state from consent_consentrequest r join (
    select tenant_id, min(name) as domain from tenants_tenantdomain group by tenant_id
) t on t.tenant_id = r.tenant_id
"""
OUTCOMES = """
select t.domain, c.outcome from consent_check c join consent_watch w on w.id = c.watch_id join (
    select tenant_id, min(name) as domain from tenants_tenantdomain group by tenant_id
) t on t.tenant_id = w.tenant_id order by c.id
"""


def approve(house: House, *domains: str) -> None:
    """As in Microsoft's own portal: nobody announces it."""
    house.microsoft.control({"grants": [{"tenant": one, "app": SUITE} for one in domains]})


def states(house: House) -> dict[str, str]:
    """What we believe of each tenant."""
    return dict(house.rows(STATES))


def outcomes(house: House, domain: str) -> list[str]:
    """What the looks at that tenant found, in order."""
    return [outcome for name, outcome in house.rows(OUTCOMES) if name == domain]


def wait_for_state(house: House, domain: str, state: str) -> None:
    """Until we believe that of it."""
    wait_for(
        lambda: states(house)[domain] == state,
        f"{domain} is {state}: {states(house)}, {outcomes(house, domain)[-5:]}",
        within_s=A_MINUTE_S,
    )


def everybody_was_told_once(house: House, count: int) -> None:
    """So many good news, each of them sent once, and nothing else."""
    house.wait_until_sent(count)
    kinds = house.rows("select kind from consent_outboxmessage")
    assert kinds == [("consent_granted",)] * count
    assert sorted(house.mail.by_message_id.values()) == [1] * count
    assert not house.rows("select 1 from consent_event where kind = 'request_revoked'")


@pytest.fixture
def open_(house: House) -> House:
    """Two granted tenants (contoso, fabrikam), two that wait, worker and beat at work."""
    house.run(ASK.format(domains=("contoso.example", "fabrikam.example")))
    approve(house, "contoso.example", "fabrikam.example")
    house.start("worker")
    house.start("beat")
    house.wait_until_sent(2)
    return house


FAULTS = [
    ({"429": 1.0, "retry_after": 7.5}, "throttled"),
    ({"429_text": 1.0, "retry_after": 5}, "throttled"),
    ({"503": 1.0}, "unreachable"),
    ({"garbage": 1.0}, "unknown"),
    ({"half": 1.0}, "unreachable"),
    ({"timeout": 1.0, "timeout_s": 60}, "unreachable"),
]


@pytest.mark.parametrize(("fault", "outcome"), FAULTS, ids=[next(iter(one)) for one, _ in FAULTS])
def test_microsoft_on_a_bad_day_is_believed_neither_yes_nor_no(
    open_: House, fault: dict[str, float], outcome: str
) -> None:
    # Each endpoint fails for one tenant that waits; Graph for a granted one too.
    at = {"northwind": "token", "adatum": "graph", "fabrikam": "graph", "contoso": "token"}
    bad = {f"{name}.example": {"faults": {place: fault}} for name, place in at.items()}
    good = {f"{name}.example": {"faults": {}} for name in at}
    open_.microsoft.control({"tenants": bad})
    waiting = ("northwind.example", "adatum.example", "relecloud.example")
    open_.run(ASK.format(domains=waiting))
    approve(open_, *waiting)
    open_.run(DUE_NOW)

    # Who has a good day is not held up by the others.
    wait_for_state(open_, "relecloud.example", "granted")
    for name in bad:
        wait_for(
            lambda name=name: outcomes(open_, name)[-1:] == [outcome],
            f"{name} {outcome}: {outcomes(open_, name)}",
            within_s=A_MINUTE_S,
        )
    granted = dict.fromkeys(("contoso.example", "fabrikam.example", "relecloud.example"), "granted")
    unsure = dict.fromkeys(("northwind.example", "adatum.example"), "triage")
    assert states(open_) == granted | unsure

    open_.microsoft.control({"tenants": good})

    for name in unsure:
        wait_for_state(open_, name, "granted")
    everybody_was_told_once(open_, 5)
    assert set(states(open_).values()) == {"granted"}


def test_replicas_that_flap_neither_grant_early_nor_revoke(open_: House) -> None:
    open_.run(ASK.format(domains=("northwind.example", "adatum.example")))
    names = ("contoso.example", "northwind.example", "adatum.example")
    flapping: dict[str, object] = {"replication_delay_s": 16, "replicas_disagree": True}
    open_.microsoft.control({"tenants": dict.fromkeys(names, flapping)})

    # Contoso's grant seems to go and to come; nobody ever approves adatum.
    open_.microsoft.control({"revoke": [{"tenant": "contoso.example", "app": SUITE}]})
    approve(open_, "contoso.example", "northwind.example")
    for _ in range(16):
        open_.run(DUE_NOW)
        assert states(open_)["contoso.example"] == "granted"

    wait_for_state(open_, "northwind.example", "granted")
    everybody_was_told_once(open_, 3)
    assert "absent" in outcomes(open_, "northwind.example")
    granted = ("contoso.example", "fabrikam.example", "northwind.example")
    assert states(open_) == dict.fromkeys(granted, "granted") | {"adatum.example": "triage"}


def test_new_secret_refused_for_a_while_is_nobodys_fault(open_: House) -> None:
    open_.run(ASK.format(domains=["northwind.example"]))
    open_.microsoft.control({"apps": {SUITE: {"secrets": []}}})
    approve(open_, "northwind.example")
    open_.run(DUE_NOW)
    for name in ("contoso.example", "northwind.example"):
        wait_for(
            lambda name=name: outcomes(open_, name)[-1:] == ["credential"],
            f"our own secret is found out at {name}: {outcomes(open_, name)}",
            within_s=A_MINUTE_S,
        )
    assert states(open_)["northwind.example"] == "triage"

    secret = next(app.secret for app in APPS if app.slug == SUITE)
    open_.microsoft.control({"apps": {SUITE: {"secrets": [secret]}}})

    wait_for_state(open_, "northwind.example", "granted")
    everybody_was_told_once(open_, 3)
    assert set(states(open_).values()) == {"granted"}


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_poisoned_row_stops_no_other_and_is_left_alone_for_an_hour(open_: House) -> None:
    open_.run(ASK.format(domains=("northwind.example", "adatum.example")))
    open_.run(
        """
from django.utils import timezone
request = ConsentRequest.objects.get(tenant__domains__name="northwind.example")
request.evidence.create(kind="report", said="yes", at=timezone.now(), permission_version=1,
    permissions=["not a permission"])
told = Watch.objects.update(next_check_at=timezone.now())
"""
    )
    approve(open_, "northwind.example", "adatum.example")

    wait_for_state(open_, "adatum.example", "granted")
    wait_for(
        lambda: open_.log("worker").count("could not conclude watch") == 1,
        "the poisoned row is told of",
        within_s=A_MINUTE_S,
    )
    time.sleep(8)
    assert open_.log("worker").count("could not conclude watch") == 1
    assert states(open_)["northwind.example"] == "triage"
    everybody_was_told_once(open_, 3)

    # Somebody takes the poison out, and the hour is over.
    open_.run(f"Evidence.objects.filter(kind='report').delete()\n{DUE_NOW}")
    wait_for_state(open_, "northwind.example", "granted")
    everybody_was_told_once(open_, 4)


@pytest.mark.parametrize("house", ["sqlite", "postgres"], indirect=True)
def test_redis_emptied_and_dead_in_the_middle_of_looks_holds_up_nothing(open_: House) -> None:
    open_.microsoft.control({"latency_s": 1})
    open_.run(ASK.format(domains=("northwind.example", "adatum.example")))
    approve(open_, "northwind.example", "adatum.example")
    open_.redis.client().flushall()
    open_.run(DUE_NOW)
    open_.redis.kill()
    time.sleep(3)

    open_.redis.start()
    open_.redis.client().flushall()

    for name in ("northwind.example", "adatum.example"):
        wait_for_state(open_, name, "granted")
    everybody_was_told_once(open_, 4)


def test_microsoft_down_for_everybody_is_left_alone_and_then_caught_up_with(house: House) -> None:
    crowd = [f"t{number}.example" for number in range(1, 31)]
    house.microsoft.control({"crowd": len(crowd)})
    house.run(ASK.format(domains=crowd))
    house.start("worker")
    house.start("beat")
    looked = "select count(*) from consent_check where outcome = 'absent'"
    wait_for(lambda: house.rows(looked) == [(30,)], "a baseline", within_s=A_MINUTE_S)
    house.microsoft.control({"faults": {"token": {"503": 1.0}}})
    approve(house, *crowd)
    house.run(DUE_NOW)
    wait_for(lambda: "looks there pause" in house.log("worker"), "a pause", within_s=A_MINUTE_S)
    failed = "select count(*) from consent_check where outcome = 'unreachable'"
    before = house.rows(failed)[0][0]
    house.run(DUE_NOW)
    time.sleep(10)
    # Those under way when the pause began, and no probe yet.
    assert house.rows(failed)[0][0] <= max(before, len(crowd))

    house.microsoft.control({"faults": {"token": {}}})

    wait_for(
        lambda: Counter(states(house).values()) == Counter(granted=len(crowd)),
        f"everybody is granted: {Counter(states(house).values())}",
        within_s=A_MINUTE_S,
    )
    everybody_was_told_once(house, len(crowd))
    assert "answers again" in house.log("worker")
