"""What a demo consists of: its addresses, its folder, its processes and their environment."""

import os
import secrets
import shutil
import socket
import string
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from portal.sandbox.supervisor.children import Child
from portal.sandbox.supervisor.redis import SOCKET_NAME, find_server, imitation

ROOT = Path(__file__).resolve().parents[3]
# A demo mails nobody and knows no real credential, whatever the shell or a .env file holds:
# nothing else gets through.
INHERITED = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "LD_LIBRARY_PATH")
# A socket's path has at most 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_FOLDER = 100 - len(SOCKET_NAME) - 1
# Others would have to be quoted in an address, which not every reader of REDIS_URL undoes.
PLAIN_CHARACTERS = set(f"{string.ascii_letters}{string.digits}/._-")


@dataclass(frozen=True)
class Plan:
    """A demo in a folder, on two loopback ports."""

    folder: Path
    port: int
    microsoft_port: int

    @property
    def portal_url(self) -> str:
        """The portal's own address; everything printed, mailed and registered says it."""
        return f"http://localhost:{self.port}"

    @property
    def microsoft_url(self) -> str:
        """Where the simulated Microsoft answers."""
        return f"http://localhost:{self.microsoft_port}"

    def environment(self, redis_url: str) -> dict[str, str]:
        """All variables of the demo's processes."""
        return {name: os.environ[name] for name in INHERITED if name in os.environ} | {
            "ENV_FILE": os.devnull,
            "DEBUG": "1",
            "SANDBOX": "1",
            "CHECK_PACE": "60",
            "PORTAL_URL": self.portal_url,
            "MICROSOFT_URL": self.microsoft_url,
            "DATABASE_URL": f"sqlite:///{quote(str(self.folder / 'demo.sqlite3'))}",
            "REDIS_URL": redis_url,
            "VAR_DIR": str(self.folder),
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
        }


@dataclass(frozen=True)
class Cast:
    """The demo's processes, by when they can start; `preparation` ends by itself."""

    redis: Child
    microsoft: Child
    preparation: Child
    portal: list[Child]

    @property
    def lasting(self) -> list[Child]:
        """All that are to be kept alive."""
        return [self.redis, self.microsoft, *self.portal]


@contextmanager
def cast(plan: Plan) -> Iterator[Cast]:
    """The processes of a demo, not yet started.

    Redis gets a folder of its own where the demo's path is unfit for a socket.
    """
    with _socket_folder(plan.folder) as socket_folder:
        if server := find_server():
            redis_command = server.command(socket_folder)
            redis_url = f"redis+socket://{socket_folder / SOCKET_NAME}"
        else:
            port = free_port()
            redis_command, redis_url = imitation(port), f"redis://127.0.0.1:{port}/0"
        environment = plan.environment(redis_url)

        def child(name: str, *command: str) -> Child:
            return Child(name, list(command), environment, plan.folder / f"{name}.log", ROOT)

        yield Cast(
            redis=child("redis", *redis_command),
            microsoft=child("microsoft", *_python(MICROSOFT), *_microsoft_options(plan)),
            preparation=child("preparation", *_python("portal.sandbox.supervisor.preparation")),
            portal=[
                child("web", *_python(GUNICORN), "--bind", f"127.0.0.1:{plan.port}"),
                child("worker", *_python(WORKER)),
                child("beat", *_python(BEAT), "--schedule", str(plan.folder / "beat")),
            ],
        )


MICROSOFT = "portal.sandbox.microsoft"
GUNICORN = (
    "gunicorn portal.wsgi --worker-class gthread --workers 1 --threads 8 --graceful-timeout 2"
    " --log-level warning --no-control-socket"
)
# One worker needs no word from others: without gossip and mingle it is ready two seconds earlier.
WORKER = (
    "celery -A portal worker --pool threads --concurrency 8 -Q default,checks,mail"
    " --loglevel WARNING --without-gossip --without-mingle --without-heartbeat"
)
BEAT = "celery -A portal beat --loglevel WARNING --pidfile="


def _python(module_and_options: str) -> list[str]:
    return [sys.executable, "-m", *module_and_options.split()]


def _microsoft_options(plan: Plan) -> list[str]:
    return ["--port", str(plan.microsoft_port), "--portal-url", plan.portal_url]


@contextmanager
def _socket_folder(folder: Path) -> Iterator[Path]:
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and set(str(folder)) <= PLAIN_CHARACTERS:
        yield folder
        return
    short = Path(tempfile.mkdtemp(prefix="portal-demo-", dir="/tmp"))
    try:
        yield short
    finally:
        shutil.rmtree(short, ignore_errors=True)


def free_port() -> int:
    """A port of the loopback that nobody listens on now.

    Drawn from below those that the system hands out by itself, so that nobody else gets it in the
    moment before it is used.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
