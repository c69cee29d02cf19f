"""The demo comes up from nothing, outlives the death of its parts, and leaves no process behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.sandbox.supervisor.plan import ROOT, free_port
from portal.sandbox.supervisor.supervisor import answers
from tests.processes import family, is_alive, wait_for

pytestmark = [
    pytest.mark.timeout(150),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]
READY_WITHIN_S = 60
GONE_WITHIN_S = 6
PARTS = {"redis", "microsoft", "web", "worker", "beat"}


@dataclass
class Demo:
    """A demo that runs as `make demo` runs it."""

    process: subprocess.Popen[str]
    folder: Path
    port: int

    def family(self) -> set[int]:
        """The process ids of its children and theirs."""
        return family(self.process.pid)

    def is_ready(self) -> bool:
        """Whether the portal says so."""
        return answers(self.port, "/readyz")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    port = free_port()
    options = ["--port", str(port), "--microsoft-port", str(free_port()), "--folder", str(tmp_path)]
    with (tmp_path / "terminal").open("w") as terminal:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", *options],
            cwd=ROOT,
            env={**os.environ, "SANDBOX": "1", "DEBUG": "1"},
            stdout=terminal,
            stderr=terminal,
            text=True,
            # A terminal's group of its own, so that a test can play Ctrl-C.
            start_new_session=True,
        )
    demo = Demo(process, tmp_path, port)
    try:
        wait_for(
            lambda: demo.is_ready() or process.poll() is not None,
            "the demo is ready",
            within_s=READY_WITHIN_S,
        )
        assert process.poll() is None, (tmp_path / "terminal").read_text()
        yield demo
    finally:
        process.terminate()
        process.wait(30)


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
    assert "Traceback" not in (demo.folder / "terminal").read_text()


def test_demo_outlives_the_death_of_each_part(demo: Demo) -> None:
    before = demo.family()

    for pid in before:
        # gunicorn's own child goes with it.
        if is_alive(pid) and os.getpgid(pid) == demo.process.pid:
            os.kill(pid, signal.SIGKILL)

    terminal = demo.folder / "terminal"
    wait_for(
        lambda: all(f"{part} ended (SIGKILL)" in terminal.read_text() for part in PARTS),
        "a line for each part",
    )
    wait_for(lambda: len(demo.family() - before) >= len(PARTS), "each part runs again")
    wait_for(demo.is_ready, "the demo is ready again", within_s=READY_WITHIN_S)
    assert "Traceback" not in terminal.read_text()
