"""Renders the few pages. Templates are HTML with `$name`; each value is escaped on its way in."""

from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from .errors import EntraError

_FOLDER = Path(__file__).with_name("pages")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer-when-downgrade",
}


class Rendered(str):
    """HTML that is safe to put into a page as it is."""

    __slots__ = ()


NOTHING = Rendered("")


@cache
def _template(name: str) -> Template:
    return Template((_FOLDER / f"{name}.html").read_text())


def fragment(name: str, /, **values: object) -> Rendered:
    """One filled template; text is escaped, Rendered goes in as it is."""
    safe = {
        key: value if isinstance(value, Rendered) else escape(str(value))
        for key, value in values.items()
    }
    return Rendered(_template(name).substitute(safe))


def each(name: str, rows: Iterable[Mapping[str, object]]) -> Rendered:
    """The same template once per row."""
    return Rendered("".join(fragment(name, **row) for row in rows))


def page(name: str, title: str, /, *, status: int = 200, **values: object) -> web.Response:
    """A whole page around one template."""
    body = fragment("base", title=title, content=fragment(name, title=title, **values))
    return web.Response(text=body, status=status, content_type="text/html", headers=_HEADERS)


def error_page(error: EntraError) -> web.Response:
    """Where a trip ends when Microsoft cannot or may not send the browser back."""
    return page(
        "error",
        "Sorry, but we're having trouble signing you in",
        status=400,
        code=error.code,
        text=error.text,
        trace_id=error.trace_id,
        correlation_id=error.correlation_id,
        timestamp=error.timestamp,
    )


async def stylesheet(_: web.Request) -> web.StreamResponse:
    """The one stylesheet."""
    return web.FileResponse(_FOLDER / "style.css")
