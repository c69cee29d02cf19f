"""Identifiers and times in a readable text, told apart by the words beside them, not by order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from tenants.microsoft.guids import GUID, NIL

# Microsoft's own services. A text that names one of these means the resource, not the app.
# https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
RESOURCES: dict[str, str] = {
    "00000002-0000-0000-c000-000000000000": "Azure AD Graph",
    "00000002-0000-0ff1-ce00-000000000000": "Exchange Online",
    "00000003-0000-0000-c000-000000000000": "Microsoft Graph",
    "00000003-0000-0ff1-ce00-000000000000": "SharePoint Online",
    "00000007-0000-0000-c000-000000000000": "Dynamics 365",
    "00000009-0000-0000-c000-000000000000": "Power BI",
    "499b84ac-1321-427f-aa17-267ca6975798": "Azure DevOps",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013": "Azure Resource Manager",
    "c5393580-f805-4401-95e8-94b7a6ef2fc2": "Office 365 Management",
}

_GUID = re.compile(rf"(?<![0-9a-f-]){GUID}(?![0-9a-f-])")
# More than a person can mean; the rest of a dump is not looked at.
_MOST = 300
_BEFORE, _GAP, _AFTER = 90, 24, 16


class Kind(StrEnum):
    """What an identifier names."""

    APP = "app_id"
    TENANT = "tenant_id"
    RESOURCE = "resource_id"
    CORRELATION = "correlation_id"
    TRACE = "trace_id"
    REQUEST = "request_id"
    TIME = "timestamp"
    OTHER = "other"


@dataclass(frozen=True)
class Identifier:
    """A lower-case GUID or an ISO 8601 time, and where it stands in the readable text."""

    kind: Kind
    value: str
    position: int


# The label nearest to an identifier says what it is. Longer labels stand first, since a label that
# is part of a longer one means something else there.
_LABELS = re.compile(
    r"""
    (?P<other>
        (?:x-ms-)?client[-_ ]request[-_ ]id | identity\ provider\W{0,6}(?:https?://sts\.windows\.net/)?
        | (?:user|object|session|device|principal|secret|key|subscription|group|flow|role)s?[-_ ]?
          (?:object[-_ ]?)?(?:id|identifier)?\b
        | \b(?:oid|sub|puid|wids|state|nonce|jti|sid|uti|deviceid)\b
    )
    | (?P<resource_id>
        list\ of\ valid\ resources[^:]{0,40} | resource\ (?:app\ )?id | resource\ value[^:]{0,20}
        | (?:resource|service)\ principal(?:\ (?:named|for\ resource))? | \bresource\w{0,8}
        | to\ access | \ba\ service | api:// | \baud(?:ience)?\b | \bscopes?\b
        | ressource | recurso | risorsa | リソース | 资源
    )
    | (?P<request_id>
        request[-_ ]?id | anforderungs-?id | id\ d[ea]\ (?:la\ )?(?:demande|solicitud|solicita..o)
        | 要求\ ?id | 请求\ ?id
    )
    | (?P<trace_id>
        trace[-_ ]?id | ablaufverfolgungs-?id
        | id\ d[eia]\ (?:l[ao]\ )?(?:trac\w{0,8}|suivi|seguimiento|rastre\w{0,8})
        | トレース\ ?id | 跟踪\ ?id
    )
    | (?P<correlation_id>
        correlation[-_ ]?id | korrelations-?id | correlatie-?id
        | id\ d[ei]\ (?:la\ )?(?:corr[eé]la\w{0,8}) | 相関\ ?id | (?:相关|关联)性?\ ?id
    )
    | (?P<tenant_id>
        tenant[-_ ]?(?:id)? | directory | \btid\b | \borgani[sz]ation\b
        | (?:login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn
            |login\.windows\.net|sts\.windows\.net)/
        | mandant\w{0,8} | verzeichnis\w{0,4} | annuaire | locataire | inquilino | テナント | 租户
    )
    | (?P<app_id>
        client[-_ ]?(?:app[-_ ]?)?id | \bapplication(?:id)?\b | \bapp[-_ ]?(?:id)?\b | \bazp\b
        | anwendung\w{0,6} | aplicaci[oó]n | aplicativo | aplica[çc][ãa]o | applicazione
        | アプリ\w{0,8} | 应用\w{0,4}
    )
    """,
    re.VERBOSE,
)
_TENANT_FOLLOWS = re.compile(r"/(?:oauth2|v2\.0|adminconsent|saml2|reprocess|login|\.well)")
_RESOURCE_FOLLOWS = re.compile(r"/(?:\.default|user_impersonation)")

_TIME = re.compile(
    r"(?:time ?stamp|zeitstempel|horodatage|marca (?:de tiempo|temporal)|carimbo de data/hora"
    r"|tijdstempel|sygnatura czasowa|タイムスタンプ|时间戳|\"date)[^0-9a-z]{0,8}"
    r"(\d{4}-\d\d-\d\d)[t +]{1,3}(\d\d:\d\d:\d\d)(?:\.\d{1,9})?[ ]?(z|utc|[+-]\d\d:?\d\d)?"
)


def _labelled(text: str, start: int, end: int, since: int) -> Kind:
    """What the GUID at these places is, by what follows it and by the nearest label before it."""
    after = text[end : end + _AFTER]
    if _TENANT_FOLLOWS.match(after):
        return Kind.TENANT
    if _RESOURCE_FOLLOWS.match(after):
        return Kind.RESOURCE
    before = text[max(since, start - _BEFORE) : start]
    labels = list(_LABELS.finditer(before))
    if not labels or len(before) - labels[-1].end() > _GAP:
        return Kind.OTHER
    return Kind(str(labels[-1].lastgroup))


def _guids(text: str) -> Iterator[Identifier]:
    since = 0
    for count, match in enumerate(_GUID.finditer(text)):
        if count == _MOST:
            return
        value = match[0]
        kind = _labelled(text, match.start(), match.end(), since)
        since = match.end()
        if value in RESOURCES and kind in (Kind.APP, Kind.OTHER):
            kind = Kind.RESOURCE
        if value != NIL and kind is not Kind.OTHER:
            yield Identifier(kind, value, match.start())


def _times(text: str) -> Iterator[Identifier]:
    for match in _TIME.finditer(text):
        zone = {None: "+00:00", "z": "+00:00", "utc": "+00:00"}.get(match[3], match[3])
        try:
            at = datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}").astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        yield Identifier(Kind.TIME, f"{at:%Y-%m-%dT%H:%M:%SZ}", match.start())


def identifiers(text: str) -> tuple[Identifier, ...]:
    """What a readable text names, in order; identifiers that no word explains are left out."""
    return (*_guids(text.replace("+", " ")), *_times(text))
