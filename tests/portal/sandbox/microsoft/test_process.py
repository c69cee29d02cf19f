"""The simulation as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import requests

START = [sys.executable, "-m", "portal.sandbox.microsoft"]


@pytest.fixture
def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def started(free_port, microsoft):
    """Starts the process; whatever happens, it is gone afterwards."""
    processes = []

    def start(**environment):
        process = subprocess.Popen(
            [*START, "--port", str(free_port), "--portal-url", "http://localhost:9999"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        processes.append(process)
        assert process.stdout.readline().strip().endswith(f"http://localhost:{free_port}/")
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_process_serves_with_the_portals_address(started, free_port):
    started()

    state = requests.get(f"http://localhost:{free_port}/_control/state", timeout=10).json()

    assert state["apps"]["acme-calendar"]["redirect_uris"] == [
        "http://localhost:9999/consent/return/",
        "http://localhost:9999/signin/return/",
    ]


def test_sigterm_ends_it_promptly_even_amid_a_timeout(started, free_port):
    process = started()
    url = f"http://localhost:{free_port}"
    requests.patch(f"{url}/_control/state", json={"faults": {"token": {"timeout": 1}}}, timeout=10)
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{url}/contoso.example/oauth2/v2.0/token", timeout=0.2)
    began = time.monotonic()

    process.send_signal(signal.SIGTERM)

    assert process.wait(5) == 0
    assert time.monotonic() - began < 3
    assert process.stderr.read() == ""


def test_sigint_is_left_to_the_supervisor(started, free_port):
    process = started(PORTAL_SUPERVISED="1")

    process.send_signal(signal.SIGINT)
    time.sleep(0.3)

    assert process.poll() is None
    assert requests.get(f"http://localhost:{free_port}/", timeout=10).status_code == 200


def test_sigint_ends_it_where_nobody_supervises(started):
    process = started(PORTAL_SUPERVISED="")

    process.send_signal(signal.SIGINT)

    assert process.wait(5) == 0


def test_taken_port_is_one_sentence(started, free_port):
    started()

    second = subprocess.run(
        [*START, "--port", str(free_port)], capture_output=True, text=True, timeout=30, check=False
    )

    assert second.returncode == 1
    assert second.stderr == f"Port {free_port} cannot be used: address already in use.\n"


def test_simulation_imports_no_django():
    check = (
        "import sys; import portal.sandbox.microsoft.__main__; "
        "sys.exit(any(name.partition('.')[0] in {'django', 'celery'} for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", check], timeout=30, check=False).returncode == 0
