from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine

from consent import attempts
from consent.errors import NotOpen
from consent.models import ConsentAttempt, ConsentRequest, Evidence, Watch
from tests.consent.rows_stage import events
from tests.factories import (
    AppRegistrationFactory,
    ApprovalLinkFactory,
    ConsentRequestFactory,
    TicketFactory,
    guid,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
GRAPH = "https://graph.microsoft.com"
FULL = f"{GRAPH}/Mail.Read {GRAPH}/User.Read openid profile"


@pytest.fixture
def link(db):
    return ApprovalLinkFactory()


def query_of(address):
    return dict(parse_qsl(urlsplit(address).query))


def returned(departure, **changed):
    """What Microsoft sends back after an approval; None takes a parameter away."""
    query = {
        "admin_consent": "True",
        "tenant": departure.attempt.request.tenant.tenant_id,
        "state": query_of(departure.address)["state"],
        "scope": FULL,
        **changed,
    }
    return {name: value for name, value in query.items() if value is not None}


def secrets_of(*departures):
    return {one.attempt.public_id: one.browser_secret for one in departures}


def test_continue_leads_to_the_consent_page_of_exactly_that_tenant(link):
    departure = attempts.leave(link)

    tenant_id = link.request.tenant.tenant_id
    assert departure.address.startswith(f"http://localhost:8100/{tenant_id}/v2.0/adminconsent?")
    query = query_of(departure.address)
    state = query.pop("state")
    assert query == {
        "client_id": link.request.app.client_id,
        "redirect_uri": "http://localhost:8000/consent/return/",
        "scope": FULL,
    }
    assert len(state) >= 43
    assert events() == [("link_left", "")]
    assert Watch.objects.get().left_at is not None


def test_continue_keeps_hashes_alone(link):
    departure = attempts.leave(link)

    attempt = ConsentAttempt.objects.get()
    state = query_of(departure.address)["state"]
    assert (attempt.outcome, attempt.permission_version) == ("away", 1)
    assert attempt.state_hash == attempts.digest(state)
    assert attempt.browser_hash == attempts.digest(departure.browser_secret)
    assert state not in str(vars(attempt))


def test_continue_twice_has_a_state_and_a_secret_for_each(link):
    first, second = attempts.leave(link), attempts.leave(link)

    assert query_of(first.address)["state"] != query_of(second.address)["state"]
    assert first.browser_secret != second.browser_secret


def test_continue_for_an_app_that_is_not_ours_has_no_way_back():
    request = ConsentRequestFactory(asked=True, app=AppRegistrationFactory(credential=""))

    departure = attempts.leave(ApprovalLinkFactory(request=request))

    assert query_of(departure.address) == {"client_id": request.app.client_id}
    assert urlsplit(departure.address).path == f"/{request.tenant.tenant_id}/adminconsent"


def test_continue_through_a_closed_link_or_for_a_decided_request_is_refused():
    for link in [
        ApprovalLinkFactory(declined=True),
        ApprovalLinkFactory(request=ConsentRequestFactory(granted=True)),
    ]:
        with pytest.raises(NotOpen):
            attempts.leave(link)

    assert ConsentAttempt.objects.count() == 0


@time_machine.travel(NOON, tick=False)
def test_return_of_the_browser_that_left_is_a_claim_and_the_request_stays(link):
    departure = attempts.leave(link)
    query = returned(departure)

    attempt = attempts.known(query, secrets_of(departure))
    assert attempts.come_back(attempt, query) is True

    attempt.refresh_from_db()
    evidence = Evidence.objects.get()
    assert (attempt.outcome, attempt.codes, attempt.returned_at) == ("claimed", [], NOON)
    assert (evidence.kind, evidence.said, evidence.attempt, evidence.request) == (
        "claim",
        "yes",
        attempt,
        link.request,
    )
    assert ConsentRequest.objects.get().state == "asked"
    assert Watch.objects.get().returned_at == NOON
    assert events() == [("link_left", ""), ("link_returned", "claimed")]


def test_return_of_another_browser_is_not_known_and_uses_nothing_up(link):
    departure, foreign = attempts.leave(link), attempts.leave(link)
    query = returned(departure)
    others = {departure.attempt.public_id: foreign.browser_secret, **secrets_of(foreign)}

    assert [attempts.known(query, secrets) for secrets in ({}, others)] == [None, None]

    assert attempts.known(query, secrets_of(departure, foreign)) == departure.attempt


@pytest.mark.parametrize("state", [None, "", "made-up", "x" * 9999, "ä\0\ud800"])
def test_return_with_no_or_an_unknown_state_is_not_known(link, state):
    departure = attempts.leave(link)

    assert attempts.known(returned(departure, state=state), secrets_of(departure)) is None


def test_return_twice_is_known_once(link):
    departure = attempts.leave(link)
    query = returned(departure)
    mine, yours = (attempts.known(query, secrets_of(departure)) for _ in range(2))

    assert attempts.come_back(mine, query) is True
    assert attempts.come_back(yours, {**query, "error": "access_denied"}) is False
    assert attempts.known(query, secrets_of(departure)) is None

    assert (Evidence.objects.get().said, ConsentAttempt.objects.get().outcome) == ("yes", "claimed")


CANCEL = "AADSTS65004: User declined to consent to access the app."


@pytest.mark.parametrize(
    ("query", "outcome", "codes"),
    [
        ({}, "claimed", []),
        ({"admin_consent": "true"}, "claimed", []),
        ({"scope": f"{GRAPH}/mail.read {GRAPH}/USER.READ"}, "claimed", []),
        ({"scope": "User.Read Mail.Read"}, "claimed", []),
        ({"scope": f"{FULL} {GRAPH}/Mail.Send"}, "claimed", []),
        ({"scope": f"{GRAPH}/User.Read {GRAPH}/Mail.ReadWrite"}, "too_little", []),
        ({"scope": "openid profile"}, "too_little", []),
        ({"scope": None}, "too_little", []),
        ({"tenant": guid("another")}, "wrong_tenant", []),
        ({"tenant": None}, "wrong_tenant", []),
        ({"admin_consent": None}, "refused", []),
        ({"admin_consent": "False"}, "refused", []),
        # The shapes of entra.md 1.4: errors carry `admin_consent=True` too, and mostly no tenant.
        (
            {"error": "access_denied", "error_description": CANCEL, "tenant": None},
            "cancelled",
            ["AADSTS65004"],
        ),
        ({"error": "consent_required", "error_description": CANCEL}, "cancelled", ["AADSTS65004"]),
        (
            {"error": "access_denied", "error_description": "AADSTS50020: other tenant"},
            "refused",
            ["AADSTS50020"],
        ),
        (
            {"error": "permission_denied", "error_description": "The admin canceled the request"},
            "cancelled",
            [],
        ),
        (
            {"error": "access_denied", "error_description": "AADSTS1003031: misconfigured"},
            "refused",
            ["AADSTS1003031"],
        ),
        ({"error": "access_denied", "error_subcode": "cancel"}, "cancelled", []),
        (
            {"error": "access_denied", "error_subcode": "cancel", "error_description": CANCEL},
            "cancelled",
            ["AADSTS65004"],
        ),
        (
            {"error": "invalid_client", "error_description": "AADSTS650051: conflict"},
            "refused",
            ["AADSTS650051"],
        ),
        ({"error": ""}, "refused", []),
        (
            {"error": "x", "error_description": "<script>alert(1)</script> AADSTS90094 " * 9},
            "refused",
            ["AADSTS90094"] * 3,
        ),
        ({"error": "x", "error_description": "y" * 2048 + "AADSTS65004"}, "refused", []),
    ],
)
def test_return_is_read_in_every_shape(link, query, outcome, codes):
    departure = attempts.leave(link)

    attempts.come_back(departure.attempt, returned(departure, **query))

    attempt, evidence = ConsentAttempt.objects.get(), Evidence.objects.get()
    said = "yes" if outcome == "claimed" else outcome
    assert (attempt.outcome, attempt.codes) == (outcome, codes)
    assert (evidence.said, evidence.codes) == (said, codes)
    assert ConsentRequest.objects.get().state == "asked"


@pytest.mark.parametrize("scope", [None, "", "openid", FULL])
def test_return_asked_with_default_may_say_any_scope_or_none(scope):
    app = AppRegistrationFactory(needs=["application Mail.Read"])
    request = ConsentRequestFactory(asked=True, app=app)
    departure = attempts.leave(ApprovalLinkFactory(request=request))
    assert query_of(departure.address)["scope"] == f"{GRAPH}/.default"

    attempts.come_back(departure.attempt, returned(departure, scope=scope))

    assert ConsentAttempt.objects.get().outcome == "claimed"


def test_return_with_a_claim_after_the_request_was_closed_opens_a_successor(link):
    ticket = TicketFactory(request=link.request)
    departure = attempts.leave(link)
    link.request.move("expired", closed_at=NOON)
    attempt = attempts.known(returned(departure), secrets_of(departure))

    attempts.come_back(attempt, returned(departure))

    ticket.refresh_from_db()
    successor = link.request.successors.get()
    assert (attempt.request, Evidence.objects.get().request) == (successor, successor)
    assert (successor.state, ticket.request) == ("asked", successor)


@pytest.mark.parametrize(("state", "query"), [("granted", {}), ("expired", {"error": "x"})])
def test_return_after_the_grant_or_without_a_claim_opens_none(link, state, query):
    departure = attempts.leave(link)
    now = {"granted_at": NOON, "reach": "everyone", "rung": "directory"}
    link.request.move(state, **(now if state == "granted" else {"closed_at": NOON}))
    attempt = attempts.known(returned(departure), secrets_of(departure))

    attempts.come_back(attempt, returned(departure, **query))

    assert (attempt.request, ConsentRequest.objects.count()) == (link.request, 1)
