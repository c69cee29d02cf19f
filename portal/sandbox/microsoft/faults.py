"""Bad days: throttling, outages and silence, switched on per endpoint or per tenant."""

import asyncio
import random
from collections.abc import Mapping

from aiohttp import web

from .state import State

ENDPOINTS = frozenset({"metadata", "token", "graph", "batch"})  # batch: each request in a $batch
_LOGIN = frozenset({"metadata", "token"})
OPTIONS = frozenset({"retry_after", "timeout_s"})
REFUSALS = frozenset({"429", "429_text", "500", "502", "503", "504"})
KINDS = REFUSALS | {"garbage", "half", "timeout"}

_GRAPH_RETRY_AFTER_S = 2.128  # a fraction, as in Microsoft's own sample answer
_LOGIN_RETRY_AFTER_S = 60.0
_TIMEOUT_S = 120.0


def faults_for(state: State, endpoint: str, tenant_name: str) -> Mapping[str, float]:
    """The faults that hold for that endpoint and tenant; a tenant's own come before all others."""
    tenant = state.find_tenant(tenant_name)
    own = tenant.switches.faults.get(endpoint) if tenant else None
    return own if own is not None else state.faults.get(endpoint, {})


def drawn(faults: Mapping[str, float]) -> str | None:
    """Which fault strikes this time, by their chances, or None."""
    if not faults:
        return None
    left = random.random()
    for kind, chance in faults.items():
        if kind in KINDS:
            if left < chance:
                return kind
            left -= chance
    return None


def waits(kind: str, faults: Mapping[str, float], endpoint: str) -> dict[str, str]:
    """`Retry-After` where that fault names it: whole seconds at the login, at Graph perhaps a
    fraction. An outage names it only where the faults do.
    """
    usual = _LOGIN_RETRY_AFTER_S if endpoint in _LOGIN else _GRAPH_RETRY_AFTER_S
    told = faults.get("retry_after", usual if kind.startswith("429") else None)
    return {} if told is None else {"Retry-After": f"{told:g}"}


def refusal(kind: str) -> tuple[int, dict[str, object]]:
    """Status and JSON body of a fault that answers."""
    status = int(kind[:3])
    code = "TooManyRequests" if status == 429 else "ServiceUnavailable"
    message = "Too many requests." if status == 429 else "The service is not available for now."
    return status, {"error": {"code": code, "message": message}}


async def fault(state: State, endpoint: str, tenant_name: str) -> web.StreamResponse | None:
    """Nothing, or the bad answer this call gets; with `timeout` only after a long silence."""
    if state.latency_s:
        await asyncio.sleep(state.latency_s)
    faults = faults_for(state, endpoint, tenant_name)
    kind = drawn(faults)
    if kind is None:
        return None
    if kind == "timeout":
        await asyncio.sleep(faults.get("timeout_s", _TIMEOUT_S))
        return web.Response(status=504)
    if kind in _BROKEN:
        return _BROKEN[kind]()
    headers = waits(kind, faults, endpoint)
    if kind == "429_text":
        return web.Response(status=429, text="Too Many Requests", headers=headers)
    status, body = refusal(kind)
    if endpoint in _LOGIN:
        body = _login_body(status)
    return web.json_response(body, status=status, headers=headers)


def _garbage() -> web.Response:
    """What somebody between us and Microsoft says, in a tone of success."""
    page = "<!doctype html><title>Gateway</title><p>Please sign in to the network."
    return web.Response(text=page, content_type="text/html")


def _half() -> web.Response:
    """The connection ends in the middle of the body."""
    length = {"Content-Length": "1800", "Content-Type": "application/json"}
    response = web.Response(body=b'{"token_type": "Bearer", "resp', headers=length)
    response.force_close()
    return response


_BROKEN = {"garbage": _garbage, "half": _half}


def _login_body(status: int) -> dict[str, object]:
    if status == 429:
        return {
            "error": "invalid_request",
            "error_description": "AADSTS90055: The request was throttled; too many came in.",
            "error_codes": [90055],
        }
    return {
        "error": "temporarily_unavailable",
        "error_description": "AADSTS90033: A transient error occurred. Try again.",
        "error_codes": [90033],
    }
