"""A demo of a test's own, run as `make demo` runs it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.sandbox.supervisor.plan import ROOT, Plan, free_port
from portal.sandbox.supervisor.supervisor import answers
from tests.processes import family, wait_for

READY_WITHIN_S = 60


@dataclass
class Demo:
    """The demo's supervisor and where it is; what it prints is in `terminal`."""

    process: subprocess.Popen[bytes]
    plan: Plan

    @property
    def terminal(self) -> Path:
        """What a person would see."""
        return self.plan.folder / "terminal"

    def family(self) -> set[int]:
        """The process ids of its children and theirs."""
        return family(self.process.pid)

    def is_ready(self) -> bool:
        """Whether the portal says so."""
        return answers(self.plan.port, "/readyz")

    def wait_until_ready(self) -> None:
        """Wait for the portal; fails with what the terminal shows where the demo ended."""
        wait_for(
            lambda: self.is_ready() or self.process.poll() is not None,
            "the demo is ready",
            within_s=READY_WITHIN_S,
        )
        assert self.process.poll() is None, self.terminal.read_text()


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """A demo in that folder, on free ports, until the end."""
    plan = Plan(folder, free_port(), free_port())
    options = ["--port", str(plan.port), "--microsoft-port", str(plan.microsoft_port)]
    with started(plan, "manage.py", "demo", *options, "--folder", str(folder)) as demo:
        yield demo


@contextmanager
def started(plan: Plan, *program: str) -> Iterator[Demo]:
    """The demo that this Python program runs by that plan, in a process group of its own, until
    the end.
    """
    with (plan.folder / "terminal").open("wb") as terminal:
        process = subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env={**os.environ, "SANDBOX": "1", "DEBUG": "1", "ENV_FILE": os.devnull},
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
    demo = Demo(process, plan)
    try:
        demo.wait_until_ready()
        yield demo
    finally:
        process.terminate()
        process.wait(30)
