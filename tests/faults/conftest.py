"""A house for each test."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import services
from tests.conftest import missing
from tests.faults.house import House, open_house


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """On SQLite, or where a test is parametrised with it (indirectly) on PostgreSQL."""
    with ExitStack() as stack:
        try:
            opened = open_house(stack, tmp_path, getattr(request, "param", "sqlite"))
        except services.Missing as reason:
            missing(reason)
        yield opened
