"""Judges the permissions that an address asks for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from consent.diagnosis.linting import findings
from consent.diagnosis.linting.addresses import Address, Shape
from consent.diagnosis.linting.remarks import Finding, Remark
from consent.diagnosis.secrets import without_secrets
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.permissions import (
    GRAPH,
    Kind,
    Permission,
    is_known,
    needs_administrator,
    parse_scopes,
    self_consent_blocked_since,
)

_MOST_SHOWN = 80


@dataclass(frozen=True)
class Registered:
    """One app registration of ours, in plain values.

    `login_host` is where its cloud signs people in, with a port if any; `redirects` are our own
    return addresses, `hosts` those of the app's maker, in lower case.
    """

    name: str
    client_id: str
    login_host: str
    permissions: frozenset[Permission]
    redirects: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    def of(self, kind: Kind) -> frozenset[Permission]:
        """Its permissions of that kind, without those for signing in."""
        return frozenset(
            one for one in self.permissions if one.kind == kind and not one.is_for_sign_in
        )


def shown(text: str) -> str:
    """A value fit to be shown: short, without secrets, on one line."""
    return " ".join(without_secrets(text).split())[:_MOST_SHOWN]


def _names(permissions: Iterable[Permission]) -> tuple[str, ...]:
    return tuple(sorted(shown(permission.name) for permission in permissions))


def _said(finding: Finding, permissions: Iterable[Permission]) -> Iterator[Remark]:
    if names := _names(permissions):
        yield Remark("scope", finding, names=names)


def judge_scopes(address: Address, cloud: Cloud, app: Registered | None) -> Iterator[Remark]:
    """What is to be said of `scope`; `app` is ours, or None where the app is not known."""
    text = address.parameters.get("scope", "")
    if address.is_v1:
        if text:
            yield Remark("scope", findings.SCOPE_AT_V1)
        return
    if not text.strip():
        yield Remark("scope", findings.SCOPE_MISSING)
        return
    if "," in text or ";" in text:
        yield Remark("scope", findings.SCOPE_COMMAS)
        text = text.replace(",", " ").replace(";", " ")
    asked = frozenset(one for one in parse_scopes(text, GRAPH, cloud) if not one.is_for_sign_in)
    has_default = any(entry.rpartition("/")[2].lower() == ".default" for entry in text.split())
    if has_default:
        yield from _judge_default(address, asked)
    else:
        yield from _judge_names(address, asked, app)


def _judge_default(address: Address, asked: frozenset[Permission]) -> Iterator[Remark]:
    if asked:
        yield Remark("scope", findings.SCOPE_MIXED, names=_names(asked))
    elif address.shape == Shape.AUTHORIZE:
        yield Remark("scope", findings.SCOPE_DEFAULT_AT_SIGN_IN)
    else:
        yield Remark("scope", findings.SCOPE_DEFAULT)


def _judge_names(
    address: Address, asked: frozenset[Permission], app: Registered | None
) -> Iterator[Remark]:
    unknown = {one for one in asked if one.resource_client_id == GRAPH and not is_known(one)}
    roles = {one for one in unknown if is_known(Permission(GRAPH, Kind.APPLICATION, one.name))}
    found = [
        *_said(findings.SCOPE_UNKNOWN, unknown - roles),
        *_said(findings.SCOPE_APPLICATION, roles),
        *_against_registration(address, asked - unknown, app),
    ]
    if address.shape == Shape.AUTHORIZE:
        found += _said(findings.SCOPE_NEEDS_ADMIN, filter(needs_administrator, asked))
        found += _said(findings.SCOPE_MANAGED, filter(self_consent_blocked_since, asked))
    yield from found or [Remark("scope", findings.SCOPE_READABLE)]


def _against_registration(
    address: Address, asked: frozenset[Permission], app: Registered | None
) -> Iterator[Remark]:
    if app is None:
        return
    registered = app.of(Kind.DELEGATED)
    yield from _said(findings.SCOPE_BEYOND, asked - registered)
    if address.shape == Shape.ADMINCONSENT:
        yield from _said(findings.SCOPE_FEWER, registered - asked)
        yield from _said(findings.SCOPE_DEFAULT_NEEDED, app.of(Kind.APPLICATION))
    if asked == registered:
        yield Remark("scope", findings.SCOPE_AS_REGISTERED)
    elif asked < registered and address.shape == Shape.AUTHORIZE:
        yield Remark("scope", findings.SCOPE_WITHIN)
