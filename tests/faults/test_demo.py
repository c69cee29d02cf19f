"""The demo comes up from nothing, outlives the death of its parts, and leaves no process behind."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo import READY_WITHIN_S, Demo, running
from tests.processes import is_alive, wait_for

pytestmark = [
    pytest.mark.timeout(150),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]
GONE_WITHIN_S = 6
PARTS = {"redis", "microsoft", "web", "worker", "beat"}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with running(tmp_path) as demo:
        yield demo


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_demo_told_to_stop_leaves_no_process(demo: Demo, word: int) -> None:
    members = demo.family()
    assert len(members) >= len(PARTS)
    assert {os.getpgid(pid) for pid in members} == {demo.process.pid}

    if word in (signal.SIGINT, signal.SIGHUP):
        os.killpg(demo.process.pid, word)
    else:
        demo.process.send_signal(word)

    wait_for(
        lambda: not any(map(is_alive, members)), "every process is gone", within_s=GONE_WITHIN_S
    )
    assert demo.process.wait(GONE_WITHIN_S) == (-signal.SIGKILL if word == signal.SIGKILL else 0)
    assert "Traceback" not in demo.terminal.read_text()


def test_demo_outlives_the_death_of_each_part(demo: Demo) -> None:
    before = demo.family()

    for pid in before:
        # gunicorn's own child goes with it.
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)

    wait_for(
        lambda: all(f"{part} ended (SIGKILL)" in demo.terminal.read_text() for part in PARTS),
        "a line for each part",
    )
    wait_for(lambda: len(demo.family() - before) >= len(PARTS), "each part runs again")
    wait_for(demo.is_ready, "the demo is ready again", within_s=READY_WITHIN_S)
    assert "Traceback" not in demo.terminal.read_text()
