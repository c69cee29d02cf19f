"""People's sign-ins: MSAL's code flow at the simulated Microsoft, by a browser's hand."""

import json
import threading
import warnings
from urllib.parse import parse_qs, urlsplit

import pytest

from tenants.microsoft import login
from tenants.microsoft.errors import (
    MicrosoftError,
    OwnCredentialBroken,
    SignInRefusal,
    SignInRefused,
    Throttled,
)
from tenants.microsoft.login import ForeignReturn, SignedIn
from tenants.microsoft.permissions import (
    EXCHANGE_ONLINE,
    GRAPH,
    Kind,
    Permission,
    fully_qualified,
)
from tests.tenants.microsoft.stage import (
    APP,
    PERSON,
    SIGN_IN_RETURN,
    TENANT,
    Credential,
    credential_of,
    grant,
    permissions_of,
)

CONTOSO = TENANT["contoso"]
IDENTITY = ["openid", "profile"]
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"


def begin(cloud, slug="acme-calendar", *, scopes=IDENTITY, prompt="none", hint=None):
    return login.begin_sign_in(
        cloud,
        CONTOSO,
        credential_of(slug),
        scopes=scopes,
        redirect_uri=SIGN_IN_RETURN,
        prompt=prompt,
        login_hint=hint,
    )


def finish(cloud, trip, query, slug="acme-calendar"):
    return login.finish_sign_in(cloud, CONTOSO, credential_of(slug), trip.flow, query)


def set_of(cloud, slug="acme-calendar"):
    """The scopes of the second hop."""
    return [
        fully_qualified(one, cloud)
        for one in permissions_of(slug)
        if one.kind == Kind.DELEGATED and not one.is_for_sign_in
    ]


@pytest.fixture
def admin(browser, sandbox, microsoft):
    """A browser in which contoso's administrator is signed in, everything approved."""
    microsoft.control(grant("contoso", "acme-calendar"))
    trip = begin(sandbox, prompt="select_account")
    browser.sign_in(trip.address, "admin@contoso.example")
    return browser


def test_sign_in_of_an_administrator_shows_who_and_which_roles(sandbox, admin):
    trip = begin(sandbox)

    signed_in = finish(sandbox, trip, admin.visit(trip.address))

    assert signed_in == SignedIn(
        tenant_id=CONTOSO,
        object_id=PERSON["admin@contoso.example"].object_id,
        roles=frozenset({GLOBAL_ADMINISTRATOR}),
        scopes=signed_in.scopes,
        login_hint="admin@contoso.example",
    )
    assert "admin@contoso.example" not in repr(signed_in)


def test_sign_in_by_its_second_hop_shows_the_whole_set(sandbox, admin):
    trip = begin(sandbox, scopes=set_of(sandbox), hint="admin@contoso.example")

    signed_in = finish(sandbox, trip, admin.visit(trip.address))

    wanted = {one for one in permissions_of("acme-calendar") if not one.is_for_sign_in}
    assert wanted <= signed_in.scopes
    assert Permission(GRAPH, Kind.DELEGATED, "offline_access") not in signed_in.scopes


def test_sign_in_where_the_claim_is_not_configured_shows_no_roles(sandbox, microsoft, admin):
    microsoft.control({"tenants": {"contoso.example": {"role_claim": False}}})
    trip = begin(sandbox)

    assert finish(sandbox, trip, admin.visit(trip.address)).roles is None


def test_sign_in_for_another_api_is_not_covered_by_graphs_grants(sandbox, admin):
    wanted = Permission(EXCHANGE_ONLINE, Kind.DELEGATED, "SMTP.Send")
    trip = begin(sandbox, scopes=[fully_qualified(wanted, sandbox)])

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, admin.visit(trip.address))
    assert caught.value.kind == SignInRefusal.NOT_COVERED


def test_sign_in_trip_is_small_json_without_the_address(sandbox):
    trip = begin(sandbox, scopes=set_of(sandbox), hint="admin@contoso.example")

    assert trip.flow.keys() == {"state", "nonce", "code_verifier", "redirect_uri", "scope"}
    assert len(json.dumps(trip.flow)) < 1000
    assert trip.flow["code_verifier"] not in repr(trip)


def test_sign_in_address_names_tenant_prompt_and_hint(sandbox):
    parts = urlsplit(begin(sandbox, hint="admin@contoso.example").address)
    query = {name: value[0] for name, value in parse_qs(parts.query).items()}

    assert f"{parts.scheme}://{parts.netloc}" == sandbox.login_origin
    assert parts.path == f"/{CONTOSO}/oauth2/v2.0/authorize"
    assert {name: query[name] for name in ("client_id", "prompt", "login_hint", "scope")} == {
        "client_id": APP["acme-calendar"].client_id,
        "prompt": "none",
        "login_hint": "admin@contoso.example",
        "scope": "openid profile",
    }
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")


def test_trap_offline_access_among_the_scopes_is_a_value_error_of_msals(sandbox):
    scopes = [*set_of(sandbox), "offline_access", "openid", "email"]

    query = parse_qs(urlsplit(begin(sandbox, scopes=scopes).address).query)

    asked = set(query["scope"][0].split())
    assert asked == {*set_of(sandbox), "openid", "profile"}


def test_trap_response_mode_stays_query_and_only_that_warning_is_silent(sandbox):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        trip = begin(sandbox)
        warnings.warn("something else", UserWarning, stacklevel=1)

    assert parse_qs(urlsplit(trip.address).query)["response_mode"] == ["query"]
    assert [str(one.message) for one in heard] == ["something else"]


def test_begin_in_many_threads_leaves_the_warning_filters_as_they_were(sandbox):
    before = list(warnings.filters)
    threads = [threading.Thread(target=begin, args=(sandbox,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert warnings.filters == before


@pytest.mark.parametrize(
    ("account", "hint", "kind"),
    [
        (None, None, SignInRefusal.LOGIN_REQUIRED),
        ("ana@contoso.example", "ben@contoso.example", SignInRefusal.LOGIN_REQUIRED),
        ("ana@contoso.example", None, SignInRefusal.NOT_COVERED),
    ],
)
def test_silent_sign_in_that_is_refused_says_why(sandbox, microsoft, browser, account, hint, kind):
    microsoft.control(grant("contoso", "acme-calendar", permissions=["openid", "profile"]))
    if account:
        browser.sign_in(begin(sandbox, prompt="select_account").address, account)
    trip = begin(sandbox, scopes=set_of(sandbox), hint=hint)

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, browser.visit(trip.address))
    assert caught.value.kind == kind


def test_silent_sign_in_with_several_accounts(sandbox, admin):
    admin.sign_in(begin(sandbox, prompt="select_account").address, "ana@contoso.example")
    trip = begin(sandbox)

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, admin.visit(trip.address))
    assert (caught.value.kind, caught.value.code) == (
        SignInRefusal.SEVERAL_ACCOUNTS,
        "AADSTS16000",
    )


def test_silent_sign_in_of_somebody_not_assigned(sandbox, microsoft, browser):
    microsoft.control(grant("contoso", "acme-calendar"))
    browser.sign_in(begin(sandbox, prompt="select_account").address, "ana@contoso.example")
    microsoft.control({"tenants": {"contoso.example": {"assignment_required": True}}})
    trip = begin(sandbox, hint="ana@contoso.example")

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, browser.visit(trip.address))
    assert caught.value.kind == SignInRefusal.NOT_ASSIGNED


@pytest.mark.parametrize(
    "query",
    [{}, {"code": "c"}, {"code": "c", "state": "another"}, {"error": "x", "state": ""}],
)
def test_return_with_a_foreign_state_is_foreign(sandbox, query):
    with pytest.raises(ForeignReturn):
        finish(sandbox, begin(sandbox), query)


def test_return_to_a_flow_without_state_is_foreign(sandbox):
    with pytest.raises(ForeignReturn):
        login.finish_sign_in(sandbox, CONTOSO, credential_of("acme-calendar"), {}, {"state": ""})


def test_return_without_code_or_error_is_refused(sandbox):
    trip = begin(sandbox)

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, {"state": trip.flow["state"]})
    assert caught.value.kind == SignInRefusal.OTHER


def test_return_that_was_declined(sandbox):
    trip = begin(sandbox)
    told = {"error": "access_denied", "error_subcode": "cancel", "state": trip.flow["state"]}

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, told)
    assert caught.value.kind == SignInRefusal.DECLINED


def test_return_twice_with_the_same_code_is_refused(sandbox, admin):
    trip = begin(sandbox)
    query = admin.visit(trip.address)
    finish(sandbox, trip, query)

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, query)
    assert (caught.value.kind, caught.value.code) == (SignInRefusal.OTHER, "AADSTS54005")


def test_return_with_another_sign_ins_verifier_is_refused(sandbox, admin):
    trip, other = begin(sandbox), begin(sandbox)
    query = admin.visit(trip.address)
    mixed = {**trip.flow, "code_verifier": other.flow["code_verifier"]}

    with pytest.raises(SignInRefused) as caught:
        login.finish_sign_in(sandbox, CONTOSO, credential_of("acme-calendar"), mixed, query)
    assert caught.value.code == "AADSTS501481"


def test_return_with_a_broken_credential_is_our_own_fault(sandbox, admin):
    trip = begin(sandbox)
    query = admin.visit(trip.address)
    broken = Credential(APP["acme-calendar"].client_id, secret="old")

    with pytest.raises(OwnCredentialBroken):
        login.finish_sign_in(sandbox, CONTOSO, broken, trip.flow, query)


def test_return_while_the_token_endpoint_is_throttled(sandbox, microsoft, admin):
    trip = begin(sandbox)
    query = admin.visit(trip.address)
    microsoft.control({"faults": {"token": {"429_text": 1.0, "retry_after": 2.5}}})

    with pytest.raises(Throttled) as caught:
        finish(sandbox, trip, query)
    assert caught.value.retry_after == 2.5


def test_sign_in_after_microsoft_changed_its_keys(sandbox, microsoft, admin):
    trip = begin(sandbox)
    finish(sandbox, trip, admin.visit(trip.address))
    microsoft.control({"reset": True})
    microsoft.control(grant("contoso", "acme-calendar"))
    again = begin(sandbox, prompt="select_account")
    query = admin.sign_in(again.address, "admin@contoso.example")

    signed_in = finish(sandbox, again, query)

    assert signed_in.object_id == PERSON["admin@contoso.example"].object_id


def test_sign_in_costs_one_call_for_the_keys_and_one_for_each_token(sandbox, microsoft, admin):
    for _ in range(3):
        trip = begin(sandbox)
        finish(sandbox, trip, admin.visit(trip.address))

    calls = microsoft.state()["calls"]["contoso.example"]
    assert {name: calls[name] for name in ("metadata", "keys", "token")} == {
        "metadata": 1,
        "keys": 1,
        "token": 3,
    }


def test_foreign_return_is_one_of_microsofts_errors():
    assert issubclass(ForeignReturn, MicrosoftError)
