"""How an address asks, and wants to be answered."""

import pytest

from consent.diagnosis.linting import findings as say
from consent.diagnosis.linting import lint
from tests.consent.diagnosis.addresses import (
    BACK,
    GRAPH_HOST,
    OTHER,
    OURS,
    STATE,
    adminconsent,
    authorize,
    of,
)


@pytest.mark.parametrize(
    ("prompt", "at_sign_in", "at_approval"),
    [
        ("consent", say.PROMPT_CONSENT, say.PROMPT_IGNORED),
        ("Consent", say.PROMPT_CONSENT, say.PROMPT_IGNORED),
        ("admin_consent", say.PROMPT_ADMIN, say.PROMPT_ADMIN),
        ("none", say.PROMPT_NONE, say.PROMPT_IGNORED),
        ("login", say.PROMPT_FINE, say.PROMPT_IGNORED),
        ("select_account", say.PROMPT_FINE, say.PROMPT_IGNORED),
        ("please", say.PROMPT_ODD, say.PROMPT_ODD),
    ],
)
def test_prompt(prompt, at_sign_in, at_approval):
    found = of("prompt", authorize(prompt=prompt)), of("prompt", adminconsent(prompt=prompt))

    assert found == ([(at_sign_in,)], [(at_approval,)])


@pytest.mark.parametrize(
    ("redirect", "finding"),
    [
        (None, say.REDIRECT_MISSING),
        (BACK, say.REDIRECT_OURS),
        (BACK[:-1], say.REDIRECT_HOST_OURS),
        ("https://APP.acme.example/x", say.REDIRECT_HOST_OURS),
        ("https://api.us.nylas.com/v3/connect/callback", say.REDIRECT_NYLAS),
        ("https://evil.example/consent/return/", say.REDIRECT_FOREIGN),
        ("http://app.acme.example/x", say.REDIRECT_NOT_HTTPS),
        ("http://localhost:3000/x", say.REDIRECT_LOCAL),
        ("https://app.acme.example/x#y", say.REDIRECT_FRAGMENT),
        ("https://*.acme.example/", say.REDIRECT_FRAGMENT),
        ("/back", say.REDIRECT_FOREIGN),
        ("https://[nonsense", say.REDIRECT_FOREIGN),
    ],
)
def test_redirect(redirect, finding):
    assert of("redirect_uri", adminconsent(redirect_uri=redirect)) == [(finding,)]


def test_redirect_of_an_unknown_app_is_not_judged():
    assert of("redirect_uri", adminconsent(client_id=OTHER)) == [(say.REDIRECT_UNCHECKED,)]


@pytest.mark.parametrize(
    ("state", "finding"),
    [
        (None, say.STATE_MISSING),
        ("1", say.STATE_SHORT),
        ("ana@contoso.example", say.STATE_TELLS),
        ('{"user": 7, "next": "/home"}', say.STATE_TELLS),
        ("eyJ1c2VyIjogNywgIm5leHQiOiAiLyJ9", say.STATE_TELLS),
        (STATE, say.STATE_FINE),
    ],
)
def test_state_is_judged_and_never_repeated(state, finding):
    remarks = lint(authorize(state=state), registrations=[OURS])

    assert [each.finding for each in remarks if each.part == "state"] == [finding]
    assert not state or len(state) < 2 or state not in repr(remarks)


def test_state_is_not_missed_where_nobody_comes_back():
    assert of("state", adminconsent(redirect_uri=None, state=None)) == []


@pytest.mark.parametrize(
    ("changes", "part", "finding"),
    [
        ({"response_type": None}, "response_type", say.TYPE_MISSING),
        ({"response_type": "code id_token"}, "response_type", say.TYPE_CODE),
        ({"response_type": "token"}, "response_type", say.TYPE_IMPLICIT),
        ({"response_type": "id_token"}, "response_type", say.TYPE_IMPLICIT),
        ({"response_type": "kode"}, "response_type", say.TYPE_ODD),
        ({"response_mode": "query"}, "response_mode", say.MODE_QUERY),
        ({"response_mode": "form_post"}, "response_mode", say.MODE_FORM_POST),
        ({"response_mode": "fragment"}, "response_mode", say.MODE_FRAGMENT),
        ({"response_mode": "pigeon"}, "response_mode", say.MODE_ODD),
        (
            {"response_mode": "query", "response_type": "id_token"},
            "response_mode",
            say.MODE_QUERY_TOKEN,
        ),
        ({"response_type": "id_token"}, "nonce", say.NONCE_MISSING),
        ({"scope": "openid User.Read"}, "nonce", say.NONCE_MISSING),
        ({"code_challenge": None}, "code_challenge", say.PKCE_MISSING),
        ({"code_challenge_method": None}, "code_challenge", say.PKCE_PLAIN),
        ({"code_challenge_method": "plain"}, "code_challenge", say.PKCE_PLAIN),
        ({"resource": GRAPH_HOST}, "resource", say.RESOURCE),
        ({"login_hint": "ana@contoso.example"}, "login_hint", say.HINT),
        ({"domain_hint": "contoso.example"}, "domain_hint", say.HINT),
        ({"access_type": "offline"}, "access_type", say.OTHER_PARAMETER),
    ],
)
def test_how_a_sign_in_is_asked_for(changes, part, finding):
    remarks = lint(authorize(**changes), registrations=[OURS])

    assert [each.finding for each in remarks if each.part == part] == [finding]
    assert "ana@contoso.example" not in repr(remarks)


def test_nonce_is_asked_for_where_an_id_token_is():
    assert [of("nonce", authorize()), of("code_challenge", authorize(response_type="token"))] == [
        [],
        [],
    ]


def test_parameter_that_stands_there_twice():
    assert of("scope", f"{adminconsent()}&scope=Mail.Send") == [
        (say.SCOPE_AS_REGISTERED,),
        (say.TWICE,),
    ]
