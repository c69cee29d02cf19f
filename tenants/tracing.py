"""Which tenant the code at work is about, so that every log line on the way can say it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

#: Its GUID, or an empty text.
tenant_id: Final[ContextVar[str]] = ContextVar("tenant_id", default="")


@contextmanager
def about(tenant: str) -> Iterator[None]:
    """Lines logged inside, in this thread or coroutine, are about that tenant (its GUID)."""
    token = tenant_id.set(tenant)
    try:
        yield
    finally:
        tenant_id.reset(token)
