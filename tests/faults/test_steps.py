"""Every named step, with somebody killed right there; docs/worker.md says what happens then."""

import re

import pytest

from portal.sandbox.supervisor.plan import ROOT
from tests.faults.cross import STEPS, VICTIMS, places, table
from tests.faults.house import House
from tests.faults.steps import Step
from tests.faults.story import leases_end
from tests.processes import wait_for

PLACES = list(places())
IDS = [f"{step.name}-{victims}-{database}" for step, victims, database in PLACES]
SIGNS = {"both": "●", "lite": "●", "pg": "●", "more": "○", "-": ""}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("step", "victims", "house"), PLACES, ids=IDS, indirect=["house"])
def test_killed_at_a_named_step_loses_and_doubles_nothing(
    house: House, step: Step, victims: str
) -> None:
    killed = VICTIMS[victims]
    if "beat-2" in killed:
        house.start("beat-2")
    if "web" in killed:
        house.start_web()
    for _death in range(step.deaths):
        step.reach(house)

        house.kill(*killed)
        step.relief(house)
        if "worker" in killed:
            leases_end(house)
        house.start(*killed)

    step.ends_well(house)
    if "web" in killed:
        wait_for(house.web_answers, "the web server answers again", within_s=60)


def test_steps_of_the_cross_are_those_that_are_played() -> None:
    assert list(table()) == [step.name for step in STEPS]
    assert {tuple(row) for row in table().values()} == {tuple(VICTIMS)}


def test_tables_of_steps_are_the_cross() -> None:
    text = (ROOT / "docs" / "worker.md").read_text()
    cross = {step: [SIGNS[when] for when in row.values()] for step, row in table().items()}
    told = text.partition("\n| step | what happens |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([^`]+)` \|", told, re.MULTILINE) == list(cross)
    shown = text.partition("\n| killed at | ")[2].partition("\n\n")[0].splitlines()
    assert shown[0].strip("| ").split(" | ") == list(VICTIMS)
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in shown[2:]]
    assert {name.strip("`"): signs for name, *signs in cells} == cross
