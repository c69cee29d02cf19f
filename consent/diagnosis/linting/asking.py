"""Judges how an address asks and wants to be answered: prompt, return address, state and so on."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from consent.diagnosis.linting import findings
from consent.diagnosis.linting.addresses import Address, Shape
from consent.diagnosis.linting.remarks import Finding, Remark
from consent.diagnosis.linting.scopes import Registered, shown

_KNOWN = frozenset(
    [
        "claims",
        "client_id",
        "client_info",
        "client-request-id",
        "code_challenge",
        "code_challenge_method",
        "domain_hint",
        "login_hint",
        "nonce",
        "prompt",
        "redirect_uri",
        "resource",
        "response_mode",
        "response_type",
        "scope",
        "state",
        "x-client-sku",
        "x-client-ver",
    ]
)
# Judged where secrets are looked for.
_SECRET = frozenset({"code", "client_secret", "client_assertion", "password", "refresh_token"})
_PROMPTS: dict[str, Finding] = {
    "consent": findings.PROMPT_CONSENT,
    "admin_consent": findings.PROMPT_ADMIN,
    "none": findings.PROMPT_NONE,
    "login": findings.PROMPT_FINE,
    "select_account": findings.PROMPT_FINE,
}
_MODES: dict[str, Finding] = {
    "query": findings.MODE_QUERY,
    "form_post": findings.MODE_FORM_POST,
    "fragment": findings.MODE_FRAGMENT,
}
_TYPES = frozenset({"code", "id_token", "token"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_NYLAS = re.compile(r"https://api\.(?:us|eu)\.nylas\.com/v3/connect/callback/?")
_TELLS = re.compile(r"@|%40|eyJ|[{}]|mail=|user=", re.IGNORECASE)
#: Characters of a random value with 128 bits, in base64.
_LEAST_STATE = 22


def judge_asking(address: Address, app: Registered | None) -> Iterator[Remark]:
    """What is to be said of everything but tenant, app and permissions."""
    told, is_sign_in = address.parameters, address.shape == Shape.AUTHORIZE
    if "prompt" in told:
        yield Remark("prompt", _prompt(told["prompt"], is_sign_in), value=shown(told["prompt"]))
    yield _redirect(told.get("redirect_uri", ""), app)
    if is_sign_in or told.get("redirect_uri"):
        yield Remark("state", _state(told.get("state", "")))
    if is_sign_in:
        yield from _judge_sign_in(told)
    if "resource" in told and not address.is_v1:
        yield Remark("resource", findings.RESOURCE)
    for name in ("login_hint", "domain_hint"):
        if told.get(name):
            yield Remark(name, findings.HINT)
    for name in sorted(set(told) - _KNOWN - _SECRET):
        yield Remark(shown(name), findings.OTHER_PARAMETER)


def _prompt(value: str, is_sign_in: bool) -> Finding:
    finding = _PROMPTS.get(value.strip().lower(), findings.PROMPT_ODD)
    if is_sign_in or finding in (findings.PROMPT_ODD, findings.PROMPT_ADMIN):
        return finding
    return findings.PROMPT_IGNORED


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _redirect(address: str, app: Registered | None) -> Remark:
    if not address:
        return Remark("redirect_uri", findings.REDIRECT_MISSING)
    parts = _split(address)
    host = ((parts.hostname if parts else "") or "").lower()
    return Remark("redirect_uri", _redirect_finding(address, parts, host, app), value=shown(host))


def _redirect_finding(
    address: str, parts: SplitResult | None, host: str, app: Registered | None
) -> Finding:
    if app and address in app.redirects:
        return findings.REDIRECT_OURS
    if parts is None or not host:
        return findings.REDIRECT_FOREIGN
    if "#" in address or "*" in address:
        return findings.REDIRECT_FRAGMENT
    if host in _LOCAL:
        return findings.REDIRECT_LOCAL
    if parts.scheme != "https":
        return findings.REDIRECT_NOT_HTTPS
    if _NYLAS.fullmatch(address):
        return findings.REDIRECT_NYLAS
    if app is None:
        return findings.REDIRECT_UNCHECKED
    return findings.REDIRECT_HOST_OURS if host in app.hosts else findings.REDIRECT_FOREIGN


def _state(value: str) -> Finding:
    if not value:
        return findings.STATE_MISSING
    if _TELLS.search(value):
        return findings.STATE_TELLS
    return findings.STATE_SHORT if len(value) < _LEAST_STATE else findings.STATE_FINE


def _judge_sign_in(told: dict[str, str]) -> Iterator[Remark]:
    wanted = set(told.get("response_type", "").lower().split())
    yield Remark("response_type", _type(wanted), value=shown(told.get("response_type", "")))
    if "response_mode" in told:
        mode = _MODES.get(told["response_mode"].lower(), findings.MODE_ODD)
        if mode is findings.MODE_QUERY and wanted & {"token", "id_token"}:
            mode = findings.MODE_QUERY_TOKEN
        yield Remark("response_mode", mode, value=shown(told["response_mode"]))
    if "id_token" in wanted or "openid" in told.get("scope", "").lower().split():
        yield Remark("nonce", findings.NONCE_FINE if told.get("nonce") else findings.NONCE_MISSING)
    if "code" in wanted:
        yield Remark("code_challenge", _pkce(told))


def _type(wanted: set[str]) -> Finding:
    if not wanted:
        return findings.TYPE_MISSING
    if wanted - _TYPES:
        return findings.TYPE_ODD
    is_implicit = "token" in wanted or "code" not in wanted
    return findings.TYPE_IMPLICIT if is_implicit else findings.TYPE_CODE


def _pkce(told: dict[str, str]) -> Finding:
    if not told.get("code_challenge"):
        return findings.PKCE_MISSING
    is_hashed = told.get("code_challenge_method", "plain").upper() == "S256"
    return findings.PKCE_FINE if is_hashed else findings.PKCE_PLAIN
