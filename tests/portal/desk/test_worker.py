"""What the worker is doing, at the desk and at the command line."""

import json
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent import workings
from consent.management.commands.worker_status import STEPS
from tests.factories import (
    AlarmFactory,
    CanaryFactory,
    CheckFactory,
    OutboxMessageFactory,
    PulseFactory,
    TenantDomainFactory,
    WatchFactory,
    seeded_app,
    seeded_tenant,
)

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PAGE = "/desk/worker/"
UTC_NOON = "2026-01-05 12:00 UTC"


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False):
        yield NOON


@pytest.fixture
def at_work(db, noon):
    for name in workings.PARTS:
        PulseFactory(name=name, at=NOON - timedelta(seconds=5))


@pytest.fixture
def busy(at_work):
    """Looks of every kind, a throttled tenant, mails that wait and one given up."""
    code = "AADSTS700016"
    CheckFactory(
        outcome="absent", code=code, at=NOON, watch__next_check_at=NOON - timedelta(minutes=6)
    )
    for _number in range(2):
        CheckFactory(outcome="credential", at=NOON, watch__next_check_at=None)
    app = seeded_app("acme-calendar")
    AlarmFactory(kind="credential", app=app, since=NOON, detail="AADSTS7000222")
    CanaryFactory(app=app, silent_since=NOON, stopped_at=NOON, code="AADSTS7000222")
    CanaryFactory(silent_since=NOON, code="unreadable", app__name="Acme Suite", app__slug="suite")
    WatchFactory(
        tenant=seeded_tenant("contoso"),
        app=app,
        not_before=NOON + timedelta(seconds=30),
    )
    OutboxMessageFactory()
    OutboxMessageFactory(failed=True)


def rows(markup):
    """The cells of every row, as text."""
    found = re.findall(r"<tr>(<td.*?)</tr>", markup, re.S)
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<td.*?</td>", row, re.S)
        ]
        for row in found
    ]


def notices(markup):
    """The paragraphs of every alarm and of every app that was refused once."""
    found = re.findall(
        r'<div class="notice[^>]+data-(?:alarm|silent)=.*?</div></div>', markup, re.S
    )
    return [
        tuple(
            " ".join(re.sub(r"<[^>]+>", " ", one).split())
            for one in re.findall(r"<p.*?</p>", notice, re.S)
        )
        for notice in found
    ]


def test_worker_is_for_agents(client):
    answer = client.get(PAGE)

    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")


def test_worker_that_never_ran(desk, noon):
    markup = desk.get(PAGE).content.decode()

    assert re.findall(r'data-step="(\w+)"', markup) == ["start_worker"]
    assert [row[1:] for row in rows(markup)] == [["silent", "never"]] * 3
    assert "None. Looks appear here" in markup


def test_worker_that_is_well(desk, at_work):
    markup = desk.get(PAGE).content.decode()

    assert "All is well" in markup
    assert [row[:2] for row in rows(markup)] == [
        ["Looks at Microsoft checks", "at work"],
        ["Mails mail", "at work"],
        ["Deadlines default", "at work"],
    ]


def test_worker_with_much_to_do(desk, busy):
    markup = desk.get(PAGE).content.decode()

    steps = re.findall(r'data-step="(\w+)"', markup)
    # What the alarm says already is not said twice.
    assert steps == ["more_workers", "send_again"]
    assert notices(markup) == [
        (
            (
                "Microsoft refuses our own credential of Acme Calendar (AADSTS7000222), twice a "
                "minute apart. All its looks wait until it works again, and no customer is told "
                "anything meanwhile."
            ),
            "Run manage.py check_app acme-calendar: it says what to mend, and how.",
            "Raised just now 5 January 2026, 12:00 UTC",
        ),
        ("Microsoft has refused Acme Suite once (unreadable). It is asked again within a minute.",),
    ]
    assert rows(markup)[3:] == [
        ["Our own credential does not work", "2"],
        ["The app is not there", "1"],
        ["AADSTS700016", "1"],
        ["contoso.example", "Acme Calendar", "5 January, 12:00:30 UTC"],
    ]
    facts = [" ".join(one.split()) for one in re.findall(r"<dd>(.*?)</dd>", markup, re.S)]
    assert facts[:3] == ["1, the latest since 6 minutes", "0", "1, the oldest for 0 minutes"]
    assert facts[3] == '1 <a href="/desk/mails/">See them</a>'


def test_worker_shows_twenty_throttled_tenants_and_counts_all(desk, at_work):
    for _number in range(21):
        WatchFactory(not_before=NOON + timedelta(minutes=1))

    assert "21 in all; these end first." in desk.get(PAGE).content.decode()


def test_worker_takes_as_many_queries_for_three_as_for_one(desk, at_work):
    counted = []
    for more in (1, 2):
        for _number in range(more):
            watch = WatchFactory(not_before=NOON + timedelta(minutes=1))
            TenantDomainFactory(tenant=watch.tenant)
            CheckFactory(watch=watch, at=NOON)
            OutboxMessageFactory()
        with CaptureQueriesContext(connection) as captured:
            desk.get(PAGE)
        counted.append(len(captured))

    assert counted[0] == counted[1]


def test_rail_leads_to_the_worker(desk):
    assert f'<a href="{PAGE}">' in desk.get("/desk/").content.decode()


@pytest.mark.parametrize("step", STEPS)
def test_step_has_its_sentence_at_the_desk(desk, at_work, monkeypatch, step):
    monkeypatch.setattr(workings.Workings, "steps", (step,))

    markup = desk.get(PAGE).content.decode()

    assert re.search(rf'data-step="{step}".*?<p>\s*\S.{{20,}}</p>', markup, re.S)


def status(*options):
    """What the command writes, and its exit code."""
    out = StringIO()
    try:
        call_command("worker_status", *options, stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def test_command_when_all_is_well(at_work):
    text, code = status()

    assert (text.splitlines(), code) == (
        [
            "checks   last sign 0:00:05 ago",
            "mail     last sign 0:00:05 ago",
            "default  last sign 0:00:05 ago",
            "looks    0 due, the latest 0:00:00 late; 0 being made",
            "         last hour: none",
            "         with a code of Microsoft's: none",
            "         0 left alone because Microsoft asked for it",
            "mails    0 unsent, the oldest for 0:00:00; 0 given up",
            "All is well.",
        ],
        0,
    )


def test_command_says_what_to_do(busy):
    text, code = status()

    assert code == 1
    assert text.splitlines()[3:] == [
        "looks    1 due, the latest 0:06:00 late; 0 being made",
        "         last hour: absent 1, credential 2",
        "         with a code of Microsoft's: AADSTS700016 1",
        "         1 left alone because Microsoft asked for it",
        "mails    1 unsent, the oldest for 0:00:00; 1 given up",
        f"alarm    Our credential does not work: Acme Calendar AADSTS7000222, since {UTC_NOON}",
        "refused  acme-calendar: AADSTS7000222, all its looks wait",
        "refused  suite: unreadable, asked again within a minute",
        *[f"-> {STEPS[step]}" for step in ("mend_credential", "more_workers", "send_again")],
    ]


def test_clouds_that_do_not_answer_are_named(desk, at_work):
    app = seeded_app("acme-calendar")
    for _number in range(workings.OPENS_AFTER):
        watch = WatchFactory(app=app, failing_since=NOON, next_check_at=None)
    for _number in range(workings.UNANSWERED):
        CheckFactory(watch=watch, outcome="unreachable", at=NOON - timedelta(seconds=9))

    assert "<dt>Clouds that do not answer</dt><dd>sandbox</dd>" in desk.get(PAGE).content.decode()
    assert "         clouds that do not answer: sandbox" in status()[0].splitlines()


def test_command_without_a_worker(db, noon):
    text, code = status()

    assert (text.splitlines()[0], code) == ("checks   never gave a sign, silent", 1)


def test_command_as_json(at_work):
    text, code = status("--json")

    assert (json.loads(text), code) == (workings.look_around().as_dict(), 0)
