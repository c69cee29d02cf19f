"""A simulated Microsoft for the tests of this folder. Other suites start their own the same way."""

from contextlib import closing

import pytest

from portal.sandbox.microsoft.server import running
from tests.portal.sandbox.microsoft.visitor import Program, Visitor


@pytest.fixture(scope="session")
def one_microsoft():
    """One server for all tests of a worker."""
    with running() as server:
        yield server


@pytest.fixture
def microsoft(one_microsoft):
    """The server at its seed."""
    one_microsoft.control({"reset": True})
    return one_microsoft


@pytest.fixture
def visitor(microsoft):
    """A browser nobody has used yet."""
    made = Visitor(microsoft.url)
    with closing(made.session):
        yield made


@pytest.fixture
def colleague(microsoft):
    """A second browser."""
    made = Visitor(microsoft.url)
    with closing(made.session):
        yield made


@pytest.fixture
def program(microsoft):
    """The vendor's own calls."""
    made = Program(microsoft.url)
    with closing(made.session):
        yield made
