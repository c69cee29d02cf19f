"""Tokens kept in the process: for whom, how long, how many."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tenants.microsoft import clouds, kept_tokens
from tenants.microsoft.login import AppToken
from tenants.microsoft.permissions import EXCHANGE_ONLINE, GRAPH
from tests.tenants.microsoft.stage import APP, TENANT

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
CLIENT = APP["acme-suite"].client_id
CONTOSO = TENANT["contoso"]


@pytest.fixture(autouse=True)
def nothing_kept():
    kept_tokens.forget()
    yield
    kept_tokens.forget()


@pytest.fixture
def cloud():
    return clouds.cloud("sandbox")


def token(*roles, minutes=60):
    return AppToken("opaque", frozenset(roles), "object", NOON + timedelta(minutes=minutes))


def keep(cloud, tenant_id, of_graph, **others):
    by_api = {EXCHANGE_ONLINE: others["of_exchange"]} if others else {}
    kept_tokens.keep(cloud, tenant_id, CLIENT, {GRAPH: of_graph, **by_api})


def recall(cloud, tenant_id=CONTOSO, client_id=CLIENT, roles=(), of_exchange=()):
    """The token for Graph among those recalled."""
    needed = ((GRAPH, {*roles}), (EXCHANGE_ONLINE, {*of_exchange}))
    found = kept_tokens.recall(cloud, tenant_id, client_id, roles=needed)
    return found and found[GRAPH]


@time_machine.travel(NOON, tick=False)
def test_kept_token_is_that_apps_in_that_tenant_of_that_cloud(cloud):
    ours = token()
    keep(cloud, CONTOSO, ours)

    assert recall(cloud) is ours
    assert recall(cloud, tenant_id=TENANT["fabrikam"]) is None
    assert recall(cloud, client_id=APP["acme-calendar"].client_id) is None
    assert recall(clouds.cloud("global")) is None


@pytest.mark.parametrize(("minutes", "is_kept"), [(54, True), (55, False), (61, False)])
def test_kept_token_counts_as_over_five_minutes_before_its_end(cloud, minutes, is_kept):
    keep(cloud, CONTOSO, token())

    with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
        assert (recall(cloud) is not None) is is_kept


@time_machine.travel(NOON, tick=False)
def test_kept_token_that_lacks_a_role_could_hide_it(cloud):
    keep(cloud, CONTOSO, token("Directory.Read.All"))

    assert recall(cloud, roles=["directory.read.all"]) is not None
    assert recall(cloud, roles=["directory.read.all", "mail.read"]) is None


@time_machine.travel(NOON, tick=False)
def test_token_of_another_api_has_to_carry_its_own_roles(cloud):
    keep(cloud, CONTOSO, token("Mail.Read"), of_exchange=token("full_access_as_app"))

    assert recall(cloud, roles=["mail.read"], of_exchange=["full_access_as_app"]) is not None
    assert recall(cloud, of_exchange=["mail.read"]) is None
    assert recall(cloud, roles=["full_access_as_app"]) is None


@time_machine.travel(NOON, tick=False)
def test_api_without_a_kept_token_is_passed_over(cloud):
    keep(cloud, CONTOSO, token())

    assert recall(cloud, of_exchange=["full_access_as_app"]) is not None


def test_tokens_are_over_with_the_first_of_them(cloud):
    keep(cloud, CONTOSO, token(minutes=80), of_exchange=token(minutes=60))

    with time_machine.travel(NOON + timedelta(minutes=55), tick=False):
        assert recall(cloud) is None


@time_machine.travel(NOON, tick=False)
def test_newer_token_takes_the_place_of_the_older(cloud):
    older, newer = token(), token("Mail.Read")
    keep(cloud, CONTOSO, older)
    keep(cloud, CONTOSO, newer)

    assert recall(cloud) is newer


@time_machine.travel(NOON, tick=False)
def test_dropped_token_is_gone(cloud):
    keep(cloud, CONTOSO, token())

    kept_tokens.drop(cloud, CONTOSO, CLIENT)
    kept_tokens.drop(cloud, CONTOSO, CLIENT)

    assert recall(cloud) is None


@time_machine.travel(NOON, tick=False)
def test_token_used_longest_ago_goes_where_there_are_too_many(cloud, monkeypatch):
    monkeypatch.setattr(kept_tokens, "MOST_KEPT", 2)
    first, second, third = (TENANT[name] for name in ("contoso", "fabrikam", "northwind"))
    keep(cloud, first, token())
    keep(cloud, second, token())
    recall(cloud, tenant_id=first)

    keep(cloud, third, token())

    assert [recall(cloud, tenant_id=one) is not None for one in (first, second, third)] == [
        True,
        False,
        True,
    ]
