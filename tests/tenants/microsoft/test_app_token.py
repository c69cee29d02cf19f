"""Tokens of the app itself: fresh, one request each, every refusal sorted."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from tenants.microsoft import login
from tenants.microsoft.credentials import Credential, CredentialUnreadable
from tenants.microsoft.errors import (
    BlockedByTenant,
    NotYetGranted,
    OwnCredentialBroken,
    TenantUnknown,
    Throttled,
    Transient,
    WrongCloud,
)
from tests.tenants.microsoft.stage import (
    APP,
    TENANT,
    credential_of,
    grant,
    pem_pair,
)

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


def test_app_token_from_an_event_loop_holds_nobody_else_up(sandbox, microsoft):
    microsoft.control(grant("contoso", "acme-suite"))
    microsoft.control(
        {"tenants": {"fabrikam.example": {"faults": {"token": {"timeout": 1, "timeout_s": 1.5}}}}}
    )

    def asked(tenant: str):
        return login.app_token_async(sandbox, TENANT[tenant], credential_of("acme-suite"))

    async def go() -> tuple[float, object, object]:
        started = time.monotonic()
        slow = [asyncio.ensure_future(asked("fabrikam")) for _ in range(40)]
        token = await asked("contoso")
        took = time.monotonic() - started
        return took, token, await asyncio.gather(*slow, return_exceptions=True)

    took, token, slow = asyncio.run(go())

    assert token.roles == {"Directory.Read.All"}
    assert took < 1.4
    assert [type(one) for one in slow] == [Transient] * 40


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


def test_app_token_with_a_federated_assertion_of_a_stranger(sandbox, microsoft, tmp_path):
    microsoft.control(grant("contoso", "acme-suite"))
    file = tmp_path / "assertion"
    file.write_text(jwt.encode({"iss": "https://ci.example", "sub": "other"}, "k" * 32))
    ours = Credential(APP["acme-suite"].client_id, assertion_file=str(file))

    with pytest.raises(OwnCredentialBroken) as caught:
        login.app_token(sandbox, CONTOSO, ours)
    assert caught.value.code == "AADSTS700213"


def test_app_token_whose_assertion_file_is_gone(sandbox, tmp_path):
    ours = Credential(APP["acme-suite"].client_id, assertion_file=str(tmp_path / "gone"))

    with pytest.raises(CredentialUnreadable):
        login.app_token(sandbox, CONTOSO, ours)


def test_app_token_with_a_federated_assertion(sandbox, microsoft, tmp_path):
    named = {"issuer": "https://ci.example", "subject": "portal"}
    microsoft.control({"apps": {"acme-suite": {"secrets": [], "federated": [named]}}})
    microsoft.control(grant("contoso", "acme-suite"))
    file = tmp_path / "assertion"
    file.write_text(jwt.encode({"iss": "https://ci.example", "sub": "portal"}, "k" * 32))
    ours = Credential(APP["acme-suite"].client_id, assertion_file=str(file))

    assert login.app_token(sandbox, CONTOSO, ours).roles == {"Directory.Read.All"}
