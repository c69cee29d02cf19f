"""Credentials are named by rows and held by the environment."""

from datetime import UTC, datetime, timedelta
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


def test_credential_in_a_file_is_that_of_now(settings, tmp_path: Path):
    file = tmp_path / "secret"
    file.write_text("first\n")
    settings.MICROSOFT_CREDENTIALS = {"acme": {"secret_file": str(file)}}

    first = [credential("acme", CLIENT_ID).secret for _time in range(2)]
    file.write_text("second one\n")

    assert (first, credential("acme", CLIENT_ID).secret) == (["first", "first"], "second one")


def test_certificate_in_a_file_is_that_of_now(settings, tmp_path: Path):
    file, pems = tmp_path / "pem", ["".join(pem_pair()) for _time in range(2)]
    settings.MICROSOFT_CREDENTIALS = {"acme": {"certificate_file": str(file)}}

    found = []
    for pem in pems:
        # As secrets are swapped by whoever mounts them: another file takes the name.
        new = tmp_path / "new"
        new.write_text(pem)
        new.replace(file)
        found.append(credential("acme", CLIENT_ID).certificate_pem)

    assert found == pems


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
@pytest.mark.parametrize("kind", ["secret_file", "certificate_file"])
def test_credential_file_that_cannot_be_read_is_unreadable(settings, tmp_path: Path, kind, content):
    file = tmp_path / "file"
    if content:
        file.write_bytes(content)
    settings.MICROSOFT_CREDENTIALS = {"acme": {kind: str(file)}}

    with pytest.raises(CredentialUnreadable, match="The file of the credential 'acme'"):
        credential("acme", CLIENT_ID)


def test_end_of_a_credential_is_that_of_its_certificate():
    held = Credential(CLIENT_ID, certificate_pem="".join(pem_pair()))

    left = held.ends_at - datetime.now(UTC)
    assert timedelta(days=8) < left < timedelta(days=10)
    assert Credential(CLIENT_ID, secret="hush").ends_at is None


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
