"""A child keeps to its supervisor: deaf to the terminal, gone when told or when the parent dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.sandbox.supervisor.children import Child, end
from tests.processes import is_alive, wait_for

Make = Callable[[str], Child]
SLEEP = "import time; print('up'); time.sleep(60)"
EAGER = """
import signal, sys, time
for number in (signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda *_: sys.exit(3))
print('up')
time.sleep(60)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('up')
time.sleep(60)
"""
PARENT = """
import os, sys, time
from pathlib import Path
from portal.sandbox.supervisor.children import Child
here = Path(sys.argv[1])
command = [sys.executable, '-c', 'import time; time.sleep(60)']
child = Child('grandchild', command, os.environ, here / 'log', here)
child.start()
print(child.process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_child_with_its_own_handler_is_deaf_to_the_terminal(started: Make, number: int) -> None:
    child = started(EAGER)

    child.process.send_signal(number)
    time.sleep(0.2)

    assert child.is_running


def test_child_stays_in_our_process_group(started: Make) -> None:
    assert os.getpgid(started(SLEEP).process.pid) == os.getpgrp()


def test_end_asks_first(started: Make) -> None:
    child = started("import signal, sys, time\n" + EAGER.replace("SIGINT", "SIGTERM"))

    end([child], grace_s=10)

    assert child.ending == "exit status 3"


def test_end_kills_who_does_not_listen(started: Make) -> None:
    children = [started(STUBBORN), started(SLEEP)]

    end(children, grace_s=0.2)

    assert [child.ending for child in children] == ["SIGKILL", "SIGTERM"]


def test_end_of_a_child_that_never_started_does_nothing(child: Make) -> None:
    never = child(SLEEP)

    end([never], grace_s=0)

    assert (never.is_running, never.ending, never.last_line()) == (False, "", "")


def test_last_line_is_what_was_printed_last(started: Make) -> None:
    child = started("print('first')\nraise SystemExit('the reason')")
    child.process.wait()

    assert (child.last_line(), child.ending) == ("the reason", "exit status 1")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_child_of_a_killed_parent_dies(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        assert is_alive(pid)

        parent.kill()

    wait_for(lambda: not is_alive(pid), "the child dies with its parent")
