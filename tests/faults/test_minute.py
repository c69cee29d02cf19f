"""Work goes on within a minute of a restart, as it does in production: what the dead have claimed
stays theirs until the lease ends in earnest, looks keep their pace, and beat rings no more often.
"""

import time

import pytest

from tests.faults.cross import STEPS
from tests.faults.house import House
from tests.faults.steps import Step

pytestmark = pytest.mark.timeout(240)
WITHIN_S = 60.0
BY_NAME = {step.name: step for step in STEPS}
#: The longest ways back: what is waited for there, and in the worst case for how long.
STORIES = [
    # A lease of 45 s, and a second.
    ("token awaited", ("worker",), "sqlite"),
    # A lease of 45 s, and ten seconds until beat has the mails swept.
    ("one unmarked", ("worker",), "postgres"),
    ("letters leave", ("postgres",), "postgres"),
    # The bell was lost: ten seconds until the mails are swept, thirty until tenants are looked up.
    ("asked", ("beat", "redis"), "sqlite"),
    ("confirmed", ("web",), "postgres"),
    # The same ten seconds for all good news whose bell is lost.
    ("budget in use", ("redis",), "postgres"),
]
IDS = [f"{step}-{'+'.join(killed)}-{database}" for step, killed, database in STORIES]
PLACES = [(BY_NAME[step], killed, database) for step, killed, database in STORIES]


@pytest.mark.parametrize(("step", "killed", "house"), PLACES, ids=IDS, indirect=["house"])
def test_work_goes_on_within_a_minute_of_the_restart(
    house: House, step: Step, killed: tuple[str, ...]
) -> None:
    house.celery_app = "tests.faults.unhurried"
    house.variables["CHECK_PACE"] = "1"
    step.reach(house)

    house.kill(*killed)
    step.relief(house)
    began = time.monotonic()
    house.start(*killed)
    step.ends_well(house)

    assert time.monotonic() - began <= WITHIN_S
