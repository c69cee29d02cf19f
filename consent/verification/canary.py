"""Is it us? A token in our own home tenant tells a registration that is broken or gone from an app
that nobody approved: Microsoft's answers about a customer's tenant look alike.
"""

import asyncio
import time
from datetime import timedelta
from typing import Final

from tenants.microsoft import login
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.credentials import Credential
from tenants.microsoft.errors import MicrosoftError, Throttled, Transient

#: A good answer is believed for so long, by this process.
BELIEVED_FOR: Final = timedelta(minutes=5)
#: Cloud, app, and the address of the API; None for Graph.
_Song = tuple[str, str, str | None]
#: When it was heard (monotonic), and the roles in the token.
_sang: dict[_Song, tuple[float, frozenset[str]]] = {}
_asking: dict[tuple[_Song, asyncio.AbstractEventLoop], asyncio.Task[frozenset[str]]] = {}


class CanarySilent(Exception):
    """Our app cannot get a token even at home; `code` and `correlation_id` are Microsoft's, if it
    gave them.
    """

    def __init__(self, code: str, correlation_id: str | None = None) -> None:
        super().__init__(code)
        self.code, self.correlation_id = code, correlation_id


async def listen(
    cloud: Cloud, home_tenant_id: str, key: Credential, *, resource: str | None = None
) -> frozenset[str]:
    """The roles that our app holds at home, within the last five minutes: our registration and
    credential work there.

    `resource` is the address of the API that matters, by default Graph's. Raises CanarySilent where
    they do not, Throttled or Transient where that could not be found out. A registration that names
    no home tenant has no canary and holds nothing. Hundreds of looks that want to know at the same
    time share one call.
    """
    if not home_tenant_id:
        return frozenset()
    song = (cloud.name, key.client_id, resource)
    sang_at, roles = _sang.get(song, (None, frozenset[str]()))
    if sang_at is not None and time.monotonic() - sang_at < BELIEVED_FOR.total_seconds():
        return roles
    asked = (song, asyncio.get_running_loop())
    if asked not in _asking:
        _asking[asked] = asyncio.create_task(ask(cloud, home_tenant_id, key, resource=resource))
        _asking[asked].add_done_callback(lambda _task: _asking.pop(asked))
    # Whoever gives up waiting must not take the answer from the others.
    return await asyncio.shield(_asking[asked])


async def ask(
    cloud: Cloud, home_tenant_id: str, key: Credential, *, resource: str | None = None
) -> frozenset[str]:
    """The same, and whatever was heard before does not count."""
    song = (cloud.name, key.client_id, resource)
    _sang.pop(song, None)
    try:
        token = await login.app_token_async(cloud, home_tenant_id, key, resource=resource)
    except (Throttled, Transient):
        raise
    except MicrosoftError as error:
        raise CanarySilent(error.code or "", error.correlation_id) from None
    _sang[song] = time.monotonic(), token.roles
    return token.roles


def forget() -> None:
    """Believe nothing any more."""
    _sang.clear()
