"""Bad days, switched on."""

import pytest
import requests

from tests.portal.sandbox.microsoft.visitor import CALENDAR, refused

OWN = f"/servicePrincipals(appId='{CALENDAR.client_id}')"
INSIDE = {"id": "1", "method": "GET", "url": OWN}


@pytest.fixture
def token(program):
    """A good token, fetched before the day turns bad."""
    return program.token("wingtip.example").json()["access_token"]


def test_token_endpoint_throttles_with_whole_seconds(microsoft, program):
    microsoft.control({"faults": {"token": {"429": 1}}})

    answer = program.token("wingtip.example")

    assert (answer.headers["Retry-After"], refused(answer)[0], refused(answer)[2]) == (
        "60",
        429,
        90055,
    )


def test_token_endpoint_throttles_in_plain_text(microsoft, program):
    microsoft.control({"faults": {"token": {"429_text": 1, "retry_after": 3}}})

    answer = program.token("wingtip.example")

    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (
        429,
        "Too Many Requests",
        "3",
    )


def test_token_endpoint_is_out_of_order(microsoft, program):
    microsoft.control({"faults": {"token": {"503": 1}}})

    answer = program.token("wingtip.example")

    assert (answer.status_code, "Retry-After" in answer.headers) == (503, False)


def test_answer_is_garbage(microsoft, program, token):
    microsoft.control({"faults": {"token": {"garbage": 1}, "graph": {"garbage": 1}}})

    answers = program.token("wingtip.example"), program.batch(token, INSIDE)

    assert [(answer.status_code, answer.text[:15]) for answer in answers] == [
        (200, "<!doctype html>")
    ] * 2


def test_answer_ends_in_the_middle(microsoft, program, token):
    microsoft.control({"faults": {"token": {"half": 1}, "graph": {"half": 1}}})

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        program.token("wingtip.example")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        program.batch(token, INSIDE)


def test_graph_throttles_with_a_fraction(microsoft, program, token):
    microsoft.control({"faults": {"graph": {"429": 1}}})

    single, batch = program.graph(token, OWN), program.batch(token, INSIDE)

    assert [answer.status_code for answer in (single, batch)] == [429, 429]
    assert single.headers["Retry-After"] == batch.headers["Retry-After"] == "2.128"
    assert single.json()["error"]["code"] == "TooManyRequests"


@pytest.mark.parametrize("named", [None, 17.5])
def test_outage_says_how_long_it_takes_where_it_is_told_to(microsoft, program, token, named):
    faults = {"503": 1.0} if named is None else {"503": 1.0, "retry_after": named}
    microsoft.control({"faults": {"token": faults, "graph": faults}})

    told = [program.token("wingtip.example"), program.graph(token, OWN)]
    microsoft.control({"faults": {"graph": {}, "batch": faults}})
    (inside,) = program.batch(token, INSIDE).json()["responses"]

    waits = [
        *(one.headers.get("Retry-After") for one in told),
        inside["headers"].get("Retry-After"),
    ]
    assert waits == [named and "17.5"] * 3


def test_single_request_inside_a_batch_is_throttled(microsoft, program, token):
    microsoft.control({"faults": {"batch": {"429": 1, "retry_after": 0.5}}})

    answer = program.batch(token, INSIDE)

    (inside,) = answer.json()["responses"]
    assert (answer.status_code, inside["status"], inside["headers"]["Retry-After"]) == (
        200,
        429,
        "0.5",
    )


def test_timeout_answers_nothing_for_long(microsoft, program):
    microsoft.control({"faults": {"token": {"timeout": 1, "timeout_s": 0.3}}})

    with pytest.raises(requests.ReadTimeout):
        program.session.post(f"{microsoft.url}/wingtip.example/oauth2/v2.0/token", timeout=0.1)


def test_faults_strike_by_chance(microsoft, program):
    microsoft.control({"faults": {"token": {"503": 0.5}}})

    seen = {program.token("wingtip.example").status_code for _ in range(40)}

    assert seen == {200, 503}


def test_faults_of_one_tenant_leave_the_others_alone(microsoft, program):
    faults = {"token": {"503": 1}}
    microsoft.control({"tenants": {"litware.example": {"faults": faults}}})

    assert program.token("litware.example").status_code == 503
    assert program.token("wingtip.example").status_code == 200


def test_tenant_may_be_spared(microsoft, program):
    microsoft.control(
        {
            "faults": {"token": {"503": 1}},
            "tenants": {"wingtip.example": {"faults": {"token": {}}}},
        }
    )

    assert program.token("litware.example").status_code == 503
    assert program.token("wingtip.example").status_code == 200


def test_faults_end_with_an_empty_table(microsoft, program):
    microsoft.control({"faults": {"metadata": {"500": 1}}})
    address = f"{microsoft.url}/wingtip.example/v2.0/.well-known/openid-configuration"
    broken = program.session.get(address).status_code

    microsoft.control({"faults": {"metadata": {}}})

    assert (broken, program.session.get(address).status_code) == (500, 200)
