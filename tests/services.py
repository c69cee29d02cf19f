"""Servers for tests: each fresh, on a socket in a temporary folder, ended with the test run.

Nothing that already runs on the machine is used. A program that is not installed is a `Missing`
with the sentence that says how to get it.
"""

import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from portal.sandbox.supervisor.children import leash
from portal.sandbox.supervisor.redis import find_server

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 10


class Missing(Exception):
    """A program that these tests need is not installed; the text says what to install."""


def find_postgres() -> Path:
    """The folder with `initdb` and `postgres`, the newest of several; raises Missing."""
    folders = sorted(
        glob.glob("/usr/lib/postgresql/*/bin"),
        key=lambda folder: int(Path(folder).parent.name.partition(".")[0]),
        reverse=True,
    )
    on_path = shutil.which("postgres")
    for folder in [*folders, *([os.path.dirname(os.path.realpath(on_path))] if on_path else [])]:
        if all(os.access(f"{folder}/{program}", os.X_OK) for program in ("initdb", "postgres")):
            return Path(folder)
    raise Missing("PostgreSQL is not installed: apt-get install postgresql")


def find_chromium() -> str:
    """The path of a Chromium; raises Missing."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise Missing("Chromium is not installed: apt-get install chromium")


def short_folder() -> Path:
    """A new folder whose path leaves room for a socket's name; both may have 107 bytes."""
    return Path(tempfile.mkdtemp(prefix="portal-", dir="/tmp"))


def copy_of(source: Path, target: Path) -> None:
    """Copy that folder with everything in it, owners as well."""
    subprocess.run(["cp", "-a", source, target], check=True)


@dataclass
class Server:
    """A program that runs until `stop()`; `kill()` and `start()` play a crash and a recovery."""

    folder: Path = field(default_factory=short_folder)
    process: subprocess.Popen[bytes] | None = None

    url: str = ""
    stop_signal: signal.Signals = signal.SIGTERM

    def command(self) -> list[str]:
        """What to run."""
        raise NotImplementedError

    def account(self) -> dict[str, object]:
        """Whom to run it as, as arguments of `Popen`; nobody else by default."""
        return {}

    def is_ready(self) -> bool:
        """Whether it answers."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the program and wait until it answers; raises RuntimeError with its last words."""
        log = self.folder / "log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the tests; they end their servers themselves.
                start_new_session=True,
                preexec_fn=leash(signal.SIGQUIT),
                **self.account(),
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.command()[0]} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End the program as a crash would."""
        self.end(signal.SIGKILL)

    def end(self, word: signal.Signals) -> None:
        """Send it that signal and wait until it is gone; `start()` begins again where it ended."""
        if self.process:
            self.process.send_signal(word)
            self.process.wait()

    def stop(self) -> None:
        """End the program and remove its files."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Redis(Server):
    """A Redis on a Unix socket. `url` is for our settings, `client()` for a look inside."""

    def __post_init__(self) -> None:
        self.socket = self.folder / "redis.sock"
        self.url = f"redis+socket://{self.socket}"

    def command(self) -> list[str]:
        server = find_server()
        if server is None:
            raise Missing("Redis is not installed: apt-get install redis-server")
        return server.command(self.folder)

    def client(self) -> redis.Redis:
        """A new connection."""
        return redis.Redis(unix_socket_path=str(self.socket))

    def is_ready(self) -> bool:
        with contextlib.suppress(redis.ConnectionError), self.client() as client:
            return bool(client.ping())
        return False


@dataclass
class Postgres(Server):
    """A PostgreSQL on a Unix socket with one database `portal`, in no fear of power cuts.

    `model` is the data of another one that was stopped, to begin with a copy of it. One that
    `keeps` forgets no commit when it crashes, as long as the machine runs.
    """

    # "Fast": sessions are ended, nothing is waited for.
    stop_signal: signal.Signals = signal.SIGINT
    model: Path | None = None
    keeps: bool = False

    def __post_init__(self) -> None:
        # A path that begins with a slash of its own is a socket's folder and the database's name.
        self.url = f"postgres://postgres@/{self.folder}/portal"

    def account(self) -> dict[str, object]:
        # PostgreSQL refuses to run as root.
        if os.geteuid() != 0:
            return {}
        try:
            entry = pwd.getpwnam("postgres")
        except KeyError:
            raise Missing("PostgreSQL's user is missing: apt-get install postgresql") from None
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def command(self) -> list[str]:
        options = ["listen_addresses=", f"unix_socket_directories={self.folder}", "fsync=off"]
        options += ["full_page_writes=off", "max_connections=200"]
        options += [f"synchronous_commit={'on' if self.keeps else 'off'}"]
        settings = [part for option in options for part in ("-c", option)]
        return [str(find_postgres() / "postgres"), "-D", str(self.folder / "data"), *settings]

    def start(self) -> None:
        if not (self.folder / "data").exists():
            self._initialise()
        super().start()

    def _initialise(self) -> None:
        initdb, account = find_postgres() / "initdb", self.account()
        if account:
            os.chown(self.folder, account["user"], account["group"])
        if self.model:
            copy_of(self.model, self.folder / "data")
            return
        subprocess.run(
            [initdb, "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
            + ["--locale=C", "--no-sync", "--no-instructions"],
            cwd=self.folder,
            check=True,
            capture_output=True,
            **account,
        )

    def is_ready(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            address = f"host={self.folder} user=postgres dbname=postgres"
            with psycopg.connect(address, autocommit=True) as connection:
                found = connection.execute("select 1 from pg_database where datname = 'portal'")
                if not found.fetchone():
                    connection.execute("create database portal")
            return True
        return False


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """The server, started; stopped afterwards. Raises Missing."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


def main() -> int:
    """Say what PostgreSQL's tests miss, if anything; 0 where they can run."""
    try:
        find_postgres()
    except Missing as reason:
        sys.stdout.write(f"{reason}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
