"""Seconds from the moment a request is granted until the mail server has taken the good news, where
ten people wait.
"""

import json
import subprocess
import sys
from typing import Any

from portal.sandbox.supervisor.children import leash
from portal.sandbox.supervisor.plan import ROOT
from tests.bench.mailing import APPS, QUIETLY, TENANTS, WAITING, Post, post
from tests.bench.measure_batch import simulated_microsoft

QUEUES = "default,checks,mail"


def with_a_worker(here: Post, module: str, plan: dict[str, int]) -> Any:
    """What that program prints at its end; worker and beat start once it is ready."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", module, json.dumps(plan)],
        cwd=ROOT,
        env=here.variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=leash(),
    ) as program:
        assert program.stdin and program.stdout
        program.stdout.readline()
        here.start("worker", "--pool", "threads", "-c", "4", "-Q", QUEUES, *QUIETLY)
        here.start("beat", "-s", f"{here.variables['VAR_DIR']}/schedule", "--pidfile=")
        program.stdin.write("go\n")
        program.stdin.flush()
        return json.loads(program.stdout.readline())


def measure(n: int = 120) -> dict[str, object]:
    """One tenant after the other approves, as many as so many people need."""
    tenants = min(n // WAITING, len(APPS) * len(TENANTS))
    with simulated_microsoft() as (url, _pid), post(MICROSOFT_URL=url) as here:
        since = with_a_worker(here, "tests.bench.granter", {"tenants": tenants})
    if len(since) != tenants * WAITING:
        raise RuntimeError(f"{tenants * WAITING - len(since)} people were not told")
    waits = sorted(one["at"] - since[one["to"]] for one in here.sink.taken if one["to"] in since)
    return {
        "name": "grant_to_mail_p95_s",
        "value": round(waits[int(len(waits) * 0.95)], 2),
        "unit": "s",
        "n": len(waits),
        "notes": (
            f"ten people wait in each of {tenants} tenants that approve one after the other;"
            f" median {waits[len(waits) // 2]:.2f} s; one worker, SQLite in a file"
        ),
    }
