"""Single calls to Microsoft Graph: which paths may be called, what goes wrong, batches, pages.

https://learn.microsoft.com/graph/json-batching
https://learn.microsoft.com/graph/paging
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from tenants.microsoft import clouds, tally
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.errors import (
    MicrosoftError,
    Transient,
    UnknownAnswer,
    graph_error,
)
from tenants.microsoft.guids import GUID
from tenants.microsoft.login import AppToken
from tenants.microsoft.waiting import wait_in_seconds

TIMEOUT_S: Final = 20.0
MOST_IN_BATCH: Final = 20
#: As many as the looks of one batch: tenants that keep silent must not hold up the others.
_CONNECTIONS: Final = 500
_MOST_PAGES: Final = 20
#: https://learn.microsoft.com/graph/throttling
_CAN_WAIT: Final = {"x-ms-throttle-priority": "low"}

_VERSION: Final = "/v1.0"
_GUID: Final = f"(?i:{GUID})"
_ONE: Final = rf"(?:\(appId='{_GUID}'\)|/{_GUID})"
_ALLOWED: Final = (
    re.compile(rf"/servicePrincipals{_ONE}(?:/oauth2PermissionGrants|/appRoleAssignments)?"),
    re.compile(rf"/applications{_ONE}"),
    re.compile(r"/oauth2PermissionGrants"),
    re.compile(r"/\$batch"),
)


class ForbiddenPath(ValueError):
    """This code tried to call something at Graph that it has no business with."""


@dataclass(frozen=True)
class GraphAnswer:
    """The answer to one call; `body` is a JSON object, `request_id` what Microsoft's support asks
    for. https://learn.microsoft.com/graph/best-practices-concept
    """

    status: int
    body: dict[str, Any]
    retry_after: float | None = None
    request_id: str | None = None

    def refusal(self) -> MicrosoftError:
        """The error that this answer is."""
        error = _object(self.body.get("error"))
        # One inside a batch has an id of its own, and names it there.
        request_id = _object(error.get("innerError")).get("request-id") or self.request_id
        return graph_error(self.status, error.get("code"), self.retry_after, request_id)

    def oddity(self) -> UnknownAnswer:
        """The error where the answer is not what anybody expects."""
        return UnknownAnswer(None, self.request_id)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def new_session() -> aiohttp.ClientSession:
    """The connections for many looks at once; the caller closes it. Needs a running event loop."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        # The sandbox is never behind a proxy.
        trust_env=not clouds.is_sandboxed(),
    )


def checked_path(path: str) -> str:
    """The path, with its query, if it is on the list of what is called here; else ForbiddenPath."""
    bare = path.partition("?")[0]
    if not any(allowed.fullmatch(bare) for allowed in _ALLOWED):
        raise ForbiddenPath(bare)
    return path


async def call(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    token: AppToken,
    *,
    content: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> GraphAnswer:
    """One call. Raises Transient (no connection, half an answer) or UnknownAnswer (no JSON object).

    Redirects are not followed, so that the token stays with Graph.
    """
    endpoint = "graph_batch" if url.endswith("/$batch") else "graph"
    try:
        async with session.request(
            method,
            url,
            json=content,
            headers={"Authorization": f"Bearer {token.value}", **(headers or {})},
            allow_redirects=False,
        ) as response:
            text, status = await response.read(), response.status
            retry_after = wait_in_seconds(response.headers.get("Retry-After"))
            request_id = response.headers.get("request-id")
    except (aiohttp.ClientError, TimeoutError):
        tally.count(endpoint, None)
        raise Transient from None
    tally.count(endpoint, status)
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    answer = GraphAnswer(status, _object(body), retry_after, request_id)
    if status < 400 and not isinstance(body, dict):
        raise answer.oddity()
    return answer


async def get(
    session: aiohttp.ClientSession, cloud: Cloud, token: AppToken, path: str
) -> GraphAnswer:
    """GET one allowed path below `/v1.0`. Raises what `call` raises."""
    url = f"{cloud.graph_origin}{_VERSION}{checked_path(path)}"
    return await call(session, "GET", url, token)


async def batch(
    session: aiohttp.ClientSession,
    cloud: Cloud,
    token: AppToken,
    paths: Mapping[str, str],
    *,
    can_wait: bool = False,
) -> dict[str, GraphAnswer]:
    """GET up to twenty allowed paths in one request; the answers by the same names.

    That the batch was accepted says nothing of what is inside it. With `can_wait` it is among the
    first that Microsoft sheds when it has too much to do. Raises what `call` raises, the
    error of a refused batch, and UnknownAnswer where an answer is missing.
    """
    if len(paths) > MOST_IN_BATCH:
        raise ValueError("a batch holds at most twenty requests")
    # Each request inside is throttled for itself.
    headers = _CAN_WAIT if can_wait else {}
    more = {"headers": headers} if headers else {}
    requests = [
        {"id": name, "method": "GET", "url": checked_path(path), **more}
        for name, path in paths.items()
    ]
    url = f"{cloud.graph_origin}{_VERSION}/$batch"
    outer = await call(session, "POST", url, token, content={"requests": requests}, headers=headers)
    if outer.status != 200:
        raise outer.refusal()
    inner = outer.body.get("responses")
    answers = dict(_inner(one, outer) for one in (inner if isinstance(inner, list) else []))
    if not answers.keys() >= paths.keys():
        raise outer.oddity()
    tally.count_all("graph_in_batch", [answer.status for answer in answers.values()])
    return answers


def _inner(response: Any, outer: GraphAnswer) -> tuple[str, GraphAnswer]:
    try:
        headers = {name.lower(): value for name, value in (response.get("headers") or {}).items()}
        wait = wait_in_seconds(headers.get("retry-after"))
        request_id = headers.get("request-id", outer.request_id)
        body = _object(response.get("body"))
        return str(response["id"]), GraphAnswer(int(response["status"]), body, wait, request_id)
    except (AttributeError, LookupError, TypeError, ValueError):
        raise outer.oddity() from None


async def rows(
    session: aiohttp.ClientSession, cloud: Cloud, token: AppToken, first: GraphAnswer
) -> list[dict[str, Any]]:
    """All rows of a list whose first page is `first`; links to further pages are taken as they are.

    Raises what `call` raises, the error of a page that is refused, and UnknownAnswer where a link
    leads elsewhere or the pages do not end.
    """
    found: list[dict[str, Any]] = []
    page = first
    for _number in range(_MOST_PAGES):
        if page.status != 200:
            raise page.refusal()
        value, link = page.body.get("value"), page.body.get("@odata.nextLink")
        if not isinstance(value, list) or (link and not _leads_on(cloud, str(link))):
            raise page.oddity()
        found += [row for row in value if isinstance(row, dict)]
        if not link:
            return found
        page = await call(session, "GET", str(link), token)
    raise page.oddity()


def _leads_on(cloud: Cloud, link: str) -> bool:
    """Whether it stays within what is called here: the token goes wherever it leads."""
    parts = urlsplit(link)
    try:
        checked_path(parts.path.removeprefix(_VERSION))
    except ForbiddenPath:
        return False
    return f"{parts.scheme}://{parts.netloc}" == cloud.graph_origin
