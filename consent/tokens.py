"""What stands in emailed addresses: derived by a key of its own, never stored.

A stolen database opens nothing, every mail can rebuild its address, and rotating one is `version +
1`. The tokens may be
opened many times; they are masked in logs.
"""

import hashlib
import hmac
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer

from consent.errors import BadToken
from consent.models import ApprovalLink, ConsentRequest, Ticket
from tenants.models import Contact

_MATCHING_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ"


def _signer(kind: str) -> Signer:
    return Signer(
        key=settings.LINK_KEY,
        fallback_keys=settings.LINK_KEY_FALLBACKS,
        sep=".",
        salt=f"portal.{kind}",
    )


def _read(kind: str, token: str) -> tuple[str, int]:
    try:
        public_id, _dot, version = _signer(kind).unsign(token).partition(".")
        return public_id, int(version)
    except (BadSignature, ValueError):
        raise BadToken(kind) from None


def approval_token(link: ApprovalLink) -> str:
    """The path of an administrator's page: `/a/<token>/`."""
    return _signer("approval").sign(f"{link.public_id}.{link.version}")


def read_approval(token: str) -> ApprovalLink:
    """The link of that token, live or not; raises BadToken for a garbled, forged or rotated one."""
    public_id, version = _read("approval", token)
    link = (
        ApprovalLink.objects.select_related(
            "request__app", "request__tenant", "recipient", "from_ticket"
        )
        .filter(public_id=public_id, version=version)
        .first()
    )
    if link is None:
        raise BadToken("approval")
    return link


def ticket_token(ticket: Ticket) -> str:
    """The path of a requester's page: `/t/<token>/`."""
    return _signer("ticket").sign(f"{ticket.public_id}.{ticket.link_version}")


def read_ticket(token: str) -> Ticket:
    """The ticket of that token; raises BadToken for a garbled, forged or rotated one."""
    public_id, version = _read("ticket", token)
    ticket = (
        Ticket.objects.select_related(
            "app", "contact", "tenant", "request__app", "request__tenant", "agent"
        )
        .filter(public_id=public_id, link_version=version)
        .first()
    )
    if ticket is None:
        raise BadToken("ticket")
    return ticket


def stop_token(contact: Contact) -> str:
    """The path behind *never write to me again*: `/stop/<token>/`."""
    return _signer("stop").sign(f"{contact.pk}.1")


def read_stop(token: str) -> Contact:
    """Whose mails that token stops; raises BadToken."""
    key, _version = _read("stop", token)
    contact = Contact.objects.filter(pk=key).first() if key.isdigit() else None
    if contact is None:
        raise BadToken("stop")
    return contact


def digest(kind: str, text: str) -> str:
    """Hexadecimal text that only we can derive from `text`, the same every time while LINK_KEY
    stands.
    """
    return hmac.digest(settings.LINK_KEY.encode(), f"{kind}:{text}".encode(), hashlib.sha256).hex()


def _number(kind: str, text: str) -> int:
    return int(digest(kind, text), 16)


def confirmation_code(ticket: Ticket) -> str:
    """Six digits, shown only in the browser that asked."""
    return f"{_number('confirm', f'{ticket.public_id}.{ticket.link_version}') % 1_000_000:06d}"


def matching_code(request: ConsentRequest) -> str:
    """Letters that stand in the administrator's mail and on the requesters' pages alike, so that
    both can compare.
    """
    number = _number("match", request.public_id)
    letters = "".join(
        _MATCHING_LETTERS[(number >> (8 * i)) % len(_MATCHING_LETTERS)] for i in range(6)
    )
    return f"{letters[:3]}-{letters[3:]}"
