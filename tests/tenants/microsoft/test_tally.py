"""Calls are counted by what was called and how it answered."""

import asyncio
from datetime import UTC, datetime

import pytest

from tenants.microsoft import graph, login, tally, transport
from tenants.microsoft.clouds import cloud
from tenants.microsoft.credentials import credential
from tenants.microsoft.errors import MicrosoftError, Transient
from tests.factories import guid, seeded_app

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    tally.take()


def test_calls_are_given_out_once():
    for status in (200, 200, 400, None):
        tally.count("token", status)

    assert (tally.take(), tally.take()) == (
        {("token", "200"): 2, ("token", "400"): 1, ("token", "none"): 1},
        {},
    )


def test_calls_to_microsoft_are_counted(microsoft):
    app = seeded_app("acme-calendar")
    contoso = microsoft.state()["tenants"]["contoso.example"]["tenant_id"]
    key = credential(app.credential, app.client_id)

    async def look():
        token = login.app_token(app.microsoft, app.home_tenant_id, key)
        async with graph.new_session() as session:
            await graph.look(session, app.microsoft, token, app.client_id)

    asyncio.run(look())
    with pytest.raises(MicrosoftError):
        login.app_token(app.microsoft, contoso, key)

    told = tally.take()
    assert told.pop(("metadata", "200")) >= 1
    assert told == {
        ("token", "200"): 1,
        ("token", "401"): 1,
        ("token_refused", "7000229"): 1,
        ("graph_batch", "200"): 1,
        ("graph_in_batch", "200"): 3,
        ("graph_in_batch", "403"): 1,
    }


@pytest.mark.loopback
def test_calls_without_an_answer_are_counted(settings):
    settings.MICROSOFT_URL = "http://127.0.0.1:9"
    token = login.AppToken("x", frozenset(), guid("principal"), datetime.now(UTC))

    async def look():
        async with graph.new_session() as session:
            await graph.look(session, cloud("sandbox"), token, guid("app"))

    with pytest.raises(Transient):
        transport.ask("POST", "http://127.0.0.1:9/token")
    with pytest.raises(Transient):
        asyncio.run(look())

    assert tally.take() == {("token", "none"): 1, ("graph_batch", "none"): 1}
