"""Families of environment variables become what settings hold."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.variables import agents_sign_in, anymail, credentials, when_keys_are_needed


def test_credentials_of_every_kind_are_read_by_name(tmp_path: Path) -> None:
    secret, pem = tmp_path / "secret", tmp_path / "pem"
    secret.write_text("from a file\n")
    pem.write_text("KEY AND CERTIFICATE")

    found = credentials(
        {
            "PATH": "/bin",
            "MICROSOFT_CREDENTIAL_CALENDAR": "typed",
            "MICROSOFT_CREDENTIAL_ARCHIVE_FILE": str(secret),
            "MICROSOFT_CREDENTIAL_SUITE_CERTIFICATE_FILE": str(pem),
            "MICROSOFT_CREDENTIAL_CLUSTER_ASSERTION_FILE": "/run/token",
        }
    )

    assert found == {
        "archive": {"secret_file": str(secret)},
        "calendar": {"secret": "typed"},
        "cluster": {"assertion_file": "/run/token"},
        "suite": {"certificate_file": str(pem)},
    }


@pytest.mark.parametrize("ending", ["_FILE", "_CERTIFICATE_FILE"])
def test_credential_that_is_no_text_is_refused_by_its_name(tmp_path: Path, ending: str) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"\xff\xfe")
    variable = f"MICROSOFT_CREDENTIAL_CALENDAR{ending}"

    with pytest.raises(ImproperlyConfigured) as refused:
        credentials({variable: str(file)})

    assert str(refused.value) == f"{variable} names a file that cannot be read: '{file}'."


def test_anymail_takes_the_providers_own_names_and_files(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("of the provider\n")

    found = anymail(
        {
            "ANYMAIL_POSTMARK_SERVER_TOKEN_FILE": str(token),
            "ANYMAIL_SEND_DEFAULTS": "x",
            "HOME": "/",
        }
    )

    assert found == {"POSTMARK_SERVER_TOKEN": "of the provider", "SEND_DEFAULTS": "x"}


@pytest.mark.parametrize("host", ["localhost", "portal.localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_keys_of_development_do_on_this_machine_alone(host: str) -> None:
    assert when_keys_are_needed(debug=True, host=host) == ""
    assert when_keys_are_needed(debug=False, host=host) == "when DEBUG is off"


@pytest.mark.parametrize("host", ["approve.example.com", "192.0.2.7", "localhost.example.com"])
def test_keys_of_development_do_not_where_others_come_in(host: str) -> None:
    assert when_keys_are_needed(debug=True, host=host) == (
        f"where others come in (PORTAL_URL says {host}); DEBUG belongs off there"
    )


def test_agents_sign_in_with_microsoft_from_the_named_tenant_alone() -> None:
    tenant = "446b460f-e49d-4af2-aaaa-0b1a106594d2"

    assert agents_sign_in("", "client", "secret") == {}
    assert agents_sign_in(tenant, "client", "secret") == {
        "microsoft": {
            "APPS": [{"client_id": "client", "secret": "secret", "settings": {"tenant": tenant}}]
        }
    }
