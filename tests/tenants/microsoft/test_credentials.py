"""Credentials are named by rows and held by the environment."""

from pathlib import Path

import pytest

from tenants.microsoft.credentials import Credential, CredentialUnreadable, credential
from tests.tenants.microsoft.stage import APP, pem_pair

CLIENT_ID = APP["acme-suite"].client_id


def test_credential_secret_is_found_by_its_name_in_any_spelling(settings):
    settings.MICROSOFT_CREDENTIALS = {"acme_suite": {"secret": "hush"}}

    assert credential("Acme-Suite", CLIENT_ID) == Credential(CLIENT_ID, secret="hush")


def test_credential_certificate_holds_key_and_certificate(settings):
    pem = "".join(pem_pair())
    settings.MICROSOFT_CREDENTIALS = {"acme": {"certificate": pem}}

    assert credential("acme", CLIENT_ID) == Credential(CLIENT_ID, certificate_pem=pem)


def test_credential_assertion_is_read_anew_each_time(settings, tmp_path: Path):
    file = tmp_path / "assertion"
    file.write_text("first\n")
    settings.MICROSOFT_CREDENTIALS = {"acme": {"assertion_file": str(file)}}

    found = credential("acme", CLIENT_ID)
    first = found.assertion()
    file.write_text("second")

    assert (first, found.assertion()) == ("first", "second")


def test_credential_never_shows_itself():
    held = Credential(CLIENT_ID, secret="hush", certificate_pem="pem", assertion_file="/run/file")

    assert repr(held) == f"Credential(client_id='{CLIENT_ID}')"


@pytest.mark.parametrize("held", [{}, {"acme": {}}, {"acme": {"secret": ""}}])
def test_credential_that_is_not_there_is_unreadable(settings, held):
    settings.MICROSOFT_CREDENTIALS = held

    with pytest.raises(CredentialUnreadable, match="holds no credential named 'acme'"):
        credential("acme", CLIENT_ID)


@pytest.mark.parametrize("part", ["nothing", "key only", "certificate only", "locked key"])
def test_credential_certificate_that_lacks_a_part_is_unreadable(settings, part):
    key, certificate = pem_pair()
    pem = {
        "nothing": "not PEM",
        "key only": key,
        "certificate only": certificate,
        "locked key": "".join(pem_pair(b"passphrase")),
    }[part]
    settings.MICROSOFT_CREDENTIALS = {"acme": {"certificate": pem}}

    with pytest.raises(CredentialUnreadable, match="must be PEM text") as caught:
        credential("acme", CLIENT_ID)
    assert "BEGIN" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_credential_assertion_file_that_cannot_be_read_is_unreadable(
    settings, tmp_path: Path, content
):
    file = tmp_path / "assertion"
    if content:
        file.write_bytes(content)
    settings.MICROSOFT_CREDENTIALS = {"acme": {"assertion_file": str(file)}}

    with pytest.raises(CredentialUnreadable, match="assertion file"):
        credential("acme", CLIENT_ID)
