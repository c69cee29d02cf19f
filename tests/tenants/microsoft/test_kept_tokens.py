"""Tokens kept in the process: for whom, how long, how many."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tenants.microsoft import clouds, kept_tokens
from tenants.microsoft.login import AppToken
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


def recall(cloud, tenant_id=CONTOSO, client_id=CLIENT, roles=()):
    return kept_tokens.recall(cloud, tenant_id, client_id, roles={*roles})


@time_machine.travel(NOON, tick=False)
def test_kept_token_is_that_apps_in_that_tenant_of_that_cloud(cloud):
    ours = token()
    kept_tokens.keep(cloud, CONTOSO, CLIENT, ours)

    assert recall(cloud) is ours
    assert recall(cloud, tenant_id=TENANT["fabrikam"]) is None
    assert recall(cloud, client_id=APP["acme-calendar"].client_id) is None
    assert recall(clouds.cloud("global")) is None


@pytest.mark.parametrize(("minutes", "is_kept"), [(54, True), (55, False), (61, False)])
def test_kept_token_counts_as_over_five_minutes_before_its_end(cloud, minutes, is_kept):
    kept_tokens.keep(cloud, CONTOSO, CLIENT, token())

    with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
        assert (recall(cloud) is not None) is is_kept


@time_machine.travel(NOON, tick=False)
def test_kept_token_that_lacks_a_role_could_hide_it(cloud):
    kept_tokens.keep(cloud, CONTOSO, CLIENT, token("Directory.Read.All"))

    assert recall(cloud, roles=["directory.read.all"]) is not None
    assert recall(cloud, roles=["directory.read.all", "mail.read"]) is None


@time_machine.travel(NOON, tick=False)
def test_newer_token_takes_the_place_of_the_older(cloud):
    older, newer = token(), token("Mail.Read")
    kept_tokens.keep(cloud, CONTOSO, CLIENT, older)
    kept_tokens.keep(cloud, CONTOSO, CLIENT, newer)

    assert recall(cloud) is newer


@time_machine.travel(NOON, tick=False)
def test_dropped_token_is_gone(cloud):
    kept_tokens.keep(cloud, CONTOSO, CLIENT, token())

    kept_tokens.drop(cloud, CONTOSO, CLIENT)
    kept_tokens.drop(cloud, CONTOSO, CLIENT)

    assert recall(cloud) is None


@time_machine.travel(NOON, tick=False)
def test_token_used_longest_ago_goes_where_there_are_too_many(cloud, monkeypatch):
    monkeypatch.setattr(kept_tokens, "MOST_KEPT", 2)
    first, second, third = (TENANT[name] for name in ("contoso", "fabrikam", "northwind"))
    kept_tokens.keep(cloud, first, CLIENT, token())
    kept_tokens.keep(cloud, second, CLIENT, token())
    recall(cloud, tenant_id=first)

    kept_tokens.keep(cloud, third, CLIENT, token())

    assert [recall(cloud, tenant_id=one) is not None for one in (first, second, third)] == [
        True,
        False,
        True,
    ]
