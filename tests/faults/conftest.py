"""A house for each test, and what holds at the end of each."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import services
from tests.conftest import missing
from tests.faults import promises
from tests.faults.house import House, open_house
from tests.faults.story import approve, wait_for_approval


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run that all of xdist's processes share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path, shared: Path) -> Iterator[House]:
    """On SQLite, or where a test is parametrised with it (indirectly) on PostgreSQL. What holds
    after every fault is asked while it still stands.
    """
    with ExitStack() as stack:
        try:
            opened = open_house(stack, tmp_path, getattr(request, "param", "sqlite"), shared=shared)
        except services.Missing as reason:
            missing(reason)
        yield opened
        promises.hold(opened)


@pytest.fixture
def open_(house: House) -> House:
    """Two granted tenants (contoso, fabrikam), worker and beat at work."""
    wait_for_approval(house, "contoso.example", "fabrikam.example")
    approve(house, "contoso.example", "fabrikam.example")
    house.start("worker", "beat")
    house.wait_until_sent(2)
    return house
