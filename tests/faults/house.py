"""A whole portal of real processes, whose parts can be killed at any moment."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import requests

from portal.sandbox.microsoft.server import Running, running
from portal.sandbox.supervisor.children import leash
from portal.sandbox.supervisor.plan import ROOT, free_port
from tests import services
from tests.faults.console import Console
from tests.faults.mail_server import MailServer
from tests.faults.prepared import prepared
from tests.processes import portal_variables, wait_for

#: Work resumes by itself within a minute; a little more for this machine's sake.
A_MINUTE_S = 75.0
#: An approval that is missing for so long counts as withdrawn, here. No fault hides one for longer
#: in a row; at Microsoft it is a quarter of an hour.
REVOKED_AFTER_S = 6.0
SERVERS = {"redis", "postgres"}


@dataclass
class House:
    """The portal's processes around one database and one Redis; `parts` run by name.

    `variables` are read by what starts afterwards. The rest says what this test brings about, for
    the promises to be held against: where it let Microsoft approve, how many approvals it really
    had withdrawn, how many mails may have a twin, which were in hand when a worker died, and who
    is `dead` right now.
    """

    folder: Path
    redis: services.Redis
    mail: MailServer
    microsoft: Running
    port: int
    database_url: str
    postgres: services.Postgres | None = None
    variables: dict[str, str] = field(default_factory=dict)
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    approved: set[str] = field(default_factory=set)
    withdrawn: int = 0
    twins: int = 0
    in_hand: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    celery_app: str = "portal"
    _console: Console | None = None

    @property
    def url(self) -> str:
        """The portal's own address."""
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What every process reads."""
        usual = {
            "CHECK_PACE": "60",
            "PORTAL_URL": self.url,
            "MICROSOFT_URL": self.microsoft.url,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "LOG_LEVEL": "WARNING",
            "REVOKED_AFTER_MINUTES": str(REVOKED_AFTER_S / 60),
            # Their mails would be counted among those to people.
            "OPERATORS_EMAIL": "",
        }
        return portal_variables(self.folder, **usual | self.variables)

    def run(self, code: str) -> Any:
        """Run that code in a process of its own; gives back what it assigns to `told`."""
        self._console = self._console or Console(self.environment)
        return self._console.run(code)

    def start(self, *names: str) -> None:
        """Start these parts: `worker…`, `beat…`, `web`; or again the Redis, empty, or `postgres`
        that was killed.
        """
        self.dead -= set(names)
        # What the others stand on comes first.
        for name in sorted(names, key=lambda name: name not in SERVERS):
            if name == "redis":
                self.redis.start()
                self.redis.client().flushall()
                continue
            if name == "postgres":
                assert self.postgres
                self.postgres.start()
                continue
            with (self.folder / f"{name}.log").open("ab") as log:
                self.parts[name] = subprocess.Popen(
                    self._command(name),
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    preexec_fn=leash(signal.SIGKILL),
                )

    def _command(self, name: str) -> list[str]:
        python = [sys.executable, "-W", "ignore", "-m"]
        celery = [*python, "celery", "-A", self.celery_app]
        if name.startswith("worker"):
            queues = ["-Q", "default,checks,mail", "-n", f"{name}@here"]
            quick = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
            return [*celery, "worker", "--pool", "threads", "-c", "4", *queues, *quick]
        if name.startswith("beat"):
            return [*celery, "beat", "-s", str(self.folder / f"{name}.schedule"), "--pidfile="]
        threads = ["--worker-class", "gthread", "--threads", "4"]
        return [*python, "gunicorn", "portal.wsgi", *threads, "-b", f"127.0.0.1:{self.port}"]

    def start_web(self) -> None:
        """Start the web server, unless it runs, and wait until it answers."""
        if "web" not in self.parts:
            self.start("web")
        wait_for(self.web_answers, "the web server answers", within_s=60)

    def web_answers(self) -> bool:
        """Whether the web server does."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def kill(self, *names: str) -> None:
        """SIGKILL, as the kernel does it when memory runs out; several at the same moment.

        PostgreSQL's own processes are ended at once instead, which it has to recover from as well.
        """
        self.dead |= set(names)
        parts = [self.parts.pop(name) for name in names if name not in SERVERS]
        for part in parts:
            # With its children: each part leads a group of its own.
            with suppress(ProcessLookupError):
                os.killpg(part.pid, signal.SIGKILL)
        if "redis" in names:
            self.redis.kill()
        if "postgres" in names:
            assert self.postgres
            self.postgres.end(signal.SIGQUIT)
        for part in parts:
            part.wait()

    def freeze_redis(self) -> None:
        """It takes calls and answers none, so that whoever rings a bell hangs there."""
        assert self.redis.process
        self.redis.process.send_signal(signal.SIGSTOP)

    def thaw_redis(self) -> None:
        """It answers what it was asked meanwhile."""
        assert self.redis.process
        self.redis.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End what still runs."""
        self.kill(*self.parts)
        if self._console:
            self._console.stop()

    def log(self, name: str) -> str:
        """What that part said."""
        return (self.folder / f"{name}.log").read_text()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says, asked without Django: quick, and not through what is tested."""
        if self.postgres is None:
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"))) as file:
                return list(file.execute(query))
        address = f"host={self.postgres.folder} user=postgres dbname=portal"
        with psycopg.connect(address) as connection:
            return list(connection.execute(query))

    def mail_states(self) -> Counter[str]:
        """How many rows of the outbox are in which state."""
        return Counter(state for (state,) in self.rows("select state from consent_outboxmessage"))

    def ended(self) -> dict[str, str]:
        """The parts that ended by themselves, and their last words. Nobody starts them again."""
        return {
            name: self.log(name)[-3000:]
            for name, part in self.parts.items()
            if part.poll() is not None
        }

    def wait_until_sent(self, count: int, *, within_s: float = A_MINUTE_S) -> None:
        """Until so many mails are marked as sent, and no other is left."""
        wait_for(
            lambda: self.mail_states() == Counter({"sent": count}),
            lambda: f"{count} mails sent; {self.mail_states()}; {self.ended()}",
            within_s=within_s,
        )


def open_house(stack: ExitStack, folder: Path, database: str, *, shared: Path) -> House:
    """A prepared house on that database (`sqlite` or `postgres`), without worker and beat; the
    model of its database is in `shared`. Raises services.Missing.
    """
    model = prepared(shared, database)
    redis = stack.enter_context(services.running(services.Redis()))
    assert isinstance(redis, services.Redis)
    postgres = None
    if database == "postgres":
        postgres = services.Postgres(model=model, keeps=True)
        url = stack.enter_context(services.running(postgres)).url
    else:
        file = folder / "house.sqlite3"
        shutil.copy(model, file)
        url = f"sqlite:///{file}"
    port = free_port()
    mail = stack.enter_context(MailServer())
    microsoft = stack.enter_context(running(portal_url=f"http://localhost:{port}"))
    house = House(folder, redis, mail, microsoft, port, url, postgres)
    stack.callback(house.stop)
    return house
