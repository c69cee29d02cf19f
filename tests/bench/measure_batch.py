"""How many `$batch` calls a second the simulated Microsoft answers; other figures lean on it."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from portal.sandbox.microsoft.seed import APPS, TENANTS
from portal.sandbox.supervisor.children import leash

ACME_CALENDAR = APPS[0]
CONTOSO = TENANTS[0]
AT_ONCE = 32


@contextmanager
def simulated_microsoft() -> Iterator[tuple[str, int]]:
    """Its address and process id, in a process of its own."""
    command = [sys.executable, "-u", "-m", "portal.sandbox.microsoft", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=leash()) as server:
        try:
            yield server.stdout.readline().split()[-1].rstrip("/"), server.pid
        finally:
            server.terminate()


def cpu_seconds(pid: int) -> float:
    """What the process has used up to now."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def look() -> dict[str, object]:
    """The reads of one look by the worker."""
    own = f"/servicePrincipals(appId='{ACME_CALENDAR.client_id}')"
    urls = [own, f"{own}/oauth2PermissionGrants", f"{own}/appRoleAssignments"]
    return {"requests": [{"id": url, "method": "GET", "url": url} for url in urls]}


async def token(session: aiohttp.ClientSession, url: str) -> str:
    """An app-only token for Graph in Contoso, where the app is approved first."""
    grant = {"tenant": CONTOSO.domain, "app": ACME_CALENDAR.slug, "by": f"admin@{CONTOSO.domain}"}
    async with session.patch(f"{url}/_control/state", json={"grants": [grant]}) as answer:
        answer.raise_for_status()
    form = {
        "grant_type": "client_credentials",
        "client_id": ACME_CALENDAR.client_id,
        "client_secret": ACME_CALENDAR.secret,
        "scope": "https://graph.microsoft.com/.default",
    }
    path = f"{url}/{CONTOSO.tenant_id}/oauth2/v2.0/token"
    async with session.post(path, data=form) as answer:
        return (await answer.json())["access_token"]


async def run(url: str, n: int) -> float:
    """Seconds for that many calls, so many at once."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:
        headers = {"Authorization": f"Bearer {await token(session, url)}"}
        body, left = look(), iter(range(n))

        async def ask() -> None:
            for _ in left:
                async with session.post(f"{url}/v1.0/$batch", json=body, headers=headers) as answer:
                    answer.raise_for_status()
                    await answer.read()

        started = time.perf_counter()
        await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
        return time.perf_counter() - started


def measure(n: int = 6000) -> dict[str, object]:
    """Calls a second, and what one costs the simulated Microsoft."""
    with simulated_microsoft() as (url, pid):
        asyncio.run(run(url, n // 10))
        before = cpu_seconds(pid)
        seconds = asyncio.run(run(url, n))
        cpu_ms = (cpu_seconds(pid) - before) / n * 1000
    return {
        "name": "sandbox.batch",
        "value": round(n / seconds),
        "unit": "calls/s",
        "n": n,
        "notes": f"3 reads a call, {AT_ONCE} at once, {cpu_ms:.2f} ms of CPU a call",
    }
