"""How an app proves at the token endpoint that it is itself: secret, certificate, or federation.

https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

import hashlib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from urllib.parse import unquote_plus

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from .errors import EntraError
from .state import Registration

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def client_id_and_secret(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    """Client id and secret from the body, or from a Basic header; empty where absent."""
    if authorization.lower().startswith("basic "):
        try:
            user, _, password = b64decode(authorization[6:]).decode().partition(":")
        except ValueError:
            return "", ""
        return unquote_plus(user), unquote_plus(password)
    return form.get("client_id", ""), form.get("client_secret", "")


def check_client(registration: Registration, form: Mapping[str, str], secret: str) -> None:
    """Raises EntraError, all `invalid_client` with 401: 7000218 nothing proves it, 7000215 wrong
    secret, 7000222 secret out of date, 700027 assertion not accepted.
    """
    if assertion := form.get("client_assertion", ""):
        if form.get("client_assertion_type") != _ASSERTION_TYPE:
            raise _refused(700027, "The type of the client assertion is unknown.")
        _check_assertion(registration, assertion)
    elif not secret:
        raise _refused(7000218, "The request must carry 'client_assertion' or 'client_secret'.")
    elif secret in registration.expired_secrets:
        raise _refused(7000222, f"The client secret of app '{registration.client_id}' has expired.")
    elif secret not in registration.secrets:
        raise _refused(
            7000215,
            "The client secret is invalid. Send the secret's value, not its id, for app "
            f"'{registration.client_id}'.",
        )


def _refused(code: int, text: str) -> EntraError:
    return EntraError(code, "invalid_client", text, status=401)


def _thumbprints(certificate: x509.Certificate) -> set[str]:
    raw = certificate.public_bytes(Encoding.DER)
    # SHA-1 names the certificate here, as older clients send it; it protects nothing.
    digests = (hashlib.sha1(raw, usedforsecurity=False).digest(), hashlib.sha256(raw).digest())
    return {urlsafe_b64encode(one).rstrip(b"=").decode() for one in digests}


def _check_assertion(registration: Registration, assertion: str) -> None:
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise _refused(700027, "The client assertion is no signed token.") from None
    named = str(header.get("x5t#S256") or header.get("x5t") or "").rstrip("=")
    if not named:
        if {"issuer": claims.get("iss"), "subject": claims.get("sub")} in registration.federated:
            return
        raise _refused(700213, "No federated identity fits the issuer and subject presented.")
    for text in registration.certificates:
        certificate = x509.load_pem_x509_certificate(text.encode())
        if named in _thumbprints(certificate):
            _check_signature(registration, assertion, certificate)
            return
    raise _refused(
        700027,
        f"The certificate with identifier '{named[:60]}' is not registered for the application "
        f"'{registration.client_id}'.",
    )


def _check_signature(
    registration: Registration, assertion: str, certificate: x509.Certificate
) -> None:
    try:
        claims = jwt.decode(
            assertion,
            certificate.public_key(),  # type: ignore[arg-type]
            algorithms=["RS256", "PS256"],
            options={"verify_aud": False, "require": ["exp", "iss", "sub", "aud"]},
        )
    except jwt.InvalidTokenError:
        raise _refused(700027, "The signature of the client assertion is not valid.") from None
    if {claims["iss"], claims["sub"]} != {registration.client_id}:
        raise _refused(700027, "Issuer and subject of the assertion must be the client id.")
    # Behind a client that maps another host to this one, only the path can be compared.
    if "/oauth2/v2.0/token" not in str(claims["aud"]) and not str(claims["aud"]).endswith("/v2.0"):
        raise _refused(700027, "The audience of the assertion is not this token endpoint.")
