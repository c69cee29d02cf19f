"""Nothing that grants access is kept."""

import pytest

from consent.diagnosis import SecretKind, found_secrets, secrets_removed, without_secrets

RUN = "Ab3_-" * 20
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJ0aWQiOiJ4In0.c2lnbmF0dXJl"
GENERATED = "xYz8Q~" + "a1B2c3D4e5" * 3 + "Zz.~"


@pytest.mark.parametrize(
    ("pasted", "kept", "kind"),
    [
        (f"token {JWT} end", "token [token-removed] end", SecretKind.TOKEN),
        (f"id_token%3D{JWT}%26x", "id_token%3D[token-removed]%26x", SecretKind.TOKEN),
        (f"state%3D{JWT}%26x", "state%3D[token-removed]%26x", SecretKind.TOKEN),
        (f"cut eyJ{RUN}", "cut [token-removed]", SecretKind.TOKEN),
        (f"Authorization: Bearer {RUN}", "Authorization: Bearer [token-removed]", SecretKind.TOKEN),
        (f'"access_token": "{RUN}"', '"access_token": "[token-removed]"', SecretKind.TOKEN),
        (
            f"&refresh_token={RUN}&x=1",
            "&refresh_token=[refresh-token-removed]&x=1",
            SecretKind.REFRESH_TOKEN,
        ),
        (f"0.AXoA{RUN} end", "[refresh-token-removed] end", SecretKind.REFRESH_TOKEN),
        (f"M.C5_{RUN}", "[refresh-token-removed]", SecretKind.REFRESH_TOKEN),
        (f"?code=0.AXoA{RUN}&state=1", "?code=[code-removed]&state=1", SecretKind.CODE),
        (f"?code=M.R3_{RUN}&state=1", "?code=[code-removed]&state=1", SecretKind.CODE),
        (f"%3Fcode%3D1{RUN}", "%3Fcode%3D[code-removed]", SecretKind.CODE),
        (
            "client_secret=abc123&x",
            "client_secret=[client-secret-removed]&x",
            SecretKind.CLIENT_SECRET,
        ),
        (
            '"clientSecret": "a b;c(d)"',
            '"clientSecret": "[client-secret-removed]"',
            SecretKind.CLIENT_SECRET,
        ),
        (
            f"the value is {GENERATED}",
            "the value is [client-secret-removed]",
            SecretKind.CLIENT_SECRET,
        ),
        ("password: Winter2024", "password: [password-removed]", SecretKind.PASSWORD),
        ("'pwd' = 'sun shine!'", "'pwd' = '[password-removed]'", SecretKind.PASSWORD),
        (
            "ESTSAUTHPERSISTENT=0.abcdefgh; x",
            "ESTSAUTHPERSISTENT=[cookie-removed]; x",
            SecretKind.COOKIE,
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nabc=\n-----END",
            "[private-key-removed]-----END",
            SecretKind.PRIVATE_KEY,
        ),
    ],
)
def test_secret_is_found_and_removed(pasted, kept, kind):
    assert found_secrets(pasted) == (kind,)
    assert without_secrets(pasted) == kept
    assert (found_secrets(kept), without_secrets(kept)) == ((), kept)


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "AADSTS7000215: Invalid client secret provided. Ensure the secret is the value",
        "https://login.microsoftonline.com/error?code=90094",
        '"code": "Authorization_RequestDenied", "error_code": "45001"',
        "error=provider_code_request_failed&error_code=provider_code_request_failed_1",
        "password: wrong or expired",
        "state=eyJ0b2tlbiI6Ii4uLiJ9",
        "Correlation ID: 5b1f6a0c-4d0e-4c39-9a83-1f6a2c1d7e10",
    ],
)
def test_secret_where_there_is_none(pasted):
    assert found_secrets(pasted) == ()
    assert without_secrets(pasted) == pasted


def test_secrets_of_several_kinds_are_named_once_each():
    text = f"password=Abc123! {JWT} {JWT} client_secret=abc123"
    assert found_secrets(text) == (
        SecretKind.TOKEN,
        SecretKind.CLIENT_SECRET,
        SecretKind.PASSWORD,
    )


def test_secrets_that_were_removed_are_told_by_what_stands_in_their_place():
    kept = without_secrets(f"password=Abc123! {JWT}")
    assert secrets_removed(kept) == (SecretKind.TOKEN, SecretKind.PASSWORD)
    assert secrets_removed("password=Abc123!") == ()
