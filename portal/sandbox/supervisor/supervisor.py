"""Starts the demo's processes in order, keeps them alive, and ends them all when told to."""

import contextlib
import fcntl
import http.client
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType

from portal.sandbox.supervisor.children import Child, end
from portal.sandbox.supervisor.plan import Cast, Plan, cast
from portal.sandbox.supervisor.welcome import welcome

TICK_S = 0.05
RESTART_AFTER_S = 1.0
READY_WITHIN_S = 120.0
# SIGKILL follows in time for the whole to be gone within five seconds.
GRACE_S = 3.5
REDIS_GRACE_S = 0.8
LAST_WORDS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


class CannotRun(Exception):
    """The demo cannot go on; the text is one sentence for the person at the terminal."""


def say(text: str) -> None:
    """Print a line at once; a terminal that is gone no longer matters."""
    with contextlib.suppress(OSError):
        os.write(1, f"{text}\n".encode())


@dataclass
class Supervisor:
    """One run of a demo."""

    plan: Plan
    is_stopping: bool = field(default=False, init=False)

    def run(self) -> None:
        """Run until a signal says stop; raises CannotRun. Either way no process is left behind."""
        self.listen()
        with self.alone(), cast(self.plan) as actors:
            for number in (self.plan.port, self.plan.microsoft_port):
                refuse_taken(number)
            try:
                self._start(actors)
                self.keep(actors.lasting, until=lambda: False)
            finally:
                # Redis last: the others have something to say to it while they end.
                end([actors.preparation, *actors.lasting[1:]], grace_s=GRACE_S)
                end([actors.redis], grace_s=REDIS_GRACE_S)
        say("Stopped.")

    def listen(self) -> None:
        """From now on Ctrl-C, SIGTERM and a closed terminal end `keep`."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.is_stopping = True

        for number in LAST_WORDS:
            signal.signal(number, stop)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder; raises CannotRun where that cannot be, or another demo holds it."""
        folder = self.plan.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = (folder / "demo.lock").open("w")
        except OSError as error:
            raise CannotRun(f"{folder} cannot be used: {error.strerror}.") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CannotRun(
                    f"Another demo runs in {folder}: stop it, or choose another DEMO_DIR."
                ) from None
            yield

    def _start(self, actors: Cast) -> None:
        # Yesterday's words, and the clock's memory of when it last rang.
        for leftover in {*self.plan.folder.glob("*.log"), *self.plan.folder.glob("beat.*")}:
            leftover.unlink()
        say("Starting the portal and its simulated Microsoft …")
        first = [actors.redis, actors.microsoft]
        for child in [*first, actors.preparation]:
            child.start()
        self.keep(first, until=lambda: not actors.preparation.is_running)
        if self.is_stopping:
            return
        if actors.preparation.exit_status != 0:
            raise CannotRun(
                f"The database could not be prepared: {_last_words(actors.preparation)}"
            )
        for child in actors.portal:
            child.start()
        deadline = time.monotonic() + READY_WITHIN_S
        self.keep(actors.lasting, until=lambda: self._is_ready() or time.monotonic() > deadline)
        if self.is_stopping:
            return
        if time.monotonic() > deadline:
            said = "; ".join(filter(None, map(_last_words, actors.lasting)))
            raise CannotRun(f"Not ready after {READY_WITHIN_S:.0f} seconds. {said}")
        say(welcome(self.plan))

    def keep(self, children: list[Child], *, until: Callable[[], bool]) -> None:
        """Start again what dies, after a second and with one line, until told to stop."""
        while not self.is_stopping and not until():
            now = time.monotonic()
            for child in children:
                if child.is_running:
                    continue
                if child.due_at is None:
                    child.due_at = now + RESTART_AFTER_S
                    say(
                        f"{child.name} ended ({child.ending}) and is started again; see {child.log}"
                    )
                elif now >= child.due_at:
                    child.due_at = None
                    child.start()
            time.sleep(TICK_S)

    def _is_ready(self) -> bool:
        ready = answers(self.plan.port, "/readyz") and answers(
            self.plan.microsoft_port, "/_control/state"
        )
        if not ready:
            time.sleep(TICK_S)
        return ready


def answers(port: int, path: str) -> bool:
    """Whether GET on this port of the loopback is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def refuse_taken(port: int) -> None:
    """Raise CannotRun if somebody listens there; browsers look for localhost at ::1 too."""
    if not 1 <= port <= 65535:
        raise CannotRun(f"A port is a number from 1 to 65535, not {port}.")
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError), socket.socket(family) as probe:
            probe.settimeout(1)
            if probe.connect_ex((address, port)) == 0:
                raise CannotRun(
                    f"Port {port} is taken: stop what listens there, or choose others with"
                    " `make demo PORT=… MICROSOFT_PORT=…`."
                )


def _last_words(child: Child) -> str:
    line = child.last_line()
    return f"{child.name} says “{line}” ({child.log})" if line else ""
