"""What the measurements of mails stand on: mail server, Redis and worker, each a process."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from portal.sandbox.supervisor.children import leash
from portal.sandbox.supervisor.plan import ROOT
from tests import services
from tests.processes import portal_variables

CELERY = (sys.executable, "-W", "ignore", "-m", "celery", "-A", "portal")
#: How many wait in each of the tenants that approve one after the other.
WAITING = 10
#: Apps whose approval the worker can prove alone, and tenants where they are offered.
APPS = ("acme-suite", "acme-archive")
TENANTS = ("contoso", "fabrikam", "northwind", "adatum", "relecloud", "wingtip")
QUIETLY = ("--without-gossip", "--without-mingle", "--without-heartbeat")


@dataclass
class Sink:
    """The mail server: where it listens, and what it took once it is stopped."""

    port: int
    taken: list[dict[str, Any]] = field(default_factory=list)

    @property
    def duplicates(self) -> int:
        """How many of the mails had come before, by their Message-ID."""
        return len(self.taken) - len({one["id"] for one in self.taken})


@contextmanager
def sink() -> Iterator[Sink]:
    """A mail server that takes everything; `taken` is filled at the end."""
    command = [sys.executable, "-W", "ignore", "-u", "-m", "tests.bench.sink"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=leash(),
    ) as server:
        assert server.stdin and server.stdout
        found = Sink(int(server.stdout.readline().split()[-1]))
        try:
            yield found
        finally:
            server.stdin.close()
            found.taken += json.loads(server.stdout.readline())


@dataclass
class Post:
    """A prepared database, Redis and a mail server, and the variables that name them."""

    variables: dict[str, str]
    sink: Sink
    stack: ExitStack

    def run(self, *command: str) -> str:
        """What that program prints, once it has ended well."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *command],
            cwd=ROOT,
            env=self.variables,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            preexec_fn=leash(),
        )
        return done.stdout

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A part of the portal that runs until the measurement ends."""
        part = subprocess.Popen(
            [*CELERY, *command],
            cwd=ROOT,
            env=self.variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=leash(),
        )
        self.stack.callback(part.wait)
        self.stack.callback(part.kill)
        return part


@contextmanager
def post(**more: str) -> Iterator[Post]:
    """On an SQLite file in a new folder; nothing of this machine's own bends it."""
    folder = services.short_folder()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        redis = stack.enter_context(services.running(services.Redis()))
        server = stack.enter_context(sink())
        read = portal_variables(
            folder,
            DATABASE_URL=f"sqlite:///{folder}/bench.sqlite3",
            REDIS_URL=redis.url,
            EMAIL_URL=f"smtp://127.0.0.1:{server.port}",
            LOG_LEVEL="CRITICAL",
            **more,
        )
        found = Post(read, server, stack)
        found.run("manage.py", "migrate", "-v", "0")
        yield found


@cache
def told(people: int) -> tuple[dict[str, float], Sink]:
    """Everybody who waits for one tenant is told by one worker's process; how long that took, and
    what the mail server took.
    """
    with post() as here:
        worker = here.start("worker", "--pool", "threads", "-c", "2", "-Q", "mail", *QUIETLY)
        plan = json.dumps({"people": people, "worker": worker.pid})
        found = json.loads(here.run("-m", "tests.bench.mailer", plan).splitlines()[-1])
    if not found["queued"] == found["marked"] == people:
        raise RuntimeError(f"not everybody was told: {found}")
    return found, here.sink
