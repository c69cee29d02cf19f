"""Back from Microsoft: what a browser says is a claim, and what nobody knows changes nothing."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from consent.models import Check, ConsentAttempt, ConsentRequest, Event, Evidence, Watch
from tests.factories import ConsentRequestFactory, WatchFactory

MARKUP = "<script>alert(1)</script>"
NEUTRAL = "We cannot tell where this belongs"


def leave(client, path, link):
    """Press *Continue*; gives what a success from there brings back."""
    answer = client.post(path(link, "continue/"))
    query = parse_qs(urlsplit(answer["Location"]).query)
    return {
        "admin_consent": "True",
        "tenant": link.request.tenant.tenant_id,
        "state": query["state"][0],
        "scope": query["scope"][0],
    }


def come_back(client, query):
    """Open the return address with that query."""
    return client.get("/consent/return/", query)


def trips():
    """What became of each trip."""
    return list(ConsentAttempt.objects.order_by("pk").values_list("outcome", flat=True))


@pytest.fixture
def archive_link(link, asked):
    """The link, for an app whose approval no sign-in can prove, so that a return ends at once."""
    rows = asked.app.required_permissions
    rows.exclude(value="Mail.Read").delete()
    rows.update(kind="application")
    return link


def test_continue_leads_to_the_page_of_exactly_that_tenant_and_set(client, link, asked, path):
    answer = client.post(path(link, "continue/"))

    where = urlsplit(answer["Location"])
    query = parse_qs(where.query)
    assert answer.status_code == 303
    assert where.path == f"/{asked.tenant.tenant_id}/v2.0/adminconsent"
    assert query["client_id"] == [asked.app.client_id]
    assert query["redirect_uri"] == ["http://localhost:8000/consent/return/"]
    assert {scope.rpartition("/")[2] for scope in query["scope"][0].split()} == {
        *("User.Read", "Calendars.ReadWrite", "Mail.Read", "Mail.Send", "Contacts.Read"),
        *("offline_access", "openid", "profile"),
    }
    attempt = ConsentAttempt.objects.get()
    assert query["state"][0] not in attempt.state_hash + attempt.browser_hash
    assert trips() == ["away"]
    assert ConsentRequest.objects.get().state == "asked"


def test_continue_twice_makes_two_trips_with_states_of_their_own(client, link, path):
    first, second = leave(client, path, link), leave(client, path, link)

    assert first["state"] != second["state"]
    assert trips() == ["away", "away"]


def test_return_of_the_browser_that_left_is_a_claim_and_no_approval(client, archive_link, path):
    query = leave(client, path, archive_link)

    answer = come_back(client, query)

    assert (answer.status_code, answer["Location"]) == (303, path(archive_link, "result/"))
    assert trips() == ["claimed"]
    assert [(row.kind, row.said) for row in Evidence.objects.order_by("pk")] == [("claim", "yes")]
    request = ConsentRequest.objects.get()
    assert (request.state, request.rung) == ("asked", "none")


def test_return_that_comes_twice_counts_once(client, archive_link, path):
    query = leave(client, path, archive_link)
    come_back(client, query)

    again = come_back(client, query)

    assert (again.status_code, NEUTRAL in again.content.decode()) == (200, True)
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [{"state": ""}, {"state": "x"}, {"state": "x" * 9000}, {"state": "\0"}, {"state": MARKUP}],
)
def test_return_without_a_known_state_is_neutral_and_writes_nothing(client, link, path, changed):
    query = leave(client, path, link) | changed | {"tenant": "x"}
    events = Event.objects.count()

    page = come_back(client, query)

    assert (page.status_code, NEUTRAL in page.content.decode()) == (200, True)
    assert page["Cache-Control"] == "no-store"
    assert MARKUP not in page.content.decode()
    assert (trips(), Evidence.objects.count(), Event.objects.count()) == (["away"], 0, events)


def test_return_from_another_browser_uses_nothing_up(client, archive_link, path):
    query = leave(client, path, archive_link)
    stranger = Client()

    page = come_back(stranger, query)
    assert NEUTRAL in page.content.decode()
    assert trips() == ["away"]

    other = Client()
    leave(other, path, archive_link)
    assert NEUTRAL in come_back(other, query).content.decode()
    assert come_back(client, query).status_code == 303
    assert trips() == ["claimed", "away"]


def test_return_is_answered_the_same_whether_the_state_is_known_or_not(client, link, path):
    query = leave(client, path, link)

    known, unknown = come_back(Client(), query), come_back(Client(), query | {"state": "x"})
    empty = come_back(Client(), {})

    assert known.content == unknown.content == empty.content
    assert known.headers == unknown.headers == empty.headers


def test_return_nobody_knows_brings_a_look_forward_once_a_minute(
    client, link, asked, microsoft, run_tasks
):
    watch = WatchFactory(of=asked, next_check_at=None)
    query = {"tenant": asked.tenant.tenant_id.upper(), "admin_consent": "True"}

    for _return in range(3):
        come_back(client, query)

    watch.refresh_from_db()
    assert (watch.hinted_at is None, Check.objects.count()) == (False, 1)


def test_return_nobody_knows_means_nothing_to_a_tenant_that_is_not_asked(client, asked, run_tasks):
    ConsentRequest.objects.filter(pk=asked.pk).update(state="triage")

    come_back(client, {"tenant": asked.tenant.tenant_id})

    assert Watch.objects.count() == 0


def test_opening_the_return_by_head_uses_nothing_up(client, archive_link, path):
    query = leave(client, path, archive_link)

    assert client.head("/consent/return/", query).status_code == 200
    assert client.post("/consent/return/", query).status_code == 405
    assert trips() == ["away"]


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"tenant": "ee4ba30b-a901-4d9f-9a5d-4d5c912be43e"}, "wrong_tenant"),
        ({"tenant": ""}, "wrong_tenant"),
        ({"tenant": MARKUP}, "wrong_tenant"),
        ({"scope": "openid profile"}, "too_little"),
        ({"scope": ""}, "too_little"),
        ({"scope": MARKUP}, "too_little"),
        ({"admin_consent": "False"}, "refused"),
        ({"admin_consent": ""}, "refused"),
        ({"error": "access_denied"}, "refused"),
        ({"error": "access_denied", "error_subcode": "cancel"}, "cancelled"),
        ({"error": "access_denied", "error_description": "AADSTS65004: No"}, "cancelled"),
        ({"error": ""}, "refused"),
    ],
)
def test_return_that_is_no_success_is_no_claim(client, link, path, changed, outcome):
    query = leave(client, path, link) | changed

    answer = come_back(client, query)

    assert (answer.status_code, answer["Location"]) == (303, path(link, "result/"))
    assert (trips(), Evidence.objects.get().said) == ([outcome], outcome)
    page = client.get(answer["Location"])
    assert (page.status_code, MARKUP in page.content.decode()) == (200, False)


def test_error_with_markup_is_kept_as_its_number_alone(client, link, path, caplog):
    description = f"AADSTS90094: {MARKUP}\r\nX-Injected: yes\0 AADSTS65001 {'x' * 5000} AADSTS50105"
    query = leave(client, path, link) | {"error": MARKUP, "error_description": description}

    page = client.get(come_back(client, query)["Location"])

    text = page.content.decode()
    attempt = ConsentAttempt.objects.get()
    assert attempt.codes == ["AADSTS90094", "AADSTS65001"]
    assert ("AADSTS90094</code>" in text, MARKUP in text, "Injected" in text) == (
        True,
        False,
        False,
    )
    kept = [repr(list(model.objects.values())) for model in (ConsentAttempt, Evidence, Event)]
    assert "script" not in "".join(kept) + caplog.text


def test_sign_in_return_without_a_cookie_is_neutral(client, db):
    for query in ({}, {"state": "x", "code": "y"}, {"error": MARKUP, "error_description": MARKUP}):
        page = client.get("/signin/return/", query)
        assert (page.status_code, NEUTRAL in page.content.decode()) == (200, True)
        assert MARKUP not in page.content.decode()


@pytest.mark.parametrize("sealed", ["x", "gAAAAA", "x" * 9000, ""])
def test_sign_in_return_with_a_cookie_that_is_not_ours_is_neutral(client, db, sealed):
    client.cookies["portal_proof"] = sealed

    assert NEUTRAL in client.get("/signin/return/", {"state": "x"}).content.decode()


def begin_proof(client, path, link):
    """Press *check again*; gives the state with which Microsoft has to answer."""
    answer = client.post(path(link, "prove/"))
    assert "prompt=none" in answer["Location"]
    return parse_qs(urlsplit(answer["Location"]).query)["state"][0]


def test_sign_in_return_with_another_state_is_neutral_and_uses_nothing_up(
    client, link, path, microsoft
):
    state = begin_proof(client, path, link)

    assert NEUTRAL in client.get("/signin/return/", {"state": "x"}).content.decode()
    assert Evidence.objects.count() == 0
    error = {"state": state, "error": "login_required", "error_description": "AADSTS50058: no"}
    answer = client.get("/signin/return/", error)

    assert answer["Location"] == f"{path(link, 'result/')}?said=login_required"
    assert [(row.kind, row.said) for row in Evidence.objects.order_by("pk")] == [
        ("identity", "login_required")
    ]


def test_sign_in_return_that_comes_twice_counts_once(client, link, path, microsoft):
    state = begin_proof(client, path, link)
    query = {"state": state, "error": MARKUP, "error_description": MARKUP, "error_subcode": MARKUP}

    first, second = client.get("/signin/return/", query), client.get("/signin/return/", query)

    assert first["Location"] == f"{path(link, 'result/')}?said=other"
    assert NEUTRAL in second.content.decode()
    assert Evidence.objects.count() == 1


def test_sign_in_return_with_a_made_up_code_proves_nothing(client, link, path, microsoft):
    state = begin_proof(client, path, link)

    answer = client.get("/signin/return/", {"state": state, "code": "made-up"})

    assert re.search(r"\?said=\w+$", answer["Location"])
    assert [row.said for row in Evidence.objects.order_by("pk")] != ["yes"]
    assert ConsentRequest.objects.get().state == "asked"


def test_sign_in_return_after_ten_minutes_is_neutral(client, link, path, microsoft, time_machine):
    time_machine.move_to("2026-11-25T10:00:00+00:00")
    state = begin_proof(client, path, link)
    time_machine.shift(timedelta(minutes=11))

    page = client.get("/signin/return/", {"state": state, "error": "login_required"})

    assert NEUTRAL in page.content.decode()


def test_check_again_on_a_request_that_ended_shows_how_it_stands(client, asked, path, link):
    ConsentRequestFactory(app=asked.app)
    ConsentRequest.objects.filter(pk=asked.pk).update(state="withdrawn", closed_at=asked.created_at)

    answer = client.post(path(link, "prove/"))

    assert (answer.status_code, answer["Location"]) == (303, path(link, "result/"))
    assert client.get(answer["Location"]).status_code == 200
