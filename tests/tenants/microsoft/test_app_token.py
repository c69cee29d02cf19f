"""Tokens of the app itself: fresh, one request each, every refusal sorted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from tenants.microsoft import authority, login
from tenants.microsoft.credentials import Credential
from tenants.microsoft.errors import (
    BlockedByTenant,
    MicrosoftError,
    NotYetGranted,
    OwnCredentialBroken,
    TenantUnknown,
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
    grant,
)
from tests.tenants.microsoft.test_credentials import pem_pair

CONTOSO = TENANT["contoso"]
NOBODY = "00000000-0000-4000-8000-000000000000"


def test_app_token_carries_roles_and_who_we_are_there(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    microsoft.control({"tenants": {"contoso.example": {"token_lifetime_s": 4000}}})

    token = login.app_token(sandbox, CONTOSO, credential_of("acme-suite"))

    claims = jwt.decode(token.value, options={"verify_signature": False})
    assert token.roles == {"Directory.Read.All"}
    assert token.service_principal_object_id == claims["oid"]
    left = token.expires_at - datetime.now(UTC)
    assert left == pytest.approx(timedelta(seconds=4000), abs=timedelta(seconds=20))


def test_app_token_of_an_app_without_application_permissions_has_no_roles(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-calendar"))

    token = login.app_token(sandbox, CONTOSO, credential_of("acme-calendar"))

    assert token.roles == frozenset()


def test_app_token_for_another_api(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))

    token = login.app_token(
        sandbox, CONTOSO, credential_of("acme-suite"), resource=sandbox.exchange_resource
    )

    claims = jwt.decode(token.value, options={"verify_signature": False})
    assert (claims["aud"], token.roles) == ("https://outlook.office365.com", frozenset())


def test_app_token_never_shows_itself(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))

    token = login.app_token(sandbox, CONTOSO, credential_of("acme-suite"))

    assert token.value not in repr(token)


def test_app_token_costs_one_request_after_the_clouds_first(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    microsoft.control(grant("fabrikam", "acme-suite"))

    for tenant in ("contoso", "fabrikam", "contoso", "fabrikam"):
        login.app_token(sandbox, TENANT[tenant], credential_of("acme-suite"))

    assert microsoft.state()["calls"] == {
        "contoso.example": {"metadata": 1, "token": 2},
        "fabrikam.example": {"token": 2},
    }


def test_app_token_asked_by_many_threads_at_once_asks_for_metadata_once(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))

    with ThreadPoolExecutor(16) as threads:
        tokens = [
            threads.submit(login.app_token, sandbox, CONTOSO, credential_of("acme-suite"))
            for _ in range(64)
        ]

    assert len({token.result().value for token in tokens}) == 64
    assert microsoft.state()["calls"] == {"contoso.example": {"metadata": 1, "token": 64}}


def test_trap_msal_hides_new_roles_in_its_token_cache(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite", permissions=["User.Read"]))
    before = login.app_token(sandbox, CONTOSO, credential_of("acme-suite"))

    microsoft.control(grant("contoso", "acme-suite"))
    after = login.app_token(sandbox, CONTOSO, credential_of("acme-suite"))

    assert (before.roles, after.roles) == (frozenset(), {"Directory.Read.All"})


def test_trap_msal_repeats_a_400_from_memory_for_a_minute(sandbox, microsoft):
    microsoft.control({"tenants": {"contoso.example": {"missing_principal_code": 700016}}})
    with pytest.raises(NotYetGranted) as caught:
        login.app_token(sandbox, CONTOSO, credential_of("acme-suite"))
    assert caught.value.code == "AADSTS700016"

    microsoft.control(grant("contoso", "acme-suite"))

    assert login.app_token(sandbox, CONTOSO, credential_of("acme-suite")).roles


def test_trap_msal_raises_value_error_for_an_unknown_tenant(sandbox, microsoft):
    with pytest.raises(TenantUnknown):
        login.app_token(sandbox, NOBODY, credential_of("acme-suite"))

    microsoft.control(grant("contoso", "acme-suite"))
    login.app_token(sandbox, CONTOSO, credential_of("acme-suite"))
    with pytest.raises(TenantUnknown) as caught:
        login.app_token(sandbox, NOBODY, credential_of("acme-suite"))
    assert caught.value.code == "AADSTS90002"


@pytest.mark.parametrize("fault", ["500", "502", "503", "504"])
def test_trap_msal_raises_on_5xx(sandbox, microsoft, fault):
    microsoft.control({"faults": {"token": {fault: 1.0}}})

    with pytest.raises(Transient):
        login.app_token(sandbox, CONTOSO, credential_of("acme-suite"))


@pytest.mark.parametrize("fault", ["429", "429_text"])
def test_trap_msal_raises_on_a_429_without_json(sandbox, microsoft, fault):
    microsoft.control({"faults": {"token": {fault: 1.0, "retry_after": 17.5}}})

    with pytest.raises(Throttled) as caught:
        login.app_token(sandbox, CONTOSO, credential_of("acme-suite"))
    assert caught.value.retry_after == 17.5

    microsoft.control({"faults": {"token": {}}})
    microsoft.control(grant("contoso", "acme-suite"))
    assert login.app_token(sandbox, CONTOSO, credential_of("acme-suite")).roles


def test_trap_one_msal_object_a_tenant_shares_one_connection(sandbox, microsoft):
    for domain in ("contoso", "fabrikam"):
        microsoft.control(grant(domain, "acme-suite"))

    apps = [
        login._msal_app(sandbox, TENANT[domain], credential_of("acme-suite"))
        for domain in ("contoso", "fabrikam")
    ]

    assert apps[0][0] is not apps[1][0]
    assert microsoft.state()["calls"] == {"contoso.example": {"metadata": 1}}


def test_app_token_where_nobody_installed_the_app_is_not_yet_granted(sandbox):
    with pytest.raises(NotYetGranted) as caught:
        login.app_token(sandbox, CONTOSO, credential_of("acme-suite"))
    assert caught.value.code == "AADSTS7000229"
    assert caught.value.correlation_id is not None


def test_app_token_of_a_disabled_app_is_blocked_by_the_tenant(sandbox):
    with pytest.raises(BlockedByTenant) as caught:
        login.app_token(sandbox, TENANT["litware"], credential_of("acme-calendar"))
    assert caught.value.code == "AADSTS7000112"


def test_app_token_with_a_wrong_secret_is_our_own_fault(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))

    with pytest.raises(OwnCredentialBroken) as caught:
        login.app_token(sandbox, CONTOSO, Credential(APP["acme-suite"].client_id, secret="old"))
    assert caught.value.code == "AADSTS7000215"


def test_app_token_in_another_cloud(sandbox):
    with pytest.raises(WrongCloud):
        login.app_token(sandbox, TENANT["woodgrove"], credential_of("acme-suite"))


def test_app_token_in_another_cloud_once_the_metadata_is_known(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    login.app_token(sandbox, CONTOSO, credential_of("acme-suite"))

    with pytest.raises(WrongCloud) as caught:
        login.app_token(sandbox, TENANT["woodgrove"], credential_of("acme-suite"))
    assert caught.value.code == "AADSTS90038"


@pytest.mark.parametrize("tenant_id", ["common", "organizations", "contoso.example", ""])
def test_app_token_of_a_tenant_without_a_guid_is_refused(sandbox, tenant_id):
    with pytest.raises(ValueError, match="named by its GUID"):
        login.app_token(sandbox, tenant_id, credential_of("acme-suite"))


def test_app_token_with_a_certificate(sandbox, microsoft):
    key, certificate = pem_pair()
    microsoft.control({"apps": {"acme-suite": {"secrets": [], "certificates": [certificate]}}})
    microsoft.control(grant("contoso", "acme-suite"))
    ours = Credential(APP["acme-suite"].client_id, certificate_pem=key + certificate)

    assert login.app_token(sandbox, CONTOSO, ours).roles == {"Directory.Read.All"}


def test_app_token_with_a_certificate_that_is_not_registered(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    ours = Credential(APP["acme-suite"].client_id, certificate_pem="".join(pem_pair()))

    with pytest.raises(OwnCredentialBroken) as caught:
        login.app_token(sandbox, CONTOSO, ours)
    assert caught.value.code == "AADSTS700027"


def test_app_token_with_a_federated_assertion(sandbox, microsoft, tmp_path):
    named = {"issuer": "https://ci.example", "subject": "portal"}
    microsoft.control({"apps": {"acme-suite": {"secrets": [], "federated": [named]}}})
    microsoft.control(grant("contoso", "acme-suite"))
    file = tmp_path / "assertion"
    file.write_text(jwt.encode({"iss": "https://ci.example", "sub": "portal"}, "k" * 32))
    ours = Credential(APP["acme-suite"].client_id, assertion_file=str(file))

    assert login.app_token(sandbox, CONTOSO, ours).roles == {"Directory.Read.All"}


def signed(script, **claims: object) -> dict[str, object]:
    told = {"tid": CONTOSO, "appid": APP["acme-suite"].client_id, "oid": "o", **claims}
    return {
        "access_token": script.key.sign(told),
        "expires_in": 3600,
        "token_type": "Bearer",
    }


@pytest.mark.loopback
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


@pytest.mark.loopback
@pytest.mark.parametrize(
    "claims",
    [{"tid": TENANT["fabrikam"]}, {"appid": APP["acme-archive"].client_id}, {"roles": "A"}],
)
def test_app_token_for_somebody_else_is_refused(script, scripted_cloud, claims):
    script.say("token", as_json(signed(script, **claims)))

    with pytest.raises(UnknownAnswer):
        login.app_token(scripted_cloud, CONTOSO, credential_of("acme-suite"))


@pytest.mark.loopback
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


@pytest.mark.loopback
def test_app_token_from_half_an_answer_is_transient(script, scripted_cloud):
    script.say("token", Canned(b'{"access_token": "ey', promised=3000))

    with pytest.raises(Transient):
        login.app_token(scripted_cloud, CONTOSO, credential_of("acme-suite"))


@pytest.mark.loopback
@pytest.mark.parametrize("header", ["2.128", "60"])
def test_trap_retry_after_may_be_a_fraction(script, scripted_cloud, header):
    script.say("token", as_json({"error_codes": [90055]}, 429, Retry_After=header))

    with pytest.raises(Throttled) as caught:
        login.app_token(scripted_cloud, CONTOSO, credential_of("acme-suite"))
    assert (caught.value.retry_after, caught.value.code) == (float(header), "AADSTS90055")


@pytest.mark.loopback
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


@pytest.mark.loopback
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


@pytest.mark.loopback
def test_metadata_is_asked_again_after_a_day(script, scripted_cloud, monkeypatch):
    authority.endpoints(scripted_cloud, CONTOSO)
    authority.endpoints(scripted_cloud, CONTOSO)
    kept = authority._of(scripted_cloud)
    monkeypatch.setattr(kept, "endpoints_until", 0.0)

    authority.endpoints(scripted_cloud, CONTOSO)

    assert script.calls == {"openid-configuration": 2}
