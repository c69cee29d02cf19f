"""Is it us? A token in our own home tenant tells a registration that is broken or gone from an app
that nobody approved: Microsoft's answers about a customer's tenant look alike.
"""

import asyncio
import logging
import math
import time
from datetime import timedelta
from typing import Final

from tenants.microsoft import login
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.credentials import Credential
from tenants.microsoft.errors import MicrosoftError, Throttled, Transient

logger = logging.getLogger(__name__)
#: A good answer is believed for so long, by this process.
BELIEVED_FOR: Final = timedelta(minutes=5)
#: The same where more hangs on it; many looks at once still share one call.
BELIEVED_NEWS_FOR: Final = timedelta(seconds=15)
#: Where home could not be asked and named no time, nobody asks again for so long.
LEFT_ALONE_FOR: Final = timedelta(seconds=10)
#: Stands in a look's row as its code where Microsoft answered about the tenant and not about us.
UNHEARD: Final = "HomeNotHeard"
#: Cloud, app, and the address of the API; None for Graph.
_Song = tuple[str, str, str | None]
#: When it was heard (monotonic), and the roles in the token.
_sang: dict[_Song, tuple[float, frozenset[str]]] = {}
#: Until when (monotonic) home is not asked again.
_left_alone: dict[_Song, float] = {}
_asking: dict[tuple[_Song, asyncio.AbstractEventLoop], asyncio.Task[frozenset[str]]] = {}


class CanarySilent(Exception):
    """Our app cannot get a token even at home; `code` and `correlation_id` are Microsoft's, if it
    gave them.
    """

    def __init__(self, code: str, correlation_id: str | None = None) -> None:
        super().__init__(code)
        self.code, self.correlation_id = code, correlation_id


class CanaryUnheard(Exception):
    """Whether our app still works at home could not be found out: home is throttled or away. That
    says nothing of anybody else, so none of Microsoft's words come along.
    """


async def listen(
    cloud: Cloud,
    home_tenant_id: str,
    key: Credential,
    *,
    resource: str | None = None,
    within: timedelta = BELIEVED_FOR,
) -> frozenset[str]:
    """The roles that our app holds at home: our registration and credential work there, heard
    `within` that time.

    `resource` is the address of the API that matters, by default Graph's. Raises CanarySilent where
    they do not, CanaryUnheard where that could not be found out; then nobody asks again until
    Microsoft lets us. A registration that names no home tenant has no canary and holds nothing.
    Hundreds of looks that want to know at the same time share one call.
    """
    if not home_tenant_id:
        return frozenset()
    song = (cloud.name, key.client_id, resource)
    now = time.monotonic()
    sang_at, roles = _sang.get(song, (-math.inf, frozenset[str]()))
    if now - sang_at < within.total_seconds():
        return roles
    if now < _left_alone.get(song, -math.inf):
        raise CanaryUnheard
    asked = (song, asyncio.get_running_loop())
    if asked not in _asking:
        _asking[asked] = asyncio.create_task(ask(cloud, home_tenant_id, key, resource=resource))
        _asking[asked].add_done_callback(lambda _task: _asking.pop(asked))
    try:
        # Whoever gives up waiting must not take the answer from the others.
        return await asyncio.shield(_asking[asked])
    except (Throttled, Transient):
        raise CanaryUnheard from None


async def ask(
    cloud: Cloud, home_tenant_id: str, key: Credential, *, resource: str | None = None
) -> frozenset[str]:
    """The same, asked now whatever was heard before. Raises CanarySilent, Throttled or Transient;
    what was heard stands where home cannot be asked.
    """
    song = (cloud.name, key.client_id, resource)
    try:
        token = await login.app_token_async(cloud, home_tenant_id, key, resource=resource)
    except (Throttled, Transient) as error:
        wait = error.retry_after or LEFT_ALONE_FOR.total_seconds()
        _left_alone[song] = time.monotonic() + wait
        about_it = {"correlation_id": error.correlation_id}
        name = error.code or type(error).__name__
        logger.info("our home tenant could not be asked: %s", name, extra=about_it)
        raise
    except MicrosoftError as error:
        _sang.pop(song, None)
        raise CanarySilent(error.code or "", error.correlation_id) from None
    _sang[song] = time.monotonic(), token.roles
    _left_alone.pop(song, None)
    return token.roles


def forget() -> None:
    """Believe nothing any more."""
    _sang.clear()
    _left_alone.clear()
