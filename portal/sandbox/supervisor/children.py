"""One process of the demo: started on a leash, its words in a log file, ended when we say so."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
PR_SET_PDEATHSIG = 1
# What a terminal sends to the whole process group. The supervisor alone answers, and ends its
# children in order.
FROM_TERMINAL = {signal.SIGINT, signal.SIGHUP}


def leash(last_signal: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """What a new child does before its program starts: turn deaf to the terminal.

    On Linux it also dies with its parent, by `last_signal`. The terminal's signals are blocked as
    well as ignored: Celery, gunicorn and asyncio install handlers of their own, and a blocked
    signal reaches none of them.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def hold() -> None:
        for number in FROM_TERMINAL:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, FROM_TERMINAL)
        if libc:
            libc.prctl(PR_SET_PDEATHSIG, last_signal, 0, 0, 0)
            # The parent may have died before the line above took effect.
            if os.getppid() != parent:
                os._exit(1)

    return hold


@dataclass
class Child:
    """A process to keep alive. It stays in the supervisor's process group."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    due_at: float | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the program; what it prints is appended to the log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=leash(),
            )

    @property
    def is_running(self) -> bool:
        """Whether the process is alive now."""
        return self.process is not None and self.process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """The exit status, negative for a signal; None before the start and while it runs."""
        return self.process.poll() if self.process else None

    @property
    def ending(self) -> str:
        """How the process ended, in words; empty while it runs."""
        status = self.exit_status
        if status is None:
            return ""
        return f"exit status {status}" if status >= 0 else signal.Signals(-status).name

    def last_line(self) -> str:
        """The last line of the log that says something."""
        lines = (
            self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        )
        return lines[-1].strip() if lines else ""


def end(children: list[Child], *, grace_s: float) -> None:
    """End these children together: SIGTERM, and SIGKILL for those that outlive the grace."""
    running = [child.process for child in children if child.process and child.is_running]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and any(process.poll() is None for process in running):
        time.sleep(0.02)
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()
