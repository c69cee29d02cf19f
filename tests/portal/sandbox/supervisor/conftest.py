"""Children that run a few lines of Python."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.sandbox.supervisor.children import Child, end
from tests.processes import wait_for


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    """Makes a child that runs these lines of Python; all are ended with the test."""
    made: list[Child] = []

    def make(lines: str) -> Child:
        command = [sys.executable, "-u", "-c", lines]
        made.append(Child(f"child{len(made)}", command, os.environ, tmp_path / "log", tmp_path))
        return made[-1]

    yield make
    end(made, grace_s=0)


@pytest.fixture
def started(child: Callable[[str], Child]) -> Callable[[str], Child]:
    """The same, started and waited for until it has printed a line."""

    def make(lines: str) -> Child:
        one = child(lines)
        one.start()
        wait_for(one.last_line, "the child prints a line")
        return one

    return make
