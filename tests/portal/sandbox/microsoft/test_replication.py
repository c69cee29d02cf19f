"""A change shows only after the tenant's delay, and replicas may disagree meanwhile."""

import time

import pytest

from portal.sandbox.microsoft.directory import Directory, Replicated
from tests.portal.sandbox.microsoft.visitor import CALENDAR, SUITE, refused

DELAY_S = 0.6


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def installed(replicated, count=1, **options):
    return [len(replicated.read(**options).service_principals) for _ in range(count)]


def one_more(directory):
    return Directory(service_principals={str(len(directory.service_principals)): None})


def test_reader_sees_a_write_after_its_delay(clock):
    replicated = Replicated(Directory())
    replicated.write(one_more(Directory()), delay_s=20)

    before = installed(replicated)
    clock[0] += 19.9
    still = installed(replicated)
    clock[0] += 0.2

    assert (before, still, installed(replicated)) == ([0], [0], [1])
    assert len(replicated.newest.service_principals) == 1


def test_write_without_delay_shows_at_once_with_all_before_it(clock):
    replicated = Replicated(Directory())
    slow = one_more(Directory())
    replicated.write(slow, delay_s=20)
    replicated.write(Directory(service_principals={"0": None, "1": None}))

    assert installed(replicated) == [2]


def test_replicas_disagree_in_the_second_half(clock):
    replicated = Replicated(Directory())
    replicated.write(one_more(Directory()), delay_s=20)

    first_half = installed(replicated, 4, replicas_disagree=True)
    clock[0] += 10
    second_half = installed(replicated, 4, replicas_disagree=True)
    clock[0] += 10

    assert (first_half, second_half) == ([0, 0, 0, 0], [1, 0, 1, 0])
    assert installed(replicated, 4, replicas_disagree=True) == [1, 1, 1, 1]


def test_what_nobody_can_read_any_more_is_dropped(clock):
    replicated = Replicated(Directory())
    for _ in range(50):
        clock[0] += 1
        replicated.write(Directory(), delay_s=2)

    assert len(replicated._versions) <= 4


def test_grant_is_invisible_to_all_readers_until_the_delay_is_over(microsoft, visitor, program):
    delay = {"contoso.example": {"replication_delay_s": DELAY_S}}
    microsoft.control({"tenants": delay})
    page = visitor.sign_in(visitor.consent_page("contoso.example"), "admin@contoso.example")
    started = time.monotonic()
    visitor.submit(page, "consent", decision="accept")

    token, silent = program.token("contoso.example"), visitor.silent("contoso.example")
    assert time.monotonic() - started < DELAY_S
    assert refused(token) == (401, "invalid_client", 7000229)
    assert silent["error"] == "consent_required"
    time.sleep(DELAY_S)
    assert program.token("contoso.example").status_code == 200
    assert "code" in visitor.silent("contoso.example")


def test_token_that_comes_before_its_service_principal_has_no_identity(microsoft, program):
    microsoft.control(
        {
            "grants": [{"tenant": "contoso.example", "app": "acme-calendar"}],
            "tenants": {"contoso.example": {"replication_delay_s": 60, "replicas_disagree": True}},
        }
    )

    assert refused(program.token("contoso.example")) == (401, "invalid_client", 7000229)


def test_change_of_a_switch_replicates_too(microsoft, program):
    grant = {"tenant": "contoso.example", "app": "acme-suite"}
    microsoft.control({"grants": [grant]})
    microsoft.control(
        {"tenants": {"contoso.example": {"replication_delay_s": DELAY_S, "disabled": True}}}
    )

    token = program.token("contoso.example", SUITE)
    assert token.status_code == 200
    time.sleep(DELAY_S)
    assert refused(program.token("contoso.example", SUITE))[2] == 7000112
    old = token.json()["access_token"]
    body = program.graph(old, f"/servicePrincipals(appId='{SUITE.client_id}')").json()
    assert body["accountEnabled"] is False


def test_identity_is_not_found_while_replicas_disagree(microsoft, program):
    tenants = {"contoso.example": {"replication_delay_s": 0.4, "replicas_disagree": True}}
    grants = [{"tenant": "contoso.example", "app": "acme-calendar"}]
    microsoft.control({"tenants": tenants, "grants": grants})
    time.sleep(0.21)

    tokens = [program.token("contoso.example") for _ in range(2)]
    (token,) = [one.json()["access_token"] for one in tokens if one.status_code == 200]
    path = f"/servicePrincipals(appId='{CALENDAR.client_id}')"
    answers = [program.graph(token, path).status_code for _ in range(2)]

    assert sorted(answers) == [200, 401]
