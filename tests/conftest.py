"""What every test stands on. What settings.py reads is set here, before Django is loaded."""

import atexit
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import hypothesis
import pytest
from pytest_django.fixtures import Settings

from portal.sandbox.microsoft.server import Running
from portal.sandbox.microsoft.server import running as running_microsoft
from tests import services
from tests.consent.thoroughness import IS_THOROUGH

LOOPBACK = ["127.0.0.1", "::1", "localhost"]
LOOPBACK_ROOMS = {"journeys", "browser", "faults", "bench"}
LOOPBACK_FIXTURES = {"microsoft", "live_server"}
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
IS_ON_POSTGRES = os.environ.get("TEST_DATABASE") == "postgres"
# Set by the run that starts the others, where PostgreSQL is asked for and not installed.
POSTGRES_MISSING = "TEST_POSTGRES_MISSING"

# The same examples each time, so that a change is judged by what it changes.
hypothesis.settings.register_profile("house", deadline=None, derandomize=not IS_THOROUGH)
hypothesis.settings.load_profile("house")


def _is_required() -> bool:
    return os.environ.get("REQUIRE_SERVICES") == "1"


def missing(reason: services.Missing) -> None:
    """A skip, or a failure where services are required."""
    if _is_required():
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(str(reason))


def _database_url() -> str:
    """Where the tests' database is. PostgreSQL is started here, once for all of xdist's workers."""
    if IS_ON_POSTGRES:
        server = services.Postgres()
        atexit.register(server.stop)
        try:
            server.start()
        except services.Missing as reason:
            if _is_required():
                raise pytest.UsageError(str(reason)) from None
            os.environ[POSTGRES_MISSING] = str(reason)
        else:
            return server.url
    return "sqlite://:memory:"


def _set_environment() -> None:
    """The variables of a working set-up with the sandbox; nothing comes from this machine's own."""
    folder = services.short_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "ENV_FILE": os.devnull,
        "DEBUG": "1",
        "SANDBOX": "1",
        "CHECK_PACE": "1",
        "PORTAL_URL": "http://localhost:8000",
        "MICROSOFT_URL": "http://localhost:8100",
        "SUPPORT_EMAIL": "support@acme.example",
        "LINK_KEY": "links-for-tests",
        "LINK_KEY_FALLBACKS": "",
        "DATABASE_URL": _database_url(),
        # Nobody listens there: a test that needs Redis asks for it.
        "REDIS_URL": f"redis+socket://{folder}/no-redis.sock",
        "EMAIL_URL": "",
        "VAR_DIR": str(folder),
    }


if "PYTEST_XDIST_WORKER" not in os.environ:
    _set_environment()
django.setup()


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Settings that only tests have."""
    from django.conf import settings  # noqa: PLC0415 -- Django is set up above

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Opens the loopback where needed; on PostgreSQL keeps only the tests with a database."""
    kept, left_out = [], []
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        rooms = set(Path(item.path).relative_to(config.rootpath).parts)
        marked = item.get_closest_marker("loopback")
        if marked or rooms & LOOPBACK_ROOMS or fixtures & LOOPBACK_FIXTURES:
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))
        uses_database = fixtures & DATABASE_FIXTURES or item.get_closest_marker("django_db")
        (kept if uses_database or not IS_ON_POSTGRES else left_out).append(item)
        if reason := os.environ.get(POSTGRES_MISSING):
            item.add_marker(pytest.mark.skip(reason=reason))
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.fixture
def redis_server() -> Iterator[services.Redis]:
    """A Redis of this test alone, unknown to the settings; `kill()` and `start()` play a crash."""
    try:
        with services.running(services.Redis()) as server:
            yield server
    except services.Missing as reason:
        missing(reason)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[services.Postgres]:
    """A PostgreSQL for tests that start processes of their own; `url` is its database `portal`."""
    try:
        with services.running(services.Postgres()) as server:
            yield server
    except services.Missing as reason:
        missing(reason)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's Chromium."""
    try:
        return services.find_chromium()
    except services.Missing as reason:
        return missing(reason)


@pytest.fixture(scope="session")
def microsoft_server() -> Iterator[Running]:
    """The simulated Microsoft of this run, in a thread; tests ask for `microsoft`."""
    with running_microsoft() as server:
        yield server


@pytest.fixture
def microsoft(microsoft_server: Running, settings: Settings) -> Running:
    """The simulated Microsoft at its seed, known to the settings; nothing learnt before is kept."""
    from consent.verification import breaker, budget, canary  # noqa: PLC0415 -- Django is set up above
    from tenants.microsoft import authority, kept_tokens  # noqa: PLC0415

    microsoft_server.control({"reset": True})
    authority.forget()
    breaker.forget()
    budget.forget()
    canary.forget()
    kept_tokens.forget()
    settings.MICROSOFT_URL = microsoft_server.url
    return microsoft_server


class _Refused(logging.Handler):
    """Keeps what Django logs when a robust on_commit callback raises, which nobody would see."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[BaseException | str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.errors.append(error or record.getMessage())


@pytest.fixture
def run_tasks(transactional_db: None) -> Iterator[Callable[..., object]]:
    """Every task that is rung runs at the commit that rings it; `run_tasks(name, *args)` runs one.

    A task that raises fails the test, also where the ring is robust.
    """
    from portal.celery import app  # noqa: PLC0415 -- Django is set up above

    refused, logger = _Refused(), logging.getLogger("django.db.backends.base")
    before = app.conf.task_always_eager, app.conf.task_eager_propagates
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    logger.addHandler(refused)
    try:
        yield lambda name, *args: app.tasks[name].apply(args, throw=True).get()
    finally:
        logger.removeHandler(refused)
        app.conf.task_always_eager, app.conf.task_eager_propagates = before
    for error in refused.errors:
        raise error if isinstance(error, BaseException) else AssertionError(error)
