"""What a browser carries while it is on a sign-in: sealed, so that only we can read it."""

import base64
import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

HOP_LIVES: Final = timedelta(minutes=10)
IDENTITY: Final = "identity"


@dataclass(frozen=True)
class Errand:
    """Whom a hop is for: an attempt's claim, a link's *check again*, or a ticket's own test; and
    how far it is.
    """

    request_id: int
    back_to: str
    attempt_id: int | None = None
    ticket_id: int | None = None
    stage: str = IDENTITY
    visible: bool = False
    person: str = ""
    login_hint: str = ""
    roles: tuple[str, ...] | None = None
    covered: tuple[tuple[str, str, str], ...] = ()
    flow: dict[str, Any] = field(default_factory=dict)


def _fernet() -> MultiFernet:
    keys = [settings.LINK_KEY, *settings.LINK_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"errand:{key}".encode()).digest()))
            for key in keys
        ]
    )


def seal(errand: Errand) -> str:
    """The errand as text that only we can read; it holds the verifier of the sign-in and the
    account's name.
    """
    return _fernet().encrypt(json.dumps(asdict(errand)).encode()).decode()


def unseal(sealed: str) -> Errand | None:
    """The errand, or None for what is not ours or older than ten minutes."""
    try:
        told = json.loads(_fernet().decrypt(sealed.encode(), ttl=int(HOP_LIVES.total_seconds())))
    except (InvalidToken, ValueError):
        return None
    roles = None if told["roles"] is None else tuple(told["roles"])
    covered = tuple(tuple(item) for item in told["covered"])
    return Errand(**{**told, "roles": roles, "covered": covered})
