"""App tokens and metadata from a Microsoft that says what it should not."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenants.microsoft import authority, login
from tenants.microsoft.errors import (
    MicrosoftError,
    Throttled,
    Transient,
    UnknownAnswer,
    WrongCloud,
)
from tests.tenants.microsoft.stage import (
    APP,
    TENANT,
    Canned,
    as_json,
    credential_of,
)

CONTOSO = TENANT["contoso"]

pytestmark = pytest.mark.loopback


def signed(script, **claims: object) -> dict[str, object]:
    told = {"tid": CONTOSO, "appid": APP["acme-suite"].client_id, "oid": "o", **claims}
    return {
        "access_token": script.key.sign(told),
        "expires_in": 3600,
        "token_type": "Bearer",
    }


def test_trap_one_msal_object_a_tenant_must_not_mean_one_session_each(script, scripted_cloud):
    for tenant in ("contoso", "fabrikam", "northwind"):
        script.say("token", as_json(signed(script, tid=TENANT[tenant])))
        login.app_token(scripted_cloud, TENANT[tenant], credential_of("acme-suite"))

    assert (script.calls["token"], script.connections) == (3, 1)


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({}, frozenset()),
        ({"roles": ["A", "B"]}, {"A", "B"}),
        ({"appid": None, "azp": APP["acme-suite"].client_id}, frozenset()),
    ],
)
def test_app_token_reads_both_versions_of_tokens(script, scripted_cloud, claims, roles):
    script.say("token", as_json(signed(script, **claims)))

    token = login.app_token(scripted_cloud, CONTOSO, credential_of("acme-suite"))

    assert token.roles == roles


@pytest.mark.parametrize(
    "claims",
    [
        {"tid": TENANT["fabrikam"]},
        {"appid": APP["acme-archive"].client_id},
        {"roles": "A"},
        {"oid": 7},
    ],
)
def test_app_token_for_somebody_else_is_refused(script, scripted_cloud, claims):
    script.say("token", as_json(signed(script, **claims)))

    with pytest.raises(UnknownAnswer):
        login.app_token(scripted_cloud, CONTOSO, credential_of("acme-suite"))


@pytest.mark.parametrize(
    "answer",
    [
        as_json({"access_token": "opaque", "expires_in": 3600}),
        as_json({"access_token": "a.b.c", "expires_in": "soon"}),
        as_json({"access_token": "a.b.c"}),
        as_json({"access_token": ["a"], "expires_in": 3600}),
        as_json({}),
        as_json({"error": "new", "error_codes": "none"}, 400),
        Canned(b"<html>", 200),
        Canned(b"<html>", 403),
        Canned(b"\xff\xfe", 200),
    ],
)
def test_app_token_from_an_answer_that_makes_no_sense(script, scripted_cloud, answer):
    script.say("token", answer)

    with pytest.raises(UnknownAnswer):
        login.app_token(scripted_cloud, CONTOSO, credential_of("acme-suite"))


def test_app_token_from_half_an_answer_is_transient(script, scripted_cloud):
    script.say("token", Canned(b'{"access_token": "ey', promised=3000))

    with pytest.raises(Transient):
        login.app_token(scripted_cloud, CONTOSO, credential_of("acme-suite"))


@pytest.mark.parametrize("header", ["2.128", "60"])
def test_trap_retry_after_may_be_a_fraction(script, scripted_cloud, header):
    script.say("token", as_json({"error_codes": [90055]}, 429, Retry_After=header))

    with pytest.raises(Throttled) as caught:
        login.app_token(scripted_cloud, CONTOSO, credential_of("acme-suite"))
    assert (caught.value.retry_after, caught.value.code) == (float(header), "AADSTS90055")


def test_app_token_error_repeats_nothing_of_the_description(script, scripted_cloud):
    told = {
        "error": "invalid_client",
        "error_codes": [7000229],
        "error_description": "AADSTS7000229: ana@contoso.example <script>",
        "correlation_id": "ana@contoso.example",
    }
    script.say("token", as_json(told, 401))

    with pytest.raises(MicrosoftError) as caught:
        login.app_token(scripted_cloud, CONTOSO, credential_of("acme-suite"))
    assert str(caught.value) == "AADSTS7000229"


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"issuer": "https://login.microsoftonline.us/x/v2.0"}, WrongCloud),
        ({"token_endpoint": "https://evil.example/token"}, UnknownAnswer),
        ({"jwks_uri": None}, UnknownAnswer),
    ],
)
def test_metadata_that_leads_elsewhere_is_refused(script, scripted_cloud, other, error):
    script.say("openid-configuration", as_json(script.metadata(CONTOSO, **other)))

    with pytest.raises(error):
        login.app_token(scripted_cloud, CONTOSO, credential_of("acme-suite"))
    assert script.calls == {"openid-configuration": 1}


def test_metadata_that_many_wait_for_in_vain_is_asked_for_once(script, scripted_cloud, monkeypatch):
    slow = script.answer
    monkeypatch.setattr(script, "answer", lambda path: time.sleep(0.2) or slow(path))
    script.say("openid-configuration", as_json({}, 503))

    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(authority.endpoints, scripted_cloud, CONTOSO) for _ in range(8)]

    assert [type(one.exception()) for one in asked] == [Transient] * 8
    assert script.calls == {"openid-configuration": 1}


def test_metadata_is_asked_for_again_a_moment_after_it_was_not_there(
    script, scripted_cloud, monkeypatch
):
    monkeypatch.setattr(authority, "_PAUSE_S", 0.0)
    script.say("openid-configuration", as_json({}, 503), as_json(script.metadata(CONTOSO)))
    with pytest.raises(Transient):
        authority.endpoints(scripted_cloud, CONTOSO)

    found = authority.endpoints(scripted_cloud, CONTOSO)

    assert found["jwks_uri"] == f"{script.url}/{CONTOSO}/discovery/v2.0/keys"


def test_metadata_is_asked_again_after_a_day(script, scripted_cloud, monkeypatch):
    authority.endpoints(scripted_cloud, CONTOSO)
    authority.endpoints(scripted_cloud, CONTOSO)
    monkeypatch.setattr(authority._of(scripted_cloud).endpoints, "until", 0.0)

    authority.endpoints(scripted_cloud, CONTOSO)

    assert script.calls == {"openid-configuration": 2}
