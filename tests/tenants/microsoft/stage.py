"""What these tests stand on: apps, tenants by name, a browser, a server that misbehaves."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from portal.sandbox.microsoft import seed
from portal.sandbox.microsoft.keys import SigningKey
from tenants.microsoft import graph, login
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.credentials import Credential
from tenants.microsoft.graph import DirectoryView
from tenants.microsoft.login import AppToken
from tenants.microsoft.permissions import GRAPH, Kind, Permission, fully_qualified

PORTAL = "http://localhost:8000"
SIGN_IN_RETURN = f"{PORTAL}/signin/return/"
TENANT = {one.domain.partition(".")[0]: one.tenant_id for one in seed.TENANTS}
PERSON = {account.address: account for one in seed.TENANTS for account in one.accounts}
IDENTITY = ["openid", "profile"]
APP = {app.slug: app for app in seed.APPS}


def credential_of(slug: str) -> Credential:
    return Credential(APP[slug].client_id, secret=APP[slug].secret)


def permissions_of(slug: str) -> frozenset[Permission]:
    return frozenset(
        Permission(resource, Kind(kind), value) for resource, kind, value in APP[slug].permissions
    )


def grant(tenant: str, app: str, **more: object) -> dict[str, object]:
    """A patch for the lever room: approved in Microsoft's own portal."""
    return {"grants": [{"tenant": f"{tenant}.example", "app": app, **more}]}


def pem_pair(passphrase: bytes | None = None) -> tuple[str, str]:
    """A private key and a certificate for it, both as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "acme")])
    start = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=10))
        .sign(key, hashes.SHA256())
    )
    locked = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


#: A token that no simulated Microsoft knows, for scripted ones.
A_TOKEN = AppToken("opaque", frozenset(), "object", datetime.max.replace(tzinfo=UTC))


def inner(name: str, body: object, status: int = 200, **more: object) -> dict[str, object]:
    """One answer inside a batch."""
    return {"id": name, "status": status, "body": body, **more}


def look(cloud: Cloud, token: AppToken, slug: str = "acme-suite", **more: object) -> DirectoryView:
    """One look with a session of its own."""

    async def go() -> DirectoryView:
        async with graph.new_session() as session:
            return await graph.look(session, cloud, token, APP[slug].client_id, **more)

    return asyncio.run(go())


class Browser:
    """Cookies at Microsoft, and a hand for its sign-in form."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def visit(self, address: str) -> dict[str, str]:
        """Go there; what the query brings back to the portal."""
        return self._back(self._session.get(address, allow_redirects=False, timeout=10))

    def sign_in(self, address: str, account: str) -> dict[str, str]:
        """Go there, pick that account, come back."""
        form = {"account": account}
        return self._back(self._session.post(address, data=form, allow_redirects=False, timeout=10))

    def _back(self, answer: requests.Response) -> dict[str, str]:
        assert answer.status_code == 303, answer.text
        location = urlsplit(answer.headers["Location"])
        assert f"{location.scheme}://{location.netloc}{location.path}" == SIGN_IN_RETURN
        return dict(parse_qsl(location.query))


def begin(cloud, slug="acme-calendar", *, scopes=IDENTITY, prompt="none", hint=None):
    """A sign-in at contoso, started; the silent first hop unless told otherwise."""
    return login.begin_sign_in(
        cloud,
        TENANT["contoso"],
        credential_of(slug),
        scopes=scopes,
        redirect_uri=SIGN_IN_RETURN,
        prompt=prompt,
        login_hint=hint,
    )


def finish(cloud, trip, query, slug="acme-calendar"):
    """What the browser brought back, redeemed."""
    return login.finish_sign_in(cloud, TENANT["contoso"], credential_of(slug), trip.flow, query)


def set_of(cloud, slug="acme-calendar"):
    """The scopes of the second hop."""
    return [
        fully_qualified(one, cloud)
        for one in permissions_of(slug)
        if one.kind == Kind.DELEGATED and not one.is_for_sign_in
    ]


@dataclass
class Canned:
    """An answer as bytes on the wire. `promised` bytes are announced, whatever is sent."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None


def as_json(body: object, status: int = 200, **headers: str) -> Canned:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Canned(json.dumps(body).encode(), status, named)


@cache
def usual_key() -> SigningKey:
    """The key of every scripted Microsoft: making one takes a tenth of a second."""
    return SigningKey()


class Scripted:
    """A stand-in for Microsoft's hosts that says exactly what it was told to say.

    `answers` go by the last part of the path, several of them in turn. Metadata and keys are right
    unless they are told otherwise.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = usual_key()
        self.answers: dict[str, list[Canned]] = {}
        self.calls: Counter[str] = Counter()
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0

    def say(self, what: str, *answers: Canned) -> None:
        self.answers[what] = list(answers)

    def answer(self, path: str) -> Canned:
        what = urlsplit(path).path.rpartition("/")[2]
        self.calls[what] += 1
        self.asked.append(path)
        told = self.answers.get(what)
        if told:
            return told.pop(0) if len(told) > 1 else told[0]
        name = path.strip("/").partition("/")[0]
        if what == "openid-configuration":
            return as_json(self.metadata(name))
        if what == "keys":
            return as_json(self.key.key_set(f"{self.url}/{{tenantid}}/v2.0"))
        return as_json({}, 404)

    def metadata(self, name: str, **other: object) -> dict[str, object]:
        return {
            "issuer": f"{self.url}/{name}/v2.0",
            "authorization_endpoint": f"{self.url}/{name}/oauth2/v2.0/authorize",
            "token_endpoint": f"{self.url}/{name}/oauth2/v2.0/token",
            "jwks_uri": f"{self.url}/{name}/discovery/v2.0/keys",
            **other,
        }


@contextmanager
def scripted() -> Iterator[Scripted]:
    """A Scripted on a free port of the loopback, while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave together; else the client's delayed ACK holds each answer up.
        wbufsize = 65536

        def setup(self) -> None:
            super().setup()
            script.connections += 1

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            script.bodies.append(body)
            script.headers.append(dict(self.headers))
            canned = script.answer(self.path)
            self.send_response(canned.status)
            for name, value in canned.headers.items():
                self.send_header(name, value)
            length = len(canned.body) if canned.promised is None else canned.promised
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(canned.body)
            if canned.promised is not None:
                self.close_connection = True

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is part of the play."""

    with Server(("127.0.0.1", 0), Handler) as server:
        script = Scripted(f"http://localhost:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()


#: What a scripted Graph tells.
GRAPH_ID, EXCHANGE_ID = "graph-object", "exchange-object"
SERVICE_PRINCIPAL = {"id": "sp", "displayName": "Acme", "accountEnabled": True}


def responses(**other: dict[str, object]) -> list[dict[str, object]]:
    """A whole batch: nothing granted, unless other answers are given by name."""
    usual = {
        "service_principal": inner("service_principal", SERVICE_PRINCIPAL),
        "grants": inner("grants", {"value": []}),
        "roles": inner("roles", {"value": []}),
        GRAPH: inner(GRAPH, {"id": GRAPH_ID}),
    }
    return list((usual | other).values())


def scripted_look(script, cloud, rows: object, **more: object) -> DirectoryView:
    """A look that gets this batch."""
    script.say("$batch", as_json({"responses": rows}))
    return look(cloud, A_TOKEN, **more)
