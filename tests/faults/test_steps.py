"""Every named step, with somebody killed right there; docs/worker.md says what happens then."""

import re

import pytest

from portal.sandbox.supervisor.plan import ROOT
from tests.faults import steps_of_looks, steps_of_mails, steps_of_web
from tests.faults.house import House
from tests.faults.steps import Step
from tests.faults.story import leases_end

STEPS = (*steps_of_looks.STEPS, *steps_of_mails.STEPS, *steps_of_web.STEPS)
PLACES = [(step, database) for step in STEPS for database in step.databases]
IDS = [f"{step.name}-{database}" for step, database in PLACES]


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("step", "house"), PLACES, ids=IDS, indirect=["house"])
def test_killed_at_a_named_step_loses_and_doubles_nothing(house: House, step: Step) -> None:
    step.reach(house)

    house.kill(*step.killed)
    step.relief(house)
    if "worker" in step.killed:
        leases_end(house)
    house.start(*step.killed)

    step.ends_well(house)


def test_table_of_steps_names_those_that_are_tested() -> None:
    text = (ROOT / "docs" / "worker.md").read_text()
    table = text.partition("\n| step | killed |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", table, re.MULTILINE)
    assert dict(rows) == {step.name: ", ".join(step.killed) for step in STEPS}
