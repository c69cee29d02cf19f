"""People's sign-ins: MSAL's code flow at the simulated Microsoft, by a browser's hand."""

import json
import threading
import warnings
from urllib.parse import parse_qs, urlsplit

import pytest

from tenants.microsoft.errors import (
    SignInRefusal,
    SignInRefused,
)
from tenants.microsoft.login import SignedIn
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
    TENANT,
    begin,
    finish,
    permissions_of,
    set_of,
)

CONTOSO = TENANT["contoso"]
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"


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
