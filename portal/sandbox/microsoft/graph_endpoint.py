"""Graph over HTTP: single reads, and up to twenty of them in one `$batch`.

https://learn.microsoft.com/graph/json-batching
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from aiohttp import web

from .errors import GraphError
from .faults import REFUSALS, drawn, fault, faults_for, refusal, waits
from .graph import identify, read
from .state import State
from .tokens import AccessToken
from .web import here, state_of

_MOST_IN_A_BATCH = 20
_JSON = {"Content-Type": "application/json"}


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _traced(answer: _Handler) -> _Handler:
    """Every answer names itself, and the name that whoever asked gave to his question."""

    @wraps(answer)
    async def _answer_named(request: web.Request) -> web.StreamResponse:
        given = await answer(request)
        given.headers["request-id"] = str(uuid4())
        if sent := request.headers.get("client-request-id"):
            given.headers["client-request-id"] = sent
        return given

    return _answer_named


@_traced
async def graph(request: web.Request) -> web.StreamResponse:
    """Answer one read."""
    state = state_of(request)
    try:
        token = identify(state, request.headers.get("Authorization", ""))
        domain = _domain(state, token)
        state.count(domain, "graph")
        if broken := await fault(state, "graph", domain):
            return broken
        if request.method not in {"GET", "HEAD"}:
            raise GraphError(405, "Request_BadRequest", "The simulation only answers reads.")
        body = read(state, token, here(request), request.match_info["path"], request.query)
    except GraphError as error:
        return web.json_response(error.body(), status=error.status)
    return web.json_response(body)


@_traced
async def batch(request: web.Request) -> web.StreamResponse:
    """Answer a `$batch`: 200 outside, whatever happened to each request inside."""
    state = state_of(request)
    try:
        token = identify(state, request.headers.get("Authorization", ""))
        domain = _domain(state, token)
        state.count(domain, "batch")
        if broken := await fault(state, "graph", domain):
            return broken
        inner = _inner(await _json_body(request))
    except GraphError as error:
        return web.json_response(error.body(), status=error.status)
    base = here(request)
    answers: dict[str, dict[str, object]] = {}
    for one in inner:
        answers[one["id"]] = _one(state, token, base, domain, one, answers)
    return web.json_response({"responses": list(answers.values())})


def _domain(state: State, token: AccessToken) -> str:
    tenant = state.find_tenant(token.tenant_id)
    return tenant.tenant.domain if tenant else token.tenant_id


async def _json_body(request: web.Request) -> object:
    try:
        return await request.json()
    except ValueError:
        raise GraphError(400, "BadRequest", "The body is not JSON.") from None


def _inner(body: object) -> list[dict[str, object]]:
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not requests:
        raise GraphError(400, "BadRequest", "A batch needs a list of requests.")
    if len(requests) > _MOST_IN_A_BATCH:
        raise GraphError(400, "BadRequest", f"A batch holds at most {_MOST_IN_A_BATCH} requests.")
    for one in requests:
        parts = ("id", "method", "url")
        if not isinstance(one, dict) or not all(isinstance(one.get(p), str) for p in parts):
            raise GraphError(400, "BadRequest", "A request in a batch needs id, method and url.")
    if len({one["id"] for one in requests}) < len(requests):
        raise GraphError(400, "BadRequest", "The ids of a batch must be unique.")
    return requests


def _one(
    state: State,
    token: AccessToken,
    base: str,
    domain: str,
    asked: dict[str, object],
    before: dict[str, dict[str, object]],
) -> dict[str, object]:
    state.count(domain, "batch_inner")
    needed = asked.get("dependsOn")
    for earlier in needed if isinstance(needed, list) else ():
        if before.get(str(earlier), {"status": 424})["status"] != 200:
            error = GraphError(424, "FailedDependency", "A request this one depends on failed.")
            return _answer(asked, error.status, error.body())
    faults = faults_for(state, "batch", domain)
    kind = drawn(faults)
    if kind in REFUSALS:
        status, body = refusal(kind)
        return _answer(asked, status, body, waits(kind, faults, "batch"))
    try:
        if str(asked["method"]).upper() != "GET":
            raise GraphError(405, "Request_BadRequest", "The simulation only answers reads.")
        path, _, query = str(asked["url"]).partition("?")
        options = dict(parse_qsl(query)) if query else {}
        return _answer(asked, 200, read(state, token, base, unquote(path).strip("/"), options))
    except GraphError as error:
        return _answer(asked, error.status, error.body())


def _answer(
    asked: dict[str, object],
    status: int,
    body: dict[str, object],
    headers: dict[str, str] | None = None,
) -> dict[str, object]:
    return {
        "id": asked["id"],
        "status": status,
        "headers": {**_JSON, **headers} if headers else _JSON,
        "body": body,
    }
