"""Apps that prove themselves by certificate or by federation."""

import datetime as dt
import hashlib
import time
from base64 import urlsafe_b64encode

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.portal.sandbox.microsoft.visitor import CALENDAR, refused

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FEDERATED = {"issuer": "https://issuer.example", "subject": "the-portal"}


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )


def registered(microsoft, certificate):
    text = certificate.public_bytes(Encoding.PEM).decode()
    microsoft.control({"apps": {"acme-calendar": {"certificates": [text]}}})


def assertion(microsoft, key, certificate, **changed):
    raw = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    thumbprint = urlsafe_b64encode(raw).rstrip(b"=").decode()
    claims = {
        "aud": f"{microsoft.url}/wingtip.example/oauth2/v2.0/token",
        "iss": CALENDAR.client_id,
        "sub": CALENDAR.client_id,
        "exp": int(time.time()) + 300,
        **changed,
    }
    return jwt.encode(claims, key, "PS256", headers={"x5t#S256": thumbprint})


def asked(program, text, kind=TYPE):
    return program.token(
        "wingtip.example",
        client_secret="",
        client_assertion=text,
        client_assertion_type=kind,
    )


def test_certificate_that_is_registered_is_accepted(microsoft, program, key, certificate):
    registered(microsoft, certificate)

    answer = asked(program, assertion(microsoft, key, certificate))

    assert answer.status_code == 200


def test_certificate_that_is_not_registered_is_refused(microsoft, program, key, certificate):
    answer = asked(program, assertion(microsoft, key, certificate))

    assert refused(answer) == (401, "invalid_client", 700027)


@pytest.mark.parametrize(
    "changed",
    [
        {"sub": "somebody-else"},
        {"aud": "https://elsewhere.example/"},
        {"exp": 1_700_000_000},
    ],
)
def test_assertion_with_wrong_claims_is_refused(microsoft, program, key, certificate, changed):
    registered(microsoft, certificate)

    answer = asked(program, assertion(microsoft, key, certificate, **changed))

    assert refused(answer) == (401, "invalid_client", 700027)


def test_assertion_signed_by_another_key_is_refused(microsoft, program, certificate):
    registered(microsoft, certificate)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    answer = asked(program, assertion(microsoft, other, certificate))

    assert refused(answer) == (401, "invalid_client", 700027)


@pytest.mark.parametrize(("text", "kind"), [("no-token", TYPE), ("no-token", "other")])
def test_assertion_that_is_none_is_refused(program, text, kind):
    assert refused(asked(program, text, kind)) == (401, "invalid_client", 700027)


def federated(**claims):
    return jwt.encode({"iss": FEDERATED["issuer"], **claims}, "k" * 32, "HS256")


def test_federated_identity_that_is_registered_is_accepted(microsoft, program):
    microsoft.control({"apps": {"acme-calendar": {"federated": [FEDERATED]}}})

    answer = asked(program, federated(sub=FEDERATED["subject"]))

    assert answer.status_code == 200


def test_federated_identity_of_another_subject_is_refused(microsoft, program):
    microsoft.control({"apps": {"acme-calendar": {"federated": [FEDERATED]}}})

    answer = asked(program, federated(sub="another"))

    assert refused(answer) == (401, "invalid_client", 700213)
