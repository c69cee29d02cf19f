"""The worker's looks: many at once, those that found nothing new written down together, the others
concluded one by one.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError

from consent.models import Check, InvalidTransition
from consent.verification import breaker
from consent.verification.claiming import (
    AT_ONCE,
    LEASE,
    POISONED,
    SOON,
    Errand,
    Lease,
    claim,
    give_back,
)
from consent.verification.concluding import conclude
from consent.verification.findings import Finding
from consent.verification.looking import look
from consent.verification.settling import Looked, conclude_unchanged
from tenants.microsoft import graph
from tenants.tracing import about

logger = logging.getLogger(__name__)
#: A look that takes longer is given up before its lease ends, so that nobody looks at its side.
LONGEST: Final = LEASE - timedelta(seconds=5)
#: How long an answer that brings nothing new waits for others, to be written down with them.
LINGER: Final = timedelta(milliseconds=100)
NOW: Final = timedelta(0)


def look_at_due(*, only: int | None = None) -> int:
    """Look at what is due, or at that one watch if it is, and conclude; returns how many were
    looked at. Safe to run in many workers at once.
    """
    errands = claim(AT_ONCE, only=only)
    if not errands:
        return 0
    return async_to_sync(_Round(errands).run)()


class _Round:
    """One task's looks. While the claims come back full it goes on claiming, so that a tenant that
    keeps silent holds up one of its places and nobody behind it.
    """

    def __init__(self, errands: list[Errand]) -> None:
        self._errands = errands
        self._answered: asyncio.Queue[tuple[Errand, Finding | None]] = asyncio.Queue()
        self._flying: set[asyncio.Task[None]] = set()
        self._leases: list[Lease] = []
        self._more = len(errands) == AT_ONCE

    async def run(self) -> int:
        count = 0
        async with graph.new_session() as session:
            self._send(session, self._errands)
            open_errands = len(self._errands)
            while open_errands:
                answered = await self._gather(open_errands)
                open_errands -= len(answered)
                count += len(answered)
                # Before these are written down: Microsoft can be asked meanwhile.
                if self._more and open_errands <= AT_ONCE // 2:
                    wanted = AT_ONCE - open_errands
                    errands = await sync_to_async(claim)(wanted)
                    self._more = len(errands) == wanted
                    self._send(session, errands)
                    open_errands += len(errands)
                await sync_to_async(write_down)(answered, self._leases)
        return count

    def _send(self, session: graph.Session, errands: list[Errand]) -> None:
        self._leases += {errand.lease for errand in errands if errand.lease}
        for errand in errands:
            task = asyncio.create_task(self._ask(session, errand))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)

    async def _ask(self, session: graph.Session, errand: Errand) -> None:
        finding = None
        try:
            with about(errand.tenant_id):
                finding = await self._looked(session, errand)
        except Exception:  # the database, say; the lease ends by itself
            logger.exception("could not give watch %s back", errand.watch_id)
        finally:
            # Whatever happens: somebody counts the answers.
            self._answered.put_nowait((errand, finding))

    async def _looked(self, session: graph.Session, errand: Errand) -> Finding | None:
        try:
            async with asyncio.timeout(LONGEST.total_seconds()):
                finding = await look(session, errand)
            _tell_breaker(errand, finding)
            return finding
        except TimeoutError:
            breaker.failed(errand.app.cloud, errand.tenant_id)
            logger.warning("no answer about watch %s before its lease ends", errand.watch_id)
            await sync_to_async(give_back)([errand], SOON)
        except Exception:  # one poisoned row must not stop the others
            logger.exception("could not look at watch %s", errand.watch_id)
            await sync_to_async(give_back)([errand], POISONED)
        return None

    async def _gather(self, open_errands: int) -> list[tuple[Errand, Finding | None]]:
        """What has been answered, at least one; where that is probably nothing new, more of it."""
        answered = [await self._answered.get()]
        if open_errands > 1 and answered[0][0].settled:
            await asyncio.sleep(LINGER.total_seconds())
        while not self._answered.empty():
            answered.append(self._answered.get_nowait())
        return answered


def _tell_breaker(errand: Errand, finding: Finding) -> None:
    if finding.outcome == Check.Outcome.UNREACHABLE:
        breaker.failed(errand.app.cloud, errand.tenant_id)
    elif finding.calls and finding.outcome != Check.Outcome.CREDENTIAL:
        breaker.answered(errand.app.cloud)


def write_down(answered: list[tuple[Errand, Finding | None]], leases: Iterable[Lease] = ()) -> None:
    """Conclude these looks, one without a finding was given back; meanwhile those leases hold."""
    looked = [(errand, finding) for errand, finding in answered if finding is not None]
    for errand, finding in _not_settled(looked):
        for lease in leases:
            lease.keep()
        if finding.is_kept:  # our own rows changed, and a kept token concludes nothing
            give_back([errand], NOW)
        else:
            _conclude(errand, finding)


def _not_settled(looked: list[Looked]) -> list[Looked]:
    try:
        return conclude_unchanged(looked)
    except Exception as error:  # a deadlock, say, or one poisoned row among them
        logger.warning("looks are concluded one by one: %s", type(error).__name__)
        return looked


def _conclude(errand: Errand, finding: Finding) -> None:
    with about(errand.tenant_id):
        _conclude_or_postpone(errand, finding)


def _conclude_or_postpone(errand: Errand, finding: Finding) -> None:
    try:
        conclude(errand.watch_id, finding, signals_seen=errand.signals)
    except (OperationalError, InvalidTransition) as error:  # a race or a deadlock: it passes
        logger.warning("watch %s is concluded later: %s", errand.watch_id, type(error).__name__)
        give_back([errand], SOON)
    except Exception:  # one poisoned row must not stop the others; it comes again, and loudly
        logger.exception("could not conclude watch %s", errand.watch_id)
        give_back([errand], POISONED)
