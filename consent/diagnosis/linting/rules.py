"""Reads an address that sends people to Microsoft, or one that Microsoft sent them back with, and
says of each part how it stands. Pure; secrets are pointed out and never repeated.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
"""

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from consent.diagnosis.identifiers import RESOURCES
from consent.diagnosis.linting import answers, findings
from consent.diagnosis.linting.addresses import Address, Shape, first_address, parse
from consent.diagnosis.linting.asking import judge_asking
from consent.diagnosis.linting.remarks import Finding, Remark
from consent.diagnosis.linting.scopes import Registered, judge_scopes, shown
from consent.diagnosis.secrets import found_secrets
from tenants.microsoft import clouds
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.guids import CONSUMERS, NIL, is_guid

_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_PLACEHOLDER = re.compile(r"[<{\[%$:].*|.*[>}\]]|(?:your|my|the)?[-_ ]?tenant.*|.*tenant[-_ ]?id.*")
# Still answered by Microsoft, and no longer what it names in its documentation.
_OLD_HOSTS = {
    "login.windows.net": "login.microsoftonline.com",
    "login.microsoft.com": "login.microsoftonline.com",
    "sts.windows.net": "login.microsoftonline.com",
    "login.chinacloudapi.cn": "login.partner.microsoftonline.cn",
}
_FALSE_FRIEND = re.compile(r"microsoft-?on[l1][i1]ne|login[.-]?(?:microsoft|windows)|micros0ft")
_SECRET_NAMES = frozenset(
    [
        "access_token",
        "assertion",
        "client_assertion",
        "client_secret",
        "code_verifier",
        "device_code",
        "id_token",
        "id_token_hint",
        "password",
        "refresh_token",
        "samlresponse",
        "secret",
    ]
)


def lint(url: str, *, registrations: Iterable[Registered]) -> list[Remark]:
    """What is to be said of the first address in the text, in the order of its parts.

    Reads at most 16 kB and never raises. No remark repeats a secret, a state or a person's address.
    """
    by_host = _clouds_by_host()
    address = parse(first_address(url), frozenset(by_host))
    if address is None:
        return [Remark("address", findings.NO_ADDRESS)]
    apps = list(registrations)
    cloud = by_host.get(address.host, clouds.served()[0])
    return [
        *_judge_address(address),
        *_judge_secrets(address),
        *_JUDGES.get(address.shape, _judge_nothing)(address, cloud, apps),
        *(Remark(shown(name), findings.TWICE) for name in address.repeated),
    ]


def _host_of(origin: str) -> str:
    return urlsplit(origin).netloc.lower()


def _clouds_by_host() -> dict[str, Cloud]:
    """Microsoft's sign-in hosts; two clouds of the US government share one, the first stands."""
    found: dict[str, Cloud] = {}
    for cloud in clouds.known():
        found.setdefault(_host_of(cloud.login_origin), cloud)
    for old, new in _OLD_HOSTS.items():
        found[old] = found[new]
    return found


def _judge_address(address: Address) -> Iterator[Remark]:
    if address.shape == Shape.OTHER:
        yield _strange(address)
    else:
        yield Remark("address", _KINDS[(address.shape, address.is_v1)], value=shown(address.host))
    if address.host in _OLD_HOSTS:
        yield Remark("host", findings.OLD_HOST, names=(_OLD_HOSTS[address.host],))
    is_local = address.host.partition(":")[0] in ("localhost", "127.0.0.1")
    if address.scheme != "https" and not is_local:
        yield Remark("address", findings.NOT_HTTPS)
    if address.has_user:
        yield Remark("address", findings.PASSWORD_IN_FRONT)


_KINDS: dict[tuple[Shape, bool], Finding] = {
    (Shape.AUTHORIZE, False): findings.AUTHORIZE,
    (Shape.AUTHORIZE, True): findings.V1_AUTHORIZE,
    (Shape.ADMINCONSENT, False): findings.ADMINCONSENT,
    (Shape.ADMINCONSENT, True): findings.V1_ADMINCONSENT,
    (Shape.CALLBACK, False): findings.CALLBACK,
    (Shape.NYLAS, False): findings.NYLAS,
}


def _strange(address: Address) -> Remark:
    if address.host in _clouds_by_host():
        return Remark("address", findings.UNKNOWN_PATH, value=shown(address.host))
    if _FALSE_FRIEND.search(address.host):
        return Remark("host", findings.LOOKS_LIKE_MICROSOFT, value=shown(address.host))
    return Remark("host", findings.NOT_MICROSOFT, value=shown(address.host))


def _judge_secrets(address: Address) -> Iterator[Remark]:
    for name, value in address.parameters.items():
        if not value:
            continue
        if name == "code":
            yield Remark("code", findings.SIGN_IN_CODE)
        elif name in _SECRET_NAMES or found_secrets(f"{name}={value}") or found_secrets(value):
            yield Remark(shown(name), findings.SECRET)


def _judge_request(address: Address, cloud: Cloud, apps: list[Registered]) -> Iterator[Remark]:
    yield Remark("tenant", _tenant(address), value=_tenant_shown(address.tenant))
    app = next((one for one in apps if one.client_id == _client_id(address)), None)
    yield _client(address, cloud, app, is_any_known=bool(apps))
    yield from judge_scopes(address, cloud, app)
    yield from judge_asking(address, app)


def _tenant_shown(tenant: str) -> str:
    return shown(tenant) if len(tenant) <= len(NIL) or _DOMAIN.fullmatch(tenant) else ""


def _tenant(address: Address) -> Finding:
    """What stands where the tenant belongs."""
    tenant, for_admin = address.tenant, address.shape == Shape.ADMINCONSENT
    if not tenant:
        return findings.TENANT_MISSING
    if tenant in ("consumers", CONSUMERS):
        return findings.TENANT_CONSUMERS
    if tenant == "common":
        return findings.TENANT_COMMON_ADMIN if for_admin else findings.TENANT_COMMON
    if tenant == "organizations":
        return findings.TENANT_ORGANIZATIONS_ADMIN if for_admin else findings.TENANT_ORGANIZATIONS
    if is_guid(tenant) and tenant != NIL:
        return findings.TENANT_GUID
    if _DOMAIN.fullmatch(tenant):
        return findings.TENANT_DOMAIN
    is_placeholder = tenant == NIL or _PLACEHOLDER.fullmatch(tenant)
    return findings.TENANT_PLACEHOLDER if is_placeholder else findings.TENANT_ODD


def _client_id(address: Address) -> str:
    return address.parameters.get("client_id", "").strip().lower()


def _client(
    address: Address, cloud: Cloud, app: Registered | None, *, is_any_known: bool
) -> Remark:
    client_id = _client_id(address)
    if not client_id:
        return Remark("client_id", findings.CLIENT_MISSING)
    if not is_guid(client_id):
        return Remark("client_id", findings.CLIENT_ODD)
    if client_id in RESOURCES:
        names = (RESOURCES[client_id],)
        return Remark("client_id", findings.CLIENT_RESOURCE, value=client_id, names=names)
    if app is None:
        finding = findings.CLIENT_FOREIGN if is_any_known else findings.CLIENT_UNCHECKED
        return Remark("client_id", finding, value=client_id)
    is_here = app.login_host == _host_of(cloud.login_origin)
    finding = findings.CLIENT_OURS if is_here else findings.CLIENT_OTHER_CLOUD
    return Remark("client_id", finding, value=client_id, names=(app.name,))


def _judge_hosted(address: Address, _cloud: Cloud, _apps: list[Registered]) -> Iterator[Remark]:
    if not address.parameters.get("state"):
        yield Remark("state", findings.STATE_MISSING)


def _judge_answer(address: Address, _cloud: Cloud, _apps: list[Registered]) -> Iterator[Remark]:
    yield from answers.judge_answer(address)


def _judge_nothing(_address: Address, _cloud: Cloud, _apps: list[Registered]) -> Iterator[Remark]:
    yield from ()


_JUDGES: dict[Shape, Callable[[Address, Cloud, list[Registered]], Iterator[Remark]]] = {
    Shape.AUTHORIZE: _judge_request,
    Shape.ADMINCONSENT: _judge_request,
    Shape.NYLAS: _judge_hosted,
    Shape.CALLBACK: _judge_answer,
}
