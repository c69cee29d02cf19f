"""What settings hold, made of more than one environment variable: families with a name inside their
name, and those that only make sense together.
"""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

from tenants.microsoft.guids import is_guid

_CREDENTIAL: Final = "MICROSOFT_CREDENTIAL_"
_ANYMAIL: Final = "ANYMAIL_"


def text_of(variable: str, path: str) -> str:
    """What the file holds that the variable names; raises ImproperlyConfigured where it cannot be
    read.
    """
    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(
            f"{variable} names a file that cannot be read: {path!r}."
        ) from None


def credentials(variables: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Credentials of app registrations, by the lower-case NAME that a registration names.

    MICROSOFT_CREDENTIAL_<NAME> is a secret, …_<NAME>_FILE a file with one, …_CERTIFICATE_FILE a PEM
    file with key and certificate, …_ASSERTION_FILE a federated assertion. What a file holds is read
    when it is used, so that a new one needs no restart; here it is only tried. Raises
    ImproperlyConfigured for a secret or certificate that cannot be read.
    """
    found: dict[str, dict[str, str]] = {}
    for name, value in sorted(_family(variables, _CREDENTIAL).items()):
        if name.endswith("_certificate_file"):
            text_of(_CREDENTIAL + name.upper(), value)
            found[name.removesuffix("_certificate_file")] = {"certificate_file": value}
        elif name.endswith("_assertion_file"):
            found[name.removesuffix("_assertion_file")] = {"assertion_file": value}
        elif name.endswith("_file"):
            text_of(_CREDENTIAL + name.upper(), value)
            found[name.removesuffix("_file")] = {"secret_file": value}
        else:
            found[name] = {"secret": value}
    return found


def anymail(variables: Mapping[str, str]) -> dict[str, str]:
    """What a mail provider needs, as Anymail names it: ANYMAIL_POSTMARK_SERVER_TOKEN and so on."""
    found = {name.upper(): value for name, value in _family(variables, _ANYMAIL).items()}
    for name in [name for name in found if name.endswith("_FILE")]:
        found[name.removesuffix("_FILE")] = text_of(_ANYMAIL + name, found.pop(name)).strip()
    return found


def when_keys_are_needed(*, debug: bool, host: str) -> str:
    """Why this set-up cannot do with the keys of development, as the end of a sentence; empty where
    it can: nobody else gets there.
    """
    if not debug:
        return "when DEBUG is off"
    if _is_this_machine(host):
        return ""
    return f"where others come in (PORTAL_URL says {host}); DEBUG belongs off there"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def agents_sign_in(tenant_id: str, client_id: str, secret: str) -> dict[str, Any]:
    """allauth's providers: Microsoft, where the vendor's own tenant is named, and only from there.
    `common` and its like would let anybody's account in, and a domain may move to another tenant.
    Raises ImproperlyConfigured for anything but a GUID, and where the rest is missing.
    """
    if not tenant_id:
        return {}
    if not is_guid(tenant_id.lower()):
        raise ImproperlyConfigured("AGENTS_TENANT_ID must be the GUID of your own tenant.")
    if not (client_id and secret):
        raise ImproperlyConfigured(
            "AGENTS_TENANT_ID needs AGENTS_CLIENT_ID and AGENTS_CLIENT_SECRET beside it."
        )
    app = {"client_id": client_id, "secret": secret, "settings": {"tenant": tenant_id}}
    return {"microsoft": {"APPS": [app]}}


def _family(variables: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix).lower(): value
        for name, value in variables.items()
        if name.startswith(prefix)
    }
