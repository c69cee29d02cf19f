"""Microsoft's bad days: nothing is believed too early, nobody is forgotten, and work goes on when
Microsoft does.
"""

import pytest

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
