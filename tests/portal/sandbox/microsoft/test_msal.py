"""Microsoft's own library for Python, unchanged, against the simulation."""

from urllib.parse import parse_qsl, urlsplit

import msal
import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.portal.sandbox.microsoft.visitor import (
    CALENDAR,
    CALENDAR_SCOPES,
    GRAPH_DEFAULT,
    SIGNIN_RETURN,
    SUITE,
    TENANT_IDS,
)

AUTHORITY = "https://login.sandbox.example"


class Mapped(HTTPAdapter):
    """Sends what is meant for the https authority to the plain listener, as a proxy would."""

    def __init__(self, url):
        super().__init__()
        self.url = url

    def send(self, request, **options):
        plain = "http://" + urlsplit(self.url).netloc
        request.url = request.url.replace(AUTHORITY, plain).replace("https://", "http://", 1)
        request.headers["X-Forwarded-Proto"] = "https"
        return super().send(request, **options)


@pytest.fixture
def http_client(microsoft):
    """A session that knows the way."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", Mapped(microsoft.url))
        yield session


def application(http_client, domain, app=CALENDAR, **options):
    return msal.ConfidentialClientApplication(
        app.client_id,
        authority=f"{AUTHORITY}/{TENANT_IDS.get(domain, domain)}",
        client_credential=app.secret,
        instance_discovery=False,
        http_client=http_client,
        **options,
    )


def test_app_only_token(microsoft, http_client):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-suite"}]})

    result = application(http_client, "contoso.example", SUITE).acquire_token_for_client(
        [GRAPH_DEFAULT]
    )

    assert (result["token_type"], result["token_source"]) == ("Bearer", "identity_provider")


def test_refusal_is_a_dictionary_with_codes(http_client):
    client = application(http_client, "contoso.example")

    result = client.acquire_token_for_client([GRAPH_DEFAULT])

    assert (result["error"], result["error_codes"]) == ("invalid_client", [7000229])


def test_unknown_tenant_is_a_value_error(http_client):
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        application(http_client, "gmail-like.example")


def test_throttling_raises_or_answers_as_the_body_is(microsoft, http_client):
    client = application(http_client, "wingtip.example")
    microsoft.control({"faults": {"token": {"429": 1}}})

    result = client.acquire_token_for_client([GRAPH_DEFAULT])

    assert result["error_codes"] == [90055]


def sign_in(microsoft, visitor, client, scopes, account):
    """The code flow: MSAL's address, the person's browser, MSAL's redemption."""
    flow = client.initiate_auth_code_flow(scopes, redirect_uri=SIGNIN_RETURN, response_mode="query")
    parts = urlsplit(flow["auth_uri"])
    page = visitor.open(f"{parts.path}?{parts.query}")
    answer = visitor.sign_in(page, account)
    back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    return client.acquire_token_by_auth_code_flow(flow, back)


@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended")
def test_code_flow_with_pkce_and_nonce(microsoft, visitor, http_client):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar"}]})
    client = application(http_client, "contoso.example", exclude_scopes=["offline_access"])

    result = sign_in(microsoft, visitor, client, ["User.Read"], "admin@contoso.example")

    told = result["id_token_claims"]
    assert (told["tid"], told["preferred_username"]) == (
        TENANT_IDS["contoso.example"],
        "admin@contoso.example",
    )
    assert "refresh_token" not in result
    assert set(result["scope"].split()) == set(CALENDAR_SCOPES.split()) - {"offline_access"}


@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended")
def test_silent_refresh_from_the_cache(microsoft, visitor, http_client):
    microsoft.control({"grants": [{"tenant": "contoso.example", "app": "acme-calendar"}]})
    client = application(http_client, "contoso.example")
    sign_in(microsoft, visitor, client, ["User.Read"], "ana@contoso.example")
    (account,) = client.get_accounts()

    result = client.acquire_token_silent(["Mail.Read"], account, force_refresh=True)

    assert "Mail.Read" in result["scope"].split()
