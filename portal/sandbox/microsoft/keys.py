"""The key that signs tokens, and the public half that clients fetch."""

import time
from base64 import urlsafe_b64encode
from functools import cached_property
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class SigningKey:
    """One RSA key; made anew at every reset, so that old tokens stop verifying."""

    def __init__(self) -> None:
        self.key_id = uuid4().hex

    @cached_property
    def _private(self) -> rsa.RSAPrivateKey:
        # Made at first use: a test that never signs does not pay for it.
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, claims: dict[str, object]) -> str:
        """A compact RS256 token with this key's id in its header."""
        return jwt.encode(claims, self._private, algorithm="RS256", headers={"kid": self.key_id})

    def key_set(self, issuer: str) -> dict[str, object]:
        """The JSON Web Key Set; `issuer` may carry `{tenantid}`, as Microsoft's does."""
        numbers = self._private.public_key().public_numbers()
        return {
            "keys": [
                {
                    "kty": "RSA",
                    "use": "sig",
                    "kid": self.key_id,
                    "n": _number(numbers.n),
                    "e": _number(numbers.e),
                    "issuer": issuer,
                }
            ]
        }


def now() -> int:
    """Seconds since 1970, as tokens count them."""
    return int(time.time())
