"""A change shows only after the tenant's delay, and replicas may disagree meanwhile."""

from types import SimpleNamespace

import pytest

from portal.sandbox.microsoft import directory
from portal.sandbox.microsoft.directory import Directory, Replicated
from tests.portal.sandbox.microsoft.visitor import CALENDAR, SUITE, came_back, refused


@pytest.fixture
def clock(monkeypatch):
    """The directory's clock, which the test moves."""
    now = [1000.0]
    monkeypatch.setattr(directory, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def installed(replicated, count=1, **options):
    return [len(replicated.read(**options).service_principals) for _ in range(count)]


def with_one():
    return Directory(service_principals={"0": None})


def test_reader_sees_a_write_after_its_delay(clock):
    replicated = Replicated(Directory())
    replicated.write(with_one(), delay_s=20)

    before = installed(replicated)
    clock[0] += 19.9
    still = installed(replicated)
    clock[0] += 0.2

    assert (before, still, installed(replicated)) == ([0], [0], [1])
    assert len(replicated.newest.service_principals) == 1


def test_write_without_delay_shows_at_once_with_all_before_it(clock):
    replicated = Replicated(Directory())
    slow = with_one()
    replicated.write(slow, delay_s=20)
    replicated.write(Directory(service_principals={"0": None, "1": None}))

    assert installed(replicated) == [2]


def test_replicas_disagree_in_the_second_half(clock):
    replicated = Replicated(Directory())
    replicated.write(with_one(), delay_s=20)

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


def test_grant_is_invisible_to_all_readers_until_the_delay_is_over(
    microsoft, visitor, program, clock
):
    microsoft.control({"tenants": {"contoso.example": {"replication_delay_s": 20}}})
    visitor.approve("contoso.example", "admin@contoso.example")

    clock[0] += 19.9
    token, silent = program.token("contoso.example"), visitor.silent("contoso.example")
    clock[0] += 0.2

    assert refused(token) == (401, "invalid_client", 7000229)
    assert silent["error"] == "consent_required"
    assert program.token("contoso.example").status_code == 200
    assert "code" in visitor.silent("contoso.example")


def test_person_who_just_consented_gets_a_code_at_once(microsoft, visitor, program, clock):
    microsoft.control({"tenants": {"fabrikam.example": {"replication_delay_s": 20}}})
    page = visitor.authorize("fabrikam.example", "openid User.Read")
    page = visitor.sign_in(page, "ana@fabrikam.example")

    code = came_back(visitor.submit(page, "consent", decision="accept"))["code"]

    assert program.redeem("fabrikam.example", code).json()["scope"] == "openid User.Read"
    assert visitor.silent("fabrikam.example", "openid")["error"] == "consent_required"


def test_change_of_a_switch_replicates_too(microsoft, program, clock):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-suite"}]})
    token = program.token("contoso.example", SUITE).json()["access_token"]
    microsoft.control(
        {"tenants": {"contoso.example": {"replication_delay_s": 20, "disabled": True}}}
    )

    before = program.token("contoso.example", SUITE).status_code
    clock[0] += 20
    after = program.token("contoso.example", SUITE)

    assert (before, refused(after)) == (200, (400, "unauthorized_client", 7000112))
    body = program.graph(token, f"/servicePrincipals(appId='{SUITE.client_id}')").json()
    assert body["accountEnabled"] is False


def test_identity_is_not_found_while_replicas_disagree(microsoft, program, clock):
    tenants = {"contoso.example": {"replication_delay_s": 20, "replicas_disagree": True}}
    grants = [{"tenant": "contoso.example", "app": "acme-calendar"}]
    microsoft.control({"tenants": tenants, "grants": grants})
    clock[0] += 10

    first, second = program.token("contoso.example"), program.token("contoso.example")
    token = first.json()["access_token"]
    path = f"/servicePrincipals(appId='{CALENDAR.client_id}')"
    answers = [program.graph(token, path).status_code for _ in range(4)]

    assert refused(second) == (401, "invalid_client", 7000229)
    assert answers == [200, 401, 200, 401]
