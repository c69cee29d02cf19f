"""What the measurements of looks stand on: a crowd of simulated tenants and a worker's process."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from portal.sandbox.supervisor.children import leash
from portal.sandbox.supervisor.plan import ROOT
from tests import services
from tests.bench.measure_batch import simulated_microsoft
from tests.processes import portal_variables

#: Each run of a worker's process serves several measurements.
APPROVED = {"approved": True, "quick": 4, "trickle": True, "slow": 3}
#: The last of its quick rounds, and the one after it, in which few are due at a time.
WARM, TRICKLE = 3, 4
#: So many are due at a time in everyday life.
FEW = 5
PENDING = {"approved": False, "quick": 4}
COMMON = (
    "SQLite in a file, rows written, the budget asked of a Redis, the simulated Microsoft in a"
    " process of its own"
)


def control(url: str, patch: dict[str, object]) -> None:
    """Change the simulated Microsoft."""
    request = Request(f"{url}/_control/state", json.dumps(patch).encode(), method="PATCH")
    request.add_header("Content-Type", "application/json")
    build_opener(ProxyHandler({})).open(request, timeout=120).close()


@contextmanager
def worker(**more: str) -> Iterator[dict[str, str]]:
    """The variables of a worker's process with an SQLite file in a new folder and a Redis of its
    own; nothing of this machine's own bends it.
    """
    folder = services.short_folder()
    try:
        with services.running(services.Redis()) as redis:
            yield portal_variables(
                folder,
                DATABASE_URL=f"sqlite:///{folder}/bench.sqlite3",
                REDIS_URL=redis.url,
                LOG_LEVEL="ERROR",
                # What the worker could do, not what Microsoft admits.
                LOOKS_A_SECOND="100000",
                **more,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def program(module: str, plan: dict[str, object], variables: dict[str, str]) -> Any:
    """What that module, run in a process of its own, prints as its last line, read as JSON."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", module, json.dumps(plan)],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        preexec_fn=leash(),
    )
    return json.loads(done.stdout.splitlines()[-1])


@cache
def rounds(
    *,
    approved: bool,
    checked: int,
    scheduled: int = 0,
    quick: int = 3,
    trickle: bool = False,
    slow: int = 0,
) -> list[dict[str, float]]:
    """Rounds of looks by one worker's process at that many tenants, and what each look cost.

    The first round is cold: no token is kept and everything is new. The second finds what the
    first left; from the third on nothing is new. With `trickle` few are due at a time in one round
    more. In the `slow` ones each answer takes 100 ms.
    """
    app = "acme-suite" if approved and not scheduled else "acme-calendar"
    plan = {
        "app": app,
        "checked": checked,
        "scheduled": max(checked, scheduled),
        "rounds": quick,
        "trickle": trickle,
        "slow_rounds": slow,
    }
    with simulated_microsoft() as (url, _pid):
        control(url, {"crowd": checked})
        if approved:
            names = (f"t{number}.example" for number in range(1, checked + 1))
            control(url, {"grants": [{"tenant": name, "app": app} for name in names]})
        with worker(MICROSOFT_URL=url) as variables:
            found = program("tests.bench.looker", plan, variables)
    if any(one["looks"] < checked for one in found):
        raise RuntimeError(f"not every tenant was looked at in each round: {found}")
    return found


def figure(name: str, value: float, unit: str, n: int, notes: str) -> dict[str, object]:
    """One measurement as the contract prints it."""
    return {"name": name, "value": value, "unit": unit, "n": n, "notes": notes}
