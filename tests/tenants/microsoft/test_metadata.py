"""From a mail domain to a tenant, asked at every login host that is served."""

import pytest

from tenants.microsoft import clouds, metadata
from tenants.microsoft.errors import TenantUnknown, Throttled, Transient, UnknownAnswer
from tenants.microsoft.metadata import TenantMetadata, find_tenant
from tests.tenants.microsoft.stage import TENANT, Canned, as_json

GUID = TENANT["contoso"]


def test_find_tenant_by_its_domain(sandbox):
    assert find_tenant("contoso.example") == TenantMetadata(
        TENANT["contoso"], "sandbox", "EU", "contoso.example"
    )


def test_find_tenant_of_the_us_government_is_told_by_the_public_host(sandbox):
    assert find_tenant("woodgrove.example") == TenantMetadata(
        TENANT["woodgrove"], "us_l4", "USGov", "woodgrove.example"
    )


def test_find_tenant_at_a_domain_without_one_is_unknown(sandbox):
    with pytest.raises(TenantUnknown) as caught:
        find_tenant("gmail-like.example")
    assert caught.value.code == "AADSTS90002"


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "common",
        "organizations",
        "consumers",
        "localhost",
        GUID,
        f"{GUID}/x",
        "Contoso.example",
        "contoso.example.",
        ".example",
        "a b.example",
        "contoso.example/../common",
        "münchen.example",
        "-a.example",
        "127.0.0.1",
        "x" * 250 + ".example",
    ],
)
def test_find_tenant_of_what_is_no_domain_asks_nobody(microsoft, domain):
    with pytest.raises(ValueError, match="not a host name"):
        find_tenant(domain)
    assert microsoft.state()["calls"] == {}


@pytest.mark.parametrize(
    ("fault", "error"), [("429", Throttled), ("429_text", Throttled), ("503", Transient)]
)
def test_find_tenant_on_a_bad_day(microsoft, fault, error):
    microsoft.control({"faults": {"metadata": {fault: 1.0}}})

    with pytest.raises(error):
        find_tenant("contoso.example")


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("graph_host", "login", "cloud"),
    [
        ("graph.microsoft.com", "login.microsoftonline.com", "global"),
        ("graph.microsoft.us", "login.microsoftonline.us", "us_l4"),
        ("dod-graph.microsoft.us", "login.microsoftonline.us", "us_l5"),
        (None, "login.microsoftonline.us", "us_l4"),
        ("microsoftgraph.chinacloudapi.cn", "login.partner.microsoftonline.cn", "china"),
    ],
)
def test_find_tenant_reads_the_cloud_from_the_answer(script, graph_host, login, cloud):
    token_endpoint = f"https://{login}/{GUID.upper()}/oauth2/v2.0/token"
    script.say(
        "openid-configuration",
        as_json({"token_endpoint": token_endpoint, "msgraph_host": graph_host}),
    )

    assert find_tenant("contoso.example") == TenantMetadata(GUID, cloud, None, "contoso.example")


@pytest.mark.loopback
@pytest.mark.parametrize(
    "answer",
    [
        as_json({}),
        as_json({"token_endpoint": f"https://login.evil.example/{GUID}/oauth2/v2.0/token"}),
        as_json({"token_endpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/token"}),
        as_json({"token_endpoint": ["https://login.microsoftonline.com"]}),
        as_json({"error": "something"}, 400),
        Canned(b"<html>sign in to the hotel's network</html>"),
        Canned(b"[]"),
        Canned(b"[" * 100_000),
        Canned(b"", 204),
        Canned(b"moved", 302, {"Location": "https://elsewhere.example/"}),
        as_json({}, 302, Location="https://elsewhere.example/"),
    ],
)
def test_find_tenant_from_an_answer_that_makes_no_sense(script, answer):
    script.say("openid-configuration", answer)

    with pytest.raises(UnknownAnswer):
        find_tenant("contoso.example")


@pytest.mark.loopback
def test_find_tenant_follows_no_redirect(script):
    script.say("openid-configuration", as_json({}, 302, Location=f"{script.url}/trap"))

    with pytest.raises(UnknownAnswer):
        find_tenant("contoso.example")
    assert script.asked == ["/contoso.example/v2.0/.well-known/openid-configuration"]


@pytest.mark.loopback
def test_find_tenant_from_half_an_answer_is_transient(script):
    script.say("openid-configuration", Canned(b'{"token_endpoint": "https', promised=4000))

    with pytest.raises(Transient):
        find_tenant("contoso.example")


def one_cloud_at(url: str, name: str) -> clouds.Cloud:
    return clouds.Cloud(name, name, url, url, url, url, url, url)


@pytest.mark.loopback
def test_find_tenant_asks_each_host_once_until_one_knows(script, monkeypatch):
    script.say(
        "openid-configuration",
        as_json({"error": "invalid_tenant", "error_codes": [90002]}, 400),
        as_json(script.metadata(GUID)),
    )
    other = script.url.replace("localhost", "127.0.0.1")
    hosts = (one_cloud_at(other, "a"), one_cloud_at(other, "b"), one_cloud_at(script.url, "c"))
    monkeypatch.setattr(clouds, "served", lambda: hosts)
    monkeypatch.setattr(clouds, "known", lambda: hosts)

    assert find_tenant("contoso.example").cloud_name == "c"
    assert script.calls == {"openid-configuration": 2}


@pytest.mark.loopback
def test_find_tenant_is_not_unknown_while_one_host_cannot_be_asked(script, monkeypatch):
    script.say(
        "openid-configuration",
        as_json({}, 503),
        as_json({"error": "invalid_tenant", "error_codes": [90002]}, 400),
    )
    other = script.url.replace("localhost", "127.0.0.1")
    hosts = (one_cloud_at(other, "a"), one_cloud_at(script.url, "b"))
    monkeypatch.setattr(clouds, "served", lambda: hosts)

    with pytest.raises(Transient):
        find_tenant("contoso.example")


def test_find_tenant_waits_five_seconds_a_host():
    assert metadata._TIMEOUT_S == 5.0
