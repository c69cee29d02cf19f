"""Our own credentials at Microsoft: named in the database, held by the environment alone."""

import os
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings


class CredentialUnreadable(Exception):
    """The environment holds no usable credential of that name; the text says what is wrong."""


class CredentialMissing(CredentialUnreadable):
    """The environment holds nothing of that name."""


@dataclass(frozen=True)
class Credential:
    """How we prove to Microsoft that we are that app: exactly one of the three ways is set."""

    client_id: str
    secret: str | None = field(default=None, repr=False)
    certificate_pem: str | None = field(default=None, repr=False)
    assertion_file: str | None = field(default=None, repr=False)

    @property
    def ends_at(self) -> datetime | None:
        """When our certificate ends (UTC); None where the environment does not know it."""
        if not self.certificate_pem:
            return None
        pem = x509.load_pem_x509_certificate(self.certificate_pem.encode())
        return pem.not_valid_after_utc

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
    """The credential of that name in the environment, files as they stand now: whoever rotates one
    restarts nothing. Raises CredentialUnreadable, as CredentialMissing where there is none.
    """
    # Names of variables know no hyphen and no small letters; the settings keep them in lower case.
    held = settings.MICROSOFT_CREDENTIALS.get(reference.lower().replace("-", "_"), {})
    found = Credential(
        client_id,
        secret=held.get("secret") or _of_file(held, "secret_file", reference).strip() or None,
        certificate_pem=held.get("certificate")
        or _of_file(held, "certificate_file", reference)
        or None,
        assertion_file=held.get("assertion_file") or None,
    )
    if found.certificate_pem:
        _check_certificate(found.certificate_pem, reference)
    elif found.assertion_file:
        found.assertion()
    elif not found.secret:
        raise CredentialMissing(f"The environment holds no credential named {reference!r}.")
    return found


def _of_file(held: dict[str, str], kind: str, reference: str) -> str:
    path = held.get(kind)
    if not path:
        return ""
    try:
        now = os.stat(path)
        return _text(path, now.st_mtime_ns, now.st_ino, now.st_size)
    except (OSError, UnicodeDecodeError):
        raise CredentialUnreadable(
            f"The file of the credential {reference!r} cannot be read."
        ) from None


@lru_cache(maxsize=64)
def _text(path: str, _changed: int, _inode: int, _size: int) -> str:
    """What the file holds, read anew only where it is another than before."""
    return Path(path).read_text()


@lru_cache(maxsize=64)
def _is_usable(pem: str) -> bool:
    """Checking a key costs a millisecond, and every look needs one."""
    text = pem.encode()
    try:
        load_pem_private_key(text, password=None)
        x509.load_pem_x509_certificate(text)
    except (ValueError, TypeError):
        return False
    return True


def _check_certificate(pem: str, reference: str) -> None:
    if not _is_usable(pem):
        raise CredentialUnreadable(
            f"The credential {reference!r} must be PEM text with an unencrypted private key "
            "and its certificate."
        )
