"""Every measurement runs, on little, and says what the contract wants."""

import importlib
import sys

import pytest

from tests import services
from tests.bench.__main__ import AT_LEAST, AT_MOST, FIELDS, measurements, missed, tell
from tests.conftest import missing

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    # More than a measurement waits for what does not come, so that it says itself what was missing.
    pytest.mark.timeout(180),
]


@pytest.mark.parametrize("module", measurements())
def test_measurement_has_every_field(module: str) -> None:
    try:
        found = importlib.import_module(f"tests.bench.{module}").measure(n=40)
    except services.Missing as reason:
        missing(reason)

    assert tuple(found) == FIELDS
    assert found["value"] >= 0


def test_claim_is_not_measured_on_one_database_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.glob, "glob", lambda _pattern: [])
    monkeypatch.setattr(services.shutil, "which", lambda _name: None)

    assert tell("measure_claim_ms_100k") == (
        "claim_ms_100k: PostgreSQL is not installed: apt-get install postgresql"
    )


def test_every_promise_is_measured() -> None:
    measured = {module.removeprefix("measure_") for module in measurements()}

    assert {*AT_MOST, *AT_LEAST} <= measured


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("poll_cpu_ms_warm", 0.8, ""),
        ("poll_cpu_ms_warm", 0.81, "poll_cpu_ms_warm: 0.81 is more than 0.8"),
        ("mail_per_s", 500, ""),
        ("mail_per_s", 499.9, "mail_per_s: 499.9 is less than 500"),
        ("announced_here_p95_s", 1000, ""),
    ],
)
def test_value_that_misses_its_limit_is_named(name: str, value: float, words: str) -> None:
    assert missed(name, value) == words
