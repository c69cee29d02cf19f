"""Checks ID tokens, which MSAL does not.

https://learn.microsoft.com/entra/identity-platform/id-tokens#validate-tokens
"""

import hashlib
import hmac
from typing import Any, Final

import jwt

from tenants.microsoft.authority import signing_key
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.errors import InvalidIdToken

_LEEWAY_S: Final = 60
_REQUIRED: Final = ["aud", "exp", "iat", "iss", "nbf", "nonce", "oid", "tid"]


def verified_claims(
    token: str, cloud: Cloud, tenant_id: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """The claims of an ID token that this tenant signed for us, now, in answer to this sign-in.

    `nonce` is the flow's own; MSAL sends its SHA-256 to Microsoft. Raises InvalidIdToken, or what
    fetching the keys raises.
    """
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != "RS256":
            raise InvalidIdToken
        claims: dict[str, Any] = jwt.decode(
            token,
            signing_key(cloud, tenant_id, str(header.get("kid"))),
            algorithms=["RS256"],
            audience=client_id,
            issuer=cloud.issuer(tenant_id),
            leeway=_LEEWAY_S,
            options={"require": _REQUIRED, "strict_aud": True},
        )
    except jwt.PyJWTError:
        raise InvalidIdToken from None
    expected = hashlib.sha256(nonce.encode()).hexdigest()
    if not hmac.compare_digest(str(claims["nonce"]).encode(), expected.encode()):
        raise InvalidIdToken
    if claims["tid"] != tenant_id or not isinstance(claims["oid"], str):
        raise InvalidIdToken
    return claims
