"""ID tokens that MSAL would let pass, from a Microsoft that lies."""

import hashlib
import time

import jwt
import pytest

from portal.sandbox.microsoft.keys import SigningKey
from tenants.microsoft import authority, login
from tenants.microsoft.errors import InvalidIdToken, Transient, UnknownAnswer
from tenants.microsoft.id_tokens import verified_claims
from tenants.microsoft.permissions import EXCHANGE_ONLINE, GRAPH, Kind, Permission
from tests.tenants.microsoft.stage import (
    APP,
    SIGN_IN_RETURN,
    TENANT,
    as_json,
    credential_of,
)

CONTOSO, FABRIKAM = TENANT["contoso"], TENANT["fabrikam"]
CLIENT_ID = APP["acme-calendar"].client_id
OBJECT_ID = "e1f9a2b4-0000-4000-8000-000000000001"

pytestmark = pytest.mark.loopback


def begin(cloud, *scopes: str) -> login.SignInTrip:
    return login.begin_sign_in(
        cloud,
        CONTOSO,
        credential_of("acme-calendar"),
        scopes=scopes,
        redirect_uri=SIGN_IN_RETURN,
        prompt="none",
    )


@pytest.fixture
def trip(scripted_cloud):
    return begin(scripted_cloud)


def claims(script, trip, **other: object) -> dict[str, object]:
    """What Microsoft would put into the ID token; None leaves a claim out."""
    now = int(time.time())
    told = {
        "iss": f"{script.url}/{CONTOSO}/v2.0",
        "aud": CLIENT_ID,
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "sub": "pairwise",
        "oid": OBJECT_ID,
        "tid": CONTOSO,
        "nonce": hashlib.sha256(trip.flow["nonce"].encode()).hexdigest(),
        **other,
    }
    return {name: value for name, value in told.items() if value is not None}


def redeem(script, scripted_cloud, trip, id_token: object, **other: object):
    told = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 3600, **other}
    if id_token is not None:
        told["id_token"] = id_token
    script.say("token", as_json(told))
    return login.finish_sign_in(
        scripted_cloud,
        CONTOSO,
        credential_of("acme-calendar"),
        trip.flow,
        {"code": "c", "state": trip.flow["state"]},
    )


def test_id_token_as_it_should_be_signs_in(script, scripted_cloud, trip):
    token = script.key.sign(claims(script, trip))

    signed_in = redeem(script, scripted_cloud, trip, token)

    assert signed_in == login.SignedIn(CONTOSO, OBJECT_ID, None, frozenset(), "")


@pytest.mark.parametrize(
    "other",
    [
        {"iss": f"https://login.microsoftonline.com/{CONTOSO}/v2.0"},
        {"aud": APP["acme-suite"].client_id},
        {"aud": [CLIENT_ID]},
        {"tid": FABRIKAM},
        {"exp": 1_700_000_000},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"nonce": "another"},
        {"oid": 7},
        {"iss": None},
        {"aud": None},
        {"tid": None},
        {"exp": None},
        {"nbf": None},
        {"iat": None},
        {"oid": None},
        {"nonce": None},
    ],
    ids=str,
)
def test_trap_msal_checks_nothing_of_an_id_token_but_the_nonce(script, scripted_cloud, trip, other):
    token = script.key.sign(claims(script, trip, **other))

    with pytest.raises(InvalidIdToken):
        redeem(script, scripted_cloud, trip, token)


def test_trap_id_token_of_alg_none_is_refused(script, scripted_cloud, trip):
    token = jwt.encode(claims(script, trip), None, algorithm="none")

    with pytest.raises(InvalidIdToken):
        redeem(script, scripted_cloud, trip, token)


def test_id_token_signed_with_the_public_key_as_a_secret_is_refused(script, scripted_cloud, trip):
    secret = script.key.key_set("x")["keys"][0]["n"]
    token = jwt.encode(
        claims(script, trip), secret, algorithm="HS256", headers={"kid": script.key.key_id}
    )

    with pytest.raises(InvalidIdToken):
        redeem(script, scripted_cloud, trip, token)


def test_id_token_signed_by_a_stranger_under_a_known_name_is_refused(script, scripted_cloud, trip):
    stranger = SigningKey()
    stranger.key_id = script.key.key_id
    token = stranger.sign(claims(script, trip))

    with pytest.raises(InvalidIdToken):
        redeem(script, scripted_cloud, trip, token)


def test_id_token_of_an_unknown_key_fetches_the_keys_once_more_and_is_refused(
    script, scripted_cloud, trip
):
    redeem(script, scripted_cloud, trip, script.key.sign(claims(script, trip)))
    token = SigningKey().sign(claims(script, trip))

    with pytest.raises(InvalidIdToken):
        redeem(script, scripted_cloud, trip, token)
    assert script.calls["keys"] == 2


def test_id_token_signed_with_another_tenants_key_is_refused(script, scripted_cloud, trip):
    script.say("keys", as_json(script.key.key_set(f"{script.url}/{FABRIKAM}/v2.0")))
    token = script.key.sign(claims(script, trip))

    with pytest.raises(InvalidIdToken):
        redeem(script, scripted_cloud, trip, token)


def test_id_token_signed_with_this_tenants_own_key_is_accepted(script, scripted_cloud, trip):
    script.say("keys", as_json(script.key.key_set(f"{script.url}/{CONTOSO}/v2.0")))
    token = script.key.sign(claims(script, trip))

    assert redeem(script, scripted_cloud, trip, token).object_id == OBJECT_ID


def test_trap_msal_raises_runtime_error_for_a_wrong_nonce_with_tokens_cached(
    script, scripted_cloud, trip
):
    wrong = script.key.sign(claims(script, trip, nonce="another"))
    with pytest.raises(InvalidIdToken):
        redeem(script, scripted_cloud, trip, wrong)

    # Nothing of the refused answer is left over: the next one stands for itself.
    right = script.key.sign(claims(script, trip))
    assert redeem(script, scripted_cloud, trip, right).object_id == OBJECT_ID
    assert script.calls["token"] == 2


def test_verified_claims_looks_at_the_nonce_itself(script, scripted_cloud, trip):
    token = script.key.sign(claims(script, trip))

    with pytest.raises(InvalidIdToken):
        verified_claims(token, scripted_cloud, CONTOSO, CLIENT_ID, "another")
    verified_claims(token, scripted_cloud, CONTOSO, CLIENT_ID, trip.flow["nonce"])


@pytest.mark.parametrize("token", [None, "", "opaque", "a.b.c", "e30.bm8.e30", 7, ["x"]])
def test_id_token_that_is_none_is_refused(script, scripted_cloud, trip, token):
    with pytest.raises(InvalidIdToken):
        redeem(script, scripted_cloud, trip, token)


def test_roles_and_names_of_odd_shapes_are_read_soberly(script, scripted_cloud, trip):
    token = script.key.sign(claims(script, trip, wids="not a list", preferred_username=7))

    signed_in = redeem(script, scripted_cloud, trip, token)

    assert signed_in == login.SignedIn(CONTOSO, OBJECT_ID, None, frozenset(), "7")


def test_trap_an_access_token_serves_one_api_and_plain_names_belong_to_it(script, scripted_cloud):
    trip = begin(scripted_cloud, "https://outlook.office365.com/SMTP.Send")
    token = script.key.sign(claims(script, trip))

    signed_in = redeem(script, scripted_cloud, trip, token, scope="openid SMTP.Send")

    assert signed_in.scopes == {
        Permission(GRAPH, Kind.DELEGATED, "openid"),
        Permission(EXCHANGE_ONLINE, Kind.DELEGATED, "SMTP.Send"),
    }


@pytest.mark.parametrize(
    "keys",
    [
        as_json({"keys": "none"}),
        as_json({}, 404),
        as_json({"keys": [{"kty": "RSA", "kid": "k", "n": "?"}]}),
    ],
)
def test_keys_that_make_no_sense(script, scripted_cloud, trip, keys):
    script.say("keys", keys)
    token = script.key.sign(claims(script, trip))

    with pytest.raises(UnknownAnswer):
        redeem(script, scripted_cloud, trip, token)


def test_keys_of_other_kinds_are_passed_over(script, scripted_cloud, trip):
    ours = script.key.key_set(f"{script.url}/{{tenantid}}/v2.0")["keys"]
    script.say("keys", as_json({"keys": ["x", {"kty": "EC", "kid": "e"}, *ours]}))
    token = script.key.sign(claims(script, trip))

    assert redeem(script, scripted_cloud, trip, token).object_id == OBJECT_ID


def test_keys_that_cannot_be_fetched_are_transient(script, scripted_cloud, trip):
    script.say("keys", as_json({}, 503))
    token = script.key.sign(claims(script, trip))

    with pytest.raises(Transient):
        redeem(script, scripted_cloud, trip, token)


def test_keys_are_fetched_again_after_a_day(script, scripted_cloud, trip, monkeypatch):
    token = script.key.sign(claims(script, trip))
    redeem(script, scripted_cloud, trip, token)
    monkeypatch.setattr(authority._of(scripted_cloud).keys, "until", 0.0)

    redeem(script, scripted_cloud, trip, token)

    assert script.calls["keys"] == 2
