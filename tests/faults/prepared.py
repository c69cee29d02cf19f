"""Databases with tables and the demo's apps, made once a run and copied for each house."""

import fcntl
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from portal.sandbox.supervisor.plan import ROOT
from tests import services
from tests.processes import portal_variables

COMMANDS = ("migrate", "seed")


def prepared(folder: Path, database: str) -> Path:
    """The model of that database (`sqlite` or `postgres`) in the folder, which all of xdist's
    processes share: an SQLite file, or PostgreSQL's data. Raises services.Missing.
    """
    model = folder / f"prepared-{database}"
    with (folder / f"{model.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not model.exists():
            unfinished = folder / f"{model.name}.unfinished"
            (_sqlite if database == "sqlite" else _postgres)(unfinished)
            unfinished.rename(model)
    return model


def _sqlite(target: Path) -> None:
    _fill(target.parent, f"sqlite:///{target}")
    with closing(sqlite3.connect(target)) as file:
        # All of it is in this one file afterwards.
        file.execute("pragma wal_checkpoint(truncate)")


def _postgres(target: Path) -> None:
    with services.running(services.Postgres()) as server:
        _fill(target.parent, server.url)
        server.end(signal.SIGINT)
        services.copy_of(server.folder / "data", target)


def _fill(folder: Path, url: str) -> None:
    for command in COMMANDS:
        subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", command, "-v", "0"],
            cwd=ROOT,
            env=portal_variables(folder, DATABASE_URL=url),
            check=True,
            timeout=120,
        )
