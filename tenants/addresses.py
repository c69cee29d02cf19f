"""Mail addresses and domains as people type them, brought into one form."""

import ipaddress
import re
from functools import cache
from pathlib import Path

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tenants.microsoft.guids import GUID


class BadAddress(ValueError):
    """Not an address that we could write to."""


#: What a mail server must accept, and what our tables hold.
#: https://www.rfc-editor.org/errata/eid1690
_LONGEST = 254
#: outlook.fr, hotmail.co.uk and their like, but not a company's live.company.com.
_MICROSOFTS_OWN = re.compile(r"(?:outlook|hotmail|live)\.(?:com?\.)?[a-z]{2,3}")
_GUID = re.compile(GUID)
_DOTS_MEAN_NOTHING = frozenset({"gmail.com", "googlemail.com"})


def normal_domain(text: str) -> str:
    """A host name with a dot, in lower-case ASCII (IDNA). Raises BadAddress for anything else,
    GUIDs and IPs too.
    """
    typed = text.strip()
    if len(typed) > _LONGEST:
        raise BadAddress("domain")
    try:
        # Case, width and the dots of other scripts fall together here, so it comes before the rest.
        name = idna.encode(typed, uts46=True).decode().rstrip(".")
    except UnicodeError:
        raise BadAddress("domain") from None
    if "." not in name or len(name) > 253 or _GUID.search(name):
        raise BadAddress("domain")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name
    raise BadAddress("domain")


def normal_address(text: str) -> str:
    """One plain mail address: lower-case, its domain in ASCII. Raises BadAddress."""
    local, at, domain = text.strip().rpartition("@")
    if not at or any(ord(character) < 33 or character == "\x7f" for character in local + domain):
        raise BadAddress("address")
    address = f"{local.lower()}@{normal_domain(domain)}"
    if len(address) > _LONGEST:
        raise BadAddress("address")
    try:
        validate_email(address)
    except ValidationError:
        raise BadAddress("address") from None
    return address


def mailbox_of(address: str) -> str:
    """The mailbox that a (normal) address most likely ends in, as an address: what its owner may
    add to his own as he likes is gone. For limits and stops alone; nobody is written to there.

    https://www.rfc-editor.org/rfc/rfc5233 and https://support.google.com/mail/answer/7436150
    """
    local, _at, domain = address.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTS_MEAN_NOTHING:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


@cache
def _personal_domains() -> frozenset[str]:
    return frozenset((Path(__file__).parent / "data" / "personal_domains.txt").read_text().split())


def is_personal(domain: str) -> bool:
    """A mail provider for private persons: nobody is administrator there."""
    return domain in _personal_domains() or bool(_MICROSOFTS_OWN.fullmatch(domain))
