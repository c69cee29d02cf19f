"""The words in which tests of faults tell their stories: people ask, administrators approve, time
comes, and what is believed of whom.
"""

from collections.abc import Iterable

from tests.faults.house import A_MINUTE_S, House
from tests.processes import wait_for

SUITE = "acme-suite"
ASK = """
for email in {emails!r}:
    tickets.ask(app=AppRegistration.objects.get(slug={app!r}), email=email, name="", note="",
        pasted="", seen="", administrator_email="")
"""
WAIT = """
from django.db import transaction
app = AppRegistration.objects.get(slug="acme-suite")
for email in {emails!r}:
    with transaction.atomic():  # so that no worker sees the confirmation's mail
        ticket = tickets.ask(app=app, email=email, name="", note="", pasted="", seen="",
            administrator_email="")
        tickets.confirm(ticket)
        ticket.mails.all().delete()
    placing.place(ticket)
"""
DUE_NOW = """
from django.utils import timezone
Watch.objects.update(next_check_at=timezone.now(), not_before=None)
"""
LEASES_END = """
from datetime import timedelta
from django.utils import timezone
long_ago = timezone.now() - timedelta(minutes=1)
Watch.objects.exclude(lease_until=None).update(lease_until=long_ago)
OutboxMessage.objects.filter(state="sending").update(claimed_at=long_ago)
"""
_BY_DOMAIN = """
join (
    select tenant_id, min(name) as domain from tenants_tenantdomain group by tenant_id
) t on t.tenant_id = {row}.tenant_id
"""
STATES = f"""
select t.domain, r.state from consent_consentrequest r {_BY_DOMAIN.format(row="r")} order by r.id
"""
OUTCOMES = f"""
select t.domain, c.outcome from consent_check c join consent_watch w on w.id = c.watch_id
{_BY_DOMAIN.format(row="w")} order by c.id
"""
LEASED = f"""
select t.domain from consent_watch w {_BY_DOMAIN.format(row="w")} where lease_until is not null
"""


def ask(house: House, *emails: str, app: str = "acme-calendar") -> None:
    """They ask, and each gets a confirmation."""
    house.run("from consent import tickets\n" + ASK.format(emails=emails, app=app))


def wait_for_approval(house: House, *domains: str, people: Iterable[str] = ("ana",)) -> None:
    """These people of each tenant have asked, confirmed and been placed, all mails of that gone;
    they wait for acme-suite.
    """
    emails = [f"{who}@{domain}" for domain in domains for who in people]
    house.run("from consent import placing, tickets\n" + WAIT.format(emails=emails))


def approve(house: House, *domains: str) -> None:
    """As in Microsoft's own portal: nobody announces it."""
    house.approved |= set(domains)
    house.microsoft.control({"grants": [{"tenant": one, "app": SUITE} for one in domains]})


def due_now(house: House) -> None:
    """The time of every look has come."""
    house.run(DUE_NOW)


def leases_end(house: House) -> None:
    """As if the 45 seconds had passed that a dead worker holds its rows; test_minute.py waits for
    them in earnest. Only for the time in which no worker lives.
    """
    assert not any(name.startswith("worker") for name in house.parts)
    house.run(LEASES_END)


def states(house: House) -> dict[str, str]:
    """What we believe of each tenant."""
    return dict(house.rows(STATES))


def outcomes(house: House, domain: str) -> list[str]:
    """What the looks at that tenant found, in order."""
    return [outcome for name, outcome in house.rows(OUTCOMES) if name == domain]


def leased(house: House) -> set[str]:
    """The tenants at which somebody is looking."""
    return {domain for (domain,) in house.rows(LEASED)}


def wait_for_state(house: House, state: str, *domains: str) -> None:
    """Until we believe that of these."""
    wanted = dict.fromkeys(domains, state)
    wait_for(
        lambda: states(house).items() >= wanted.items(),
        lambda: f"{wanted}: {states(house)}, {house.rows(OUTCOMES)[-20:]}",
        within_s=A_MINUTE_S,
    )


def everybody_was_told_once(house: House, count: int) -> None:
    """So many good news, each of them sent, and nothing else."""
    house.wait_until_sent(count)
    assert house.rows("select kind from consent_outboxmessage") == [("consent_granted",)] * count
    assert len(house.mail.by_message_id) == count
