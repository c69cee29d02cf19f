"""Every measurement runs, on little, and says what the contract wants."""

import importlib
import sys

import pytest

from tests.bench.__main__ import FIELDS, measurements

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize("module", measurements())
def test_measurement_has_every_field(module: str) -> None:
    found = importlib.import_module(f"tests.bench.{module}").measure(n=40)

    assert tuple(found) == FIELDS
    assert found["value"] >= 0
