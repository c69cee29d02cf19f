"""The pool of connections beneath every call to a login host."""

import asyncio
import os
import time

import pytest

from portal.sandbox.microsoft import seed
from tenants.microsoft import login, transport
from tenants.microsoft.errors import Throttled, Transient
from tests.tenants.microsoft.stage import TENANT, Canned, as_json, credential_of, grant


def test_session_is_one_a_process_and_none_of_its_parents(monkeypatch):
    ours = transport.session()
    monkeypatch.setattr(os, "getpid", lambda: 1)

    assert transport.session() is transport.session()
    assert transport.session() is not ours


def test_session_in_the_sandbox_heeds_no_proxy(settings):
    in_sandbox = transport.session()
    settings.SANDBOX = False

    assert (in_sandbox.trust_env, transport.session().trust_env) == (False, True)


@pytest.mark.loopback
def test_ask_keeps_no_cookie(script):
    script.say("x", as_json({}, Set_Cookie="fpc=secret; Path=/"))

    transport.ask("GET", f"{script.url}/x")

    assert list(transport.session().cookies) == []


@pytest.mark.loopback
def test_ask_reuses_the_connection(script):
    for _ in range(3):
        transport.ask("GET", f"{script.url}/keys")

    assert (script.calls["keys"], script.connections) == (3, 1)


@pytest.mark.loopback
def test_ask_reads_utf_8_whatever_the_header_says(script):
    script.say("x", Canned('{"name": "Zoë"}'.encode(), headers={"Content-Type": "text/plain"}))

    assert transport.ask("GET", f"{script.url}/x").body == {"name": "Zoë"}


@pytest.mark.loopback
def test_ask_throttled_in_plain_text_waits_as_told(script):
    """MSAL raises on a 429 without JSON; here it is an error with its seconds."""
    script.say("x", Canned(b"Too Many Requests", 429, {"Retry-After": "7.5"}))

    with pytest.raises(Throttled) as caught:
        transport.ask("GET", f"{script.url}/x")
    assert caught.value.retry_after == 7.5


def test_ask_without_a_connection_is_transient_and_names_no_address(microsoft):
    with pytest.raises(Transient) as caught:
        transport.ask("GET", "http://localhost:1/contoso.example")
    assert str(caught.value) == ""
    assert caught.value.__suppress_context__


@pytest.mark.loopback
def test_ask_that_takes_too_long_is_transient(script, monkeypatch):
    monkeypatch.setattr(script, "answer", lambda _path: time.sleep(0.3) or Canned())

    with pytest.raises(Transient):
        transport.ask("GET", f"{script.url}/x", timeout_s=0.05)


def test_tenants_that_keep_silent_hold_up_no_other(sandbox, microsoft):
    silent = [seed.crowd(number) for number in range(1, 201)]
    faults = {"faults": {"token": {"timeout": 1.0, "timeout_s": 4}}}
    microsoft.control({"crowd": 200, "tenants": {one.domain: faults for one in silent}})
    microsoft.control(grant("contoso", "acme-calendar"))
    key, answered = credential_of("acme-calendar"), []

    async def ask(tenant_id):
        try:
            await login.app_token_async(sandbox, tenant_id, key)
            answered.append("token")
        except Transient:
            answered.append("none")

    async def go():
        first = [asyncio.create_task(ask(one.tenant_id)) for one in silent]
        await asyncio.sleep(0)
        await ask(TENANT["contoso"])
        await asyncio.gather(*first)

    asyncio.run(go())

    assert answered == ["token", *["none"] * 200]
