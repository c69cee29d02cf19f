"""Puts the endpoints together and serves them: as a process, in an event loop, or beside a test."""

import asyncio
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import BaseHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from aiohttp import web
from aiohttp.typedefs import Handler

from . import sessions
from .adminconsent import adminconsent_v1, adminconsent_v2
from .authorize import authorize
from .control import calls, control
from .graph_endpoint import batch, graph
from .metadata import keys, openid_configuration
from .overview import explained, overview, switch
from .pages import stylesheet
from .state import State
from .token import token
from .web import STATE

_HOSTS = frozenset({"localhost", "127.0.0.1"})
_STOP_WITHIN_S = 0.5


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse names that merely resolve to the loopback: a web page could have made them up."""
    if request.host.rpartition(":")[0] not in _HOSTS and request.host not in _HOSTS:
        return web.Response(status=421, text="Only localhost and 127.0.0.1 are served.\n")
    return await handler(request)


def make_app(state: State) -> web.Application:
    """The whole simulation as one aiohttp application."""
    app = web.Application(middlewares=[only_from_here], client_max_size=2**20)
    app[STATE] = state
    tenant = "/{tenant:[^/]+}"
    app.router.add_post("/v1.0/$batch", batch)
    app.router.add_route("*", "/v1.0/{path:.+}", graph)
    app.router.add_get("/_control/state", control)
    app.router.add_patch("/_control/state", control)
    app.router.add_get("/_control/calls", calls)
    app.router.add_get("/_pages/style.css", stylesheet)
    app.router.add_get("/", overview)
    app.router.add_get("/error", explained)
    app.router.add_post("/_control/switch", switch)
    app.router.add_get(f"{tenant}/v2.0/.well-known/openid-configuration", openid_configuration)
    app.router.add_get(f"{tenant}/discovery/v2.0/keys", keys)
    app.router.add_get(f"{tenant}/oauth2/v2.0/logout", sessions.sign_out)
    app.router.add_post(f"{tenant}/oauth2/v2.0/token", token)
    for path, answer in (
        (f"{tenant}/oauth2/v2.0/authorize", authorize),
        (f"{tenant}/v2.0/adminconsent", adminconsent_v2),
        (f"{tenant}/adminconsent", adminconsent_v1),
    ):
        app.router.add_get(path, answer)
        app.router.add_post(path, answer)
    return app


async def start(
    state: State, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> tuple[web.AppRunner, int]:
    """Serve from the running loop; returns the runner, which `stop` ends, and the port."""
    runner = web.AppRunner(make_app(state), access_log=None, shutdown_timeout=_STOP_WITHIN_S)
    await runner.setup()
    site = web.TCPSite(runner, host, port, ssl_context=tls)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    return runner, runner.addresses[0][1]


async def stop(runner: web.AppRunner) -> None:
    """Stop serving, and leave no connection behind; over TLS a polite goodbye could take long."""
    served = runner.server.connections if runner.server else []
    transports = [one.transport for one in served if one.transport]
    await runner.cleanup()
    for transport in transports:
        transport.abort()
    # A transport is gone only after the loop has turned.
    await asyncio.sleep(0.01)


async def _leave_nothing() -> None:
    """End what still waits in this loop: an answer that was to come in a minute, say."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


class Running:
    """A simulation that runs in a thread of this process."""

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        self.url = url
        self._opener = build_opener(ProxyHandler({}), *_trusting(tls))

    def control(self, patch: dict[str, object]) -> dict[str, object]:
        """Change the state as the contract's PATCH does; returns the state afterwards."""
        return self._call(patch)

    def state(self) -> dict[str, object]:
        """The whole state."""
        return self._call(None)

    def _call(self, patch: dict[str, object] | None) -> dict[str, object]:
        request = Request(
            f"{self.url}/_control/state",
            None if patch is None else json.dumps(patch).encode(),
            method="GET" if patch is None else "PATCH",
            headers={"Content-Type": "application/json"},
        )
        with self._opener.open(request, timeout=30) as answer:
            return json.load(answer)


def _trusting(tls: ssl.SSLContext | None) -> list[BaseHandler]:
    if tls is None:
        return []
    # The certificate was made for the occasion, and the listener is in this very process.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return [HTTPSHandler(context=context)]


@contextmanager
def running(
    *,
    portal_url: str = "http://localhost:8000",
    port: int = 0,
    host: str = "localhost",
    tls: ssl.SSLContext | None = None,
) -> Iterator[Running]:
    """Serve in a thread while the block runs; `host` is the name in `.url`, always the loopback."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulated-microsoft", daemon=True)
    thread.start()
    try:
        state = State(portal_url)
        runner, bound = asyncio.run_coroutine_threadsafe(
            start(state, port=port, tls=tls), loop
        ).result(30)
        try:
            yield Running(f"{'https' if tls else 'http'}://{host}:{bound}", tls)
        finally:
            asyncio.run_coroutine_threadsafe(stop(runner), loop).result(30)
            asyncio.run_coroutine_threadsafe(_leave_nothing(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
