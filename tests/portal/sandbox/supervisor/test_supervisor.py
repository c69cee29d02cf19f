"""The supervisor starts again what dies and refuses what cannot work, in one sentence each."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.sandbox.supervisor.children import Child
from portal.sandbox.supervisor.plan import Plan
from portal.sandbox.supervisor.supervisor import (
    LAST_WORDS,
    CannotRun,
    Supervisor,
    answers,
    refuse_taken,
)

pytestmark = pytest.mark.loopback


@pytest.fixture
def supervisor(tmp_path: Path) -> Supervisor:
    return Supervisor(Plan(tmp_path, port=8000, microsoft_port=8100))


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in LAST_WORDS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_keep_starts_a_dead_child_again_after_a_second(
    supervisor: Supervisor, child: Callable[[str], Child], capfd: pytest.CaptureFixture[str]
) -> None:
    mortal = child("raise SystemExit(7)")
    mortal.start()
    first, began = mortal.process, time.monotonic()

    supervisor.keep([mortal], until=lambda: mortal.process is not first)

    assert 1 <= time.monotonic() - began < 5
    assert capfd.readouterr().out == (
        f"child0 ended (exit status 7) and is started again; see {mortal.log}\n"
    )


def test_keep_ends_when_told_to_stop(supervisor: Supervisor, child: Callable[[str], Child]) -> None:
    supervisor.is_stopping = True

    supervisor.keep([child("")], until=lambda: False)


def test_run_on_a_taken_port_is_refused_in_one_sentence(
    tmp_path: Path, taken: int, signals: None
) -> None:
    with pytest.raises(CannotRun) as refusal:
        Supervisor(Plan(tmp_path, port=taken, microsoft_port=8100)).run()

    assert str(refusal.value) == (
        f"Port {taken} is taken: stop what listens there, or choose others with"
        " `make demo PORT=… MICROSOFT_PORT=…`."
    )


def test_run_twice_in_one_folder_is_refused(
    supervisor: Supervisor, tmp_path: Path, signals: None
) -> None:
    with supervisor.alone(), pytest.raises(CannotRun) as refusal:
        Supervisor(Plan(tmp_path, port=8000, microsoft_port=8100)).run()

    assert str(refusal.value) == (
        f"Another demo runs in {tmp_path}: stop it, or choose another DEMO_DIR."
    )


def test_run_in_a_folder_that_cannot_be_is_refused(tmp_path: Path, signals: None) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CannotRun) as refusal:
        Supervisor(Plan(tmp_path / "file", port=8000, microsoft_port=8100)).run()

    assert str(refusal.value) == f"{tmp_path}/file cannot be used: File exists."


@pytest.mark.parametrize("port", [0, 65536])
def test_refuse_taken_of_an_impossible_port(port: int) -> None:
    with pytest.raises(CannotRun) as refusal:
        refuse_taken(port)

    assert str(refusal.value) == f"A port is a number from 1 to 65535, not {port}."


@pytest.mark.parametrize("number", sorted(LAST_WORDS))
def test_every_last_word_stops_it(supervisor: Supervisor, signals: None, number: int) -> None:
    supervisor.listen()

    os.kill(os.getpid(), number)

    assert supervisor.is_stopping


def test_answers_where_nobody_listens(taken: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]

    assert answers(free, "/") is False
