"""Calls to Microsoft's login hosts: one pool a process, our errors for every failure."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, TypeVar

import requests
from requests.adapters import HTTPAdapter

from tenants.microsoft import clouds, tally
from tenants.microsoft.errors import (
    MicrosoftError,
    Transient,
    UnknownAnswer,
    classify,
    number_of,
)
from tenants.microsoft.waiting import wait_in_seconds

TIMEOUT_S: Final = 10.0
_CONNECT_S: Final = 4.0
#: As many as the looks of one round: tenants that keep silent must not hold up the others. A thread
#: that waits costs some 50 KB, and there are no more than calls at once.
_POOL: Final = 500

Result = TypeVar("Result")


@dataclass(frozen=True)
class Answer:
    """What an endpoint said: always a JSON object, a refusal too. `retry_after` in seconds."""

    status: int
    text: str
    body: dict[str, Any]
    retry_after: float | None


@cache
def _session(process_id: int, *, by_proxy: bool) -> requests.Session:
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=8, pool_maxsize=_POOL)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    # Nobody's cookie may travel with somebody else's call.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.trust_env = by_proxy
    return session


@cache
def _threads(process_id: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_POOL, thread_name_prefix="microsoft")


async def beside_the_loop(call: Callable[[], Result]) -> Result:
    """Run a blocking call in a thread of its own, as many at once as there are connections.

    The loop's usual threads are a handful, and one slow tenant would hold up all others.
    """
    return await asyncio.get_running_loop().run_in_executor(_threads(os.getpid()), call)


def session() -> requests.Session:
    """The pool of this process; a fork gets one of its own. The sandbox is never behind a proxy."""
    return _session(os.getpid(), by_proxy=not clouds.is_sandboxed())


def ask(
    method: str,
    url: str,
    *,
    timeout_s: float = TIMEOUT_S,
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Call and return the JSON object that came back with a status below 500 other than 429.

    `timeout_s` is how long to wait for the answer; connecting may take four seconds more. Redirects
    are not followed. Raises Throttled, Transient (5xx, no connection, no answer, half an answer) or
    UnknownAnswer (no JSON object).
    """
    endpoint = "token" if url.endswith("/token") else "metadata"
    try:
        response = session().request(
            method,
            url,
            data=data,
            headers=headers,
            timeout=(_CONNECT_S, timeout_s),
            allow_redirects=False,
        )
    except requests.RequestException:
        tally.count(endpoint, None)
        # Its text holds the address, which holds a tenant's domain.
        raise Transient from None
    tally.count(endpoint, response.status_code)
    # Without a charset `text` would guess it from the bytes, at a cost of milliseconds.
    response.encoding = "utf-8"
    retry_after = wait_in_seconds(response.headers.get("Retry-After"))
    body = json_object(response.text)
    if endpoint == "token" and response.status_code >= 400:
        codes = body.get("error_codes") if body else None
        tally.count_refusal(number_of(codes) if isinstance(codes, list) else None)
    if response.status_code == 429 or response.status_code >= 500:
        raise refusal(Answer(response.status_code, "", body or {}, retry_after))
    if body is None:
        raise UnknownAnswer
    return Answer(response.status_code, response.text, body, retry_after)


def json_object(text: str) -> dict[str, Any] | None:
    """The JSON object in the text, or None where there is none."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def refusal(answer: Answer) -> MicrosoftError:
    """The error for an answer that carries one."""
    return classify(*refusal_facts(answer))


def refusal_facts(answer: Answer) -> tuple[str, list[object], int, float | None, object]:
    """What `classify` needs to know, read from an answer."""
    body = answer.body
    codes = body.get("error_codes")
    return (
        str(body.get("error")),
        codes if isinstance(codes, list) else [],
        answer.status,
        answer.retry_after,
        body.get("correlation_id"),
    )


class Wire:
    """The `http_client` of one MSAL object, for one tenant and one errand.

    Sends what MSAL posts through our pool, with an https authority mapped to the cloud's own
    origin, answers its metadata question from memory, and keeps the last answer, because MSAL
    drops status and headers. Our errors pass through MSAL unchanged.
    """

    def __init__(self, cloud: clouds.Cloud, metadata: Mapping[str, Any]) -> None:
        self._cloud = cloud
        self._metadata = json.dumps(metadata)
        self.last = Answer(0, "", {}, None)

    def get(self, _url: str, **_options: object) -> "Reply":
        """The tenant's metadata, whatever the address: MSAL asks for nothing else."""
        return Reply(200, self._metadata)

    def post(
        self,
        url: str,
        *,
        data: Mapping[str, Any],
        headers: Mapping[str, str],
        **_options: object,
    ) -> "Reply":
        """Send; raises what `ask` raises."""
        address = self._cloud.login_origin + url.removeprefix(self._cloud.authority_origin)
        self.last = ask("POST", address, data=data, headers=headers)
        return Reply(self.last.status, self.last.text)


class Reply:
    """The shape in which MSAL reads answers."""

    def __init__(self, status: int, text: str) -> None:
        self.status_code, self.text = status, text
        self.headers: dict[str, str] = {}
