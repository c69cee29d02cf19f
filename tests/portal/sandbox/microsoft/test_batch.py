"""`$batch`: several reads in one call, each with a status of its own."""

import pytest

from tests.portal.sandbox.microsoft.visitor import CALENDAR, SUITE, app_token, own


def error(answer):
    return answer.status_code, answer.json()["error"]["code"]


def inside(number, url, **more):
    return {"id": number, "method": "GET", "url": url, **more}


def statuses(answer):
    return {one["id"]: one["status"] for one in answer.json()["responses"]}


def test_batch_is_200_outside_and_403_inside(microsoft, program):
    token = app_token(microsoft, program)

    answer = program.batch(
        token,
        inside("a", own(CALENDAR, "?$select=id")),
        inside("b", own(CALENDAR, "/oauth2PermissionGrants")),
        inside("c", own(CALENDAR, "/appRoleAssignments")),
    )

    assert answer.status_code == 200
    assert statuses(answer) == {"a": 200, "b": 403, "c": 403}
    denied = answer.json()["responses"][1]["body"]["error"]["code"]
    assert denied == "Authorization_RequestDenied"


def test_batch_answers_all_three_reads_of_a_look(microsoft, program):
    token = app_token(microsoft, program, SUITE)

    answer = program.batch(
        token,
        inside("1", own(SUITE)),
        inside("2", own(SUITE, "/oauth2PermissionGrants")),
        inside("3", own(SUITE, "/appRoleAssignments?$select=appRoleId,resourceId")),
    )

    bodies = {one["id"]: one["body"] for one in answer.json()["responses"]}
    assert statuses(answer) == {"1": 200, "2": 200, "3": 200}
    assert bodies["2"]["value"][0]["clientId"] == bodies["1"]["id"]
    assert sorted(bodies["3"]["value"][0]) == ["appRoleId", "resourceId"]


def test_batch_with_a_failed_dependency(microsoft, program):
    token = app_token(microsoft, program)

    answer = program.batch(
        token,
        inside("1", "/oauth2PermissionGrants"),
        inside("2", own(CALENDAR), dependsOn=["1"]),
        inside("3", own(CALENDAR)),
        inside("4", own(CALENDAR), dependsOn=["3"]),
    )

    assert statuses(answer) == {"1": 403, "2": 424, "3": 200, "4": 200}


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [inside("1", "/me")] * 2,
        [inside(str(number), "/me") for number in range(21)],
        [{"id": "1"}],
        ["nonsense"],
    ],
)
def test_batch_that_is_badly_built_is_refused(microsoft, program, requests):
    token = app_token(microsoft, program)

    assert error(program.batch(token, *requests)) == (400, "BadRequest")


def test_batch_takes_twenty_and_reads_only(microsoft, program):
    token = app_token(microsoft, program)
    twenty = [inside(str(number), own(CALENDAR)) for number in range(20)]
    deleting = {"id": "1", "method": "DELETE", "url": own(CALENDAR)}

    assert set(statuses(program.batch(token, *twenty)).values()) == {200}
    assert statuses(program.batch(token, deleting)) == {"1": 405}


def test_body_that_is_no_json_is_refused(microsoft, program):
    token = app_token(microsoft, program)

    answer = program.session.post(
        f"{microsoft.url}/v1.0/$batch", "no json", headers={"Authorization": f"Bearer {token}"}
    )

    assert error(answer) == (400, "BadRequest")


def test_writing_is_not_simulated(microsoft, program):
    token = app_token(microsoft, program)

    answer = program.session.delete(
        f"{microsoft.url}/v1.0{own(CALENDAR)}", headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 405
