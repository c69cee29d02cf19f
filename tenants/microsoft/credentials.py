"""Our own credentials at Microsoft: named in the database, held by the environment alone."""

from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings


class CredentialUnreadable(Exception):
    """The environment holds no usable credential of that name; the text says what is wrong."""


@dataclass(frozen=True)
class Credential:
    """How we prove to Microsoft that we are that app: exactly one of the three ways is set."""

    client_id: str
    secret: str | None = field(default=None, repr=False)
    certificate_pem: str | None = field(default=None, repr=False)
    assertion_file: str | None = field(default=None, repr=False)

    def assertion(self) -> str:
        """The federated assertion as it stands in the file now; whoever writes it renews it.

        Raises CredentialUnreadable.
        """
        try:
            return Path(self.assertion_file or "").read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise CredentialUnreadable(
                f"The assertion file of the app {self.client_id} cannot be read."
            ) from None


def credential(reference: str, client_id: str) -> Credential:
    """The credential of that name in the environment. Raises CredentialUnreadable."""
    # Names of variables know no hyphen and no small letters; the settings keep them in lower case.
    held = settings.MICROSOFT_CREDENTIALS.get(reference.lower().replace("-", "_"), {})
    found = Credential(
        client_id,
        secret=held.get("secret") or None,
        certificate_pem=held.get("certificate") or None,
        assertion_file=held.get("assertion_file") or None,
    )
    if found.certificate_pem:
        _check_certificate(found.certificate_pem, reference)
    elif found.assertion_file:
        found.assertion()
    elif not found.secret:
        raise CredentialUnreadable(f"The environment holds no credential named {reference!r}.")
    return found


def _check_certificate(pem: str, reference: str) -> None:
    text = pem.encode()
    try:
        load_pem_private_key(text, password=None)
        x509.load_pem_x509_certificate(text)
    except (ValueError, TypeError):
        raise CredentialUnreadable(
            f"The credential {reference!r} must be PEM text with an unencrypted private key "
            "and its certificate."
        ) from None
