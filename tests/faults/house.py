"""A whole portal of real processes, whose parts can be killed at any moment."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.sandbox.microsoft.server import Running, running
from portal.sandbox.supervisor.children import leash
from portal.sandbox.supervisor.plan import ROOT, free_port
from tests import services
from tests.processes import portal_variables, wait_for

#: Work resumes by itself within a minute; a little more for this machine's sake.
A_MINUTE_S = 75.0
DJANGO = "import django; django.setup(); import json; from consent.models import *"


class MailServer:
    """An SMTP server that can stop before or after it has taken a mail, refuse it, hang up instead
    of an answer, be silent, or be away; `full` are recipients whose mailbox is.
    """

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.recipients: list[str] = []
        self.full: set[str] = set()
        self.mode = "take"
        self.seconds_a_letter = 0.0
        self.reached = threading.Event()
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_EHLO(  # noqa: N802
        self, _server: object, session: Session, _envelope: object, name: str, said: list[str]
    ) -> list[str]:
        """aiosmtpd calls this at the beginning of each connection."""
        session.host_name = name
        if self.mode == "silent":
            self.reached.set()
            await asyncio.sleep(3600)
        return said

    async def handle_RCPT(  # noqa: N802
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        """aiosmtpd calls this for each recipient."""
        if address in self.full:
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, _session: object, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd calls this with the whole mail, before it answers."""
        if self.mode == "refuse":
            return "451 not now"
        await asyncio.sleep(self.seconds_a_letter)
        if self.mode == "hold before":
            self.reached.set()
            await asyncio.sleep(3600)
        mail = message_from_bytes(bytes(envelope.content or b""))
        self.taken.append(str(mail["Message-ID"]).strip())
        self.recipients += envelope.rcpt_tos
        if self.mode == "drop":
            self.reached.set()
            server.transport.abort()
        if self.mode == "hold after":
            self.reached.set()
            await asyncio.sleep(3600)
        return "250 taken"

    @property
    def by_message_id(self) -> Counter[str]:
        """How often each mail was taken."""
        return Counter(self.taken)

    def leave(self) -> None:
        """From now on nobody listens at its port."""
        self._controller.stop()

    def come_back(self) -> None:
        """Listen again."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def __enter__(self) -> "MailServer":
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._controller.stop()


@dataclass
class House:
    """The portal's processes around one database and one Redis; `parts` run by name."""

    folder: Path
    redis: services.Redis
    mail: MailServer
    microsoft: Running
    database_url: str
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What every process reads."""
        return portal_variables(
            self.folder,
            CHECK_PACE="60",
            MICROSOFT_URL=self.microsoft.url,
            DATABASE_URL=self.database_url,
            REDIS_URL=self.redis.url,
            EMAIL_URL=f"smtp://127.0.0.1:{self.mail.port}",
            LOG_LEVEL="WARNING",
        )

    def run(self, code: str) -> Any:
        """Run that code in a process of its own; gives back what it assigns to `told`."""
        script = f"{DJANGO}\n{code}\nprint(json.dumps(told))"
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def prepare(self) -> None:
        """Tables and the demo's apps."""
        for command in ("migrate", "seed"):
            subprocess.run(
                [sys.executable, "-W", "ignore", "manage.py", command, "-v", "0"],
                cwd=ROOT,
                env=self.environment,
                check=True,
                timeout=120,
            )

    def start(self, name: str, *command: str) -> None:
        """Start a part; `worker…` and `beat…` know their command."""
        celery = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "portal"]
        if name.startswith("worker"):
            queues = ["-Q", "default,checks,mail", "-n", f"{name}@here"]
            quick = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
            command = (*celery, "worker", "--pool", "threads", "-c", "4", *queues, *quick)
        elif name.startswith("beat"):
            command = (*celery, "beat", "-s", str(self.folder / f"{name}.schedule"), "--pidfile=")
        with (self.folder / f"{name}.log").open("ab") as log:
            self.parts[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=leash(signal.SIGKILL),
            )

    def kill(self, name: str) -> None:
        """SIGKILL, as the kernel does it when memory runs out."""
        part = self.parts.pop(name)
        part.kill()
        part.wait()

    def stop(self) -> None:
        """End what still runs."""
        for name in list(self.parts):
            self.kill(name)

    def log(self, name: str) -> str:
        """What that part said."""
        return (self.folder / f"{name}.log").read_text()

    def ask(self, email: str) -> int:
        """Somebody asks: one confirmation is queued. Gives back its row's key."""
        key: int = self.run(
            f"""
from consent import tickets
app = AppRegistration.objects.get(slug="acme-calendar")
ticket = tickets.ask(app=app, email={email!r}, name="", note="", pasted="", seen="",
    administrator_email="")
told = ticket.mails.get().pk
"""
        )
        return key

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says, asked without Django: quick, and not through what is tested."""
        if self.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"))) as file:
                return list(file.execute(query))
        folder = self.database_url.removeprefix("postgres://postgres@/").removesuffix("/portal")
        with psycopg.connect(f"host={folder} user=postgres dbname=portal") as connection:
            return list(connection.execute(query))

    def mail_states(self) -> Counter[str]:
        """How many rows of the outbox are in which state."""
        return Counter(state for (state,) in self.rows("select state from consent_outboxmessage"))

    def wait_until_sent(self, count: int, *, within_s: float = A_MINUTE_S) -> None:
        """Until so many mails are marked as sent, and no other is left."""
        wait_for(
            lambda: self.mail_states() == Counter({"sent": count}),
            f"{count} mails sent; {self.mail_states()}",
            within_s=within_s,
        )


def open_house(stack: ExitStack, folder: Path, database: str) -> House:
    """A prepared house on that database (`sqlite` or `postgres`), without worker and beat."""
    redis = stack.enter_context(services.running(services.Redis()))
    assert isinstance(redis, services.Redis)
    if database == "postgres":
        server = stack.enter_context(services.running(services.Postgres()))
        url = server.url
    else:
        url = f"sqlite:///{folder}/house.sqlite3"
    mail = stack.enter_context(MailServer())
    microsoft = stack.enter_context(running(portal_url="http://localhost:8000"))
    house = House(folder, redis, mail, microsoft, url)
    stack.callback(house.stop)
    house.prepare()
    return house
