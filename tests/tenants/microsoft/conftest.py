"""Fixtures for tests of the gateway: each speaks to a simulated or a scripted Microsoft."""

from collections.abc import Iterator

import pytest

from tenants.microsoft import authority, clouds
from tenants.microsoft.clouds import Cloud
from tests.tenants.microsoft.stage import Browser, Scripted, begin, grant, scripted


@pytest.fixture
def sandbox(microsoft: object) -> Cloud:
    """The simulated Microsoft as a cloud."""
    return clouds.cloud("sandbox")


@pytest.fixture
def browser() -> Browser:
    """A browser that has never been at Microsoft."""
    return Browser()


@pytest.fixture
def script(settings: object) -> Iterator[Scripted]:
    """A scripted Microsoft, known to the settings; such tests are marked `loopback`."""
    authority.forget()
    with scripted() as server:
        settings.MICROSOFT_URL = server.url
        yield server


@pytest.fixture
def scripted_cloud(script: Scripted) -> Cloud:
    """The scripted Microsoft as a cloud."""
    return clouds.cloud("sandbox")


@pytest.fixture
def admin(browser, sandbox, microsoft):
    """A browser in which contoso's administrator is signed in, everything approved."""
    microsoft.control(grant("contoso", "acme-calendar"))
    trip = begin(sandbox, prompt="select_account")
    browser.sign_in(trip.address, "admin@contoso.example")
    return browser
