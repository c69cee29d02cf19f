"""The worker's looks: many at once, those that found nothing new written down together, the others
concluded one by one.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from time import monotonic
from typing import ClassVar, Final

from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError
from django.utils import timezone

from consent.models import Check, InvalidTransition
from consent.verification import breaker, canary
from consent.verification.claiming import (
    AT_ONCE,
    LEASE,
    POISONED,
    SOON,
    ClaimedLook,
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
#: While looks are open, what has become due is claimed so often.
CLAIM_AGAIN: Final = timedelta(seconds=1)
#: How long an answer that brings nothing new waits for others, to be written down with them.
LINGER: Final = timedelta(milliseconds=100)
NOW: Final = timedelta(0)


def look_at_due(*, only: int | None = None) -> int:
    """Look at what is due, or at that one watch if it is, and conclude; returns how many were
    looked at. Safe to run in many workers at once.
    """
    claimed_looks = claim(AT_ONCE, only=only)
    if not claimed_looks:
        return 0
    return async_to_sync(_Round(claimed_looks).run)()


def claim_no_more() -> None:
    """The process is about to end: its rounds finish what they have begun."""
    _Round.is_over = True


class _Round:
    """One task's looks. While the claims come back full it goes on claiming at once, and while a
    tenant keeps silent each second what has become due since: it holds up one place of the round,
    and nobody behind it. Of several rounds in a process the newest claims on; the others end.
    """

    _newest: "ClassVar[_Round | None]" = None
    is_over: ClassVar = False

    def __init__(self, claimed_looks: list[ClaimedLook]) -> None:
        _Round._newest = self
        self._claimed_looks = claimed_looks
        self._answered: asyncio.Queue[tuple[ClaimedLook, Finding | None]] = asyncio.Queue()
        self._flying: set[asyncio.Task[None]] = set()
        #: How many looks are open, by their lease.
        self._open: Counter[Lease | None] = Counter()
        self._more = len(claimed_looks) == AT_ONCE
        self._claim_again_at = monotonic() + CLAIM_AGAIN.total_seconds()

    async def run(self) -> int:
        done = 0
        async with graph.new_session() as session:
            self._send(session, self._claimed_looks)
            while open_looks := self._open.total():
                answered = await self._gather(open_looks)
                open_looks -= len(answered)
                # Before these are written down: Microsoft can be asked meanwhile.
                if self._may_claim(open_looks):
                    await self._claim(session, AT_ONCE - open_looks)
                await sync_to_async(write_down)(answered, self._leases())
                self._open -= Counter(claimed.lease for claimed, _finding in answered)
                done += len(answered)
        return done

    def _leases(self) -> list[Lease]:
        return [lease for lease in self._open if lease]

    def _may_claim(self, open_looks: int) -> bool:
        if _Round.is_over or not (open_looks or self._more):
            return False
        is_time = self is _Round._newest and monotonic() >= self._claim_again_at
        return open_looks <= AT_ONCE // 2 and (self._more or is_time)

    async def _claim(self, session: graph.Session, wanted: int) -> None:
        try:
            claimed_looks = await sync_to_async(claim)(wanted)
        except OperationalError as error:  # a deadlock; the next claim is a second away
            logger.warning("nothing is claimed: %s", type(error).__name__)
            claimed_looks = []
        self._more = len(claimed_looks) == wanted
        self._claim_again_at = monotonic() + CLAIM_AGAIN.total_seconds()
        self._send(session, claimed_looks)

    def _send(self, session: graph.Session, claimed_looks: list[ClaimedLook]) -> None:
        self._open.update(claimed.lease for claimed in claimed_looks)
        for claimed in claimed_looks:
            task = asyncio.create_task(self._ask(session, claimed))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)

    async def _ask(self, session: graph.Session, claimed: ClaimedLook) -> None:
        finding = None
        try:
            with about(claimed.tenant_id):
                finding = await self._looked(session, claimed)
        except Exception:  # the database, say; the lease ends by itself
            logger.exception("could not give watch %s back", claimed.watch_id)
        finally:
            # Whatever happens: somebody counts the answers.
            self._answered.put_nowait((claimed, finding))

    async def _looked(self, session: graph.Session, claimed: ClaimedLook) -> Finding | None:
        try:
            async with asyncio.timeout(LONGEST.total_seconds()):
                finding = await look(session, claimed)
            _tell_breaker(claimed, finding)
            return finding
        except TimeoutError:
            breaker.failed(claimed.app.cloud, claimed.tenant_id)
            logger.warning("no answer about watch %s before its lease ends", claimed.watch_id)
            return Finding(Check.Outcome.UNREACHABLE, timezone.now())
        except Exception:  # one poisoned row must not stop the others
            logger.exception("could not look at watch %s", claimed.watch_id)
            await sync_to_async(give_back)([claimed], POISONED)
        return None

    async def _gather(self, open_looks: int) -> list[tuple[ClaimedLook, Finding | None]]:
        """What has been answered, at most a second later; where that is probably nothing new, more
        of it.
        """
        try:
            async with asyncio.timeout(CLAIM_AGAIN.total_seconds()):
                answered = [await self._answered.get()]
        except TimeoutError:
            return []
        if open_looks > 1 and answered[0][0].settled:
            await asyncio.sleep(LINGER.total_seconds())
        while not self._answered.empty():
            answered.append(self._answered.get_nowait())
        return answered


def _tell_breaker(claimed: ClaimedLook, finding: Finding) -> None:
    if finding.outcome == Check.Outcome.UNREACHABLE and finding.code != canary.UNHEARD:
        breaker.failed(claimed.app.cloud, claimed.tenant_id)
    elif finding.calls and finding.outcome != Check.Outcome.CREDENTIAL:
        breaker.answered(claimed.app.cloud)


def write_down(
    answered: list[tuple[ClaimedLook, Finding | None]], leases: Iterable[Lease] = ()
) -> None:
    """Conclude these looks, one without a finding was given back; meanwhile those leases hold."""
    looked = [(claimed, finding) for claimed, finding in answered if finding is not None]
    for claimed, finding in _not_settled(looked):
        try:
            for lease in leases:
                lease.keep()
            if finding.is_kept:  # our own rows changed, and a kept token concludes nothing
                give_back([claimed], NOW)
                continue
        except OperationalError as error:  # a deadlock: what is not kept or given back just ends
            logger.warning("leases are not kept: %s", type(error).__name__)
        _conclude(claimed, finding)


def _not_settled(looked: list[Looked]) -> list[Looked]:
    try:
        return conclude_unchanged(looked)
    except Exception as error:  # a deadlock, say, or one poisoned row among them
        logger.warning("looks are concluded one by one: %s", type(error).__name__)
        return looked


def _conclude(claimed: ClaimedLook, finding: Finding) -> None:
    with about(claimed.tenant_id):
        _conclude_or_postpone(claimed, finding)


def _conclude_or_postpone(claimed: ClaimedLook, finding: Finding) -> None:
    try:
        if not conclude(claimed, finding):
            logger.warning("the lease on watch %s has ended: finding dropped", claimed.watch_id)
    except (OperationalError, InvalidTransition) as error:  # a race or a deadlock: it passes
        logger.warning("watch %s is concluded later: %s", claimed.watch_id, type(error).__name__)
        give_back([claimed], SOON)
    except Exception:  # one poisoned row must not stop the others; it comes again, and loudly
        logger.exception("could not conclude watch %s", claimed.watch_id)
        give_back([claimed], POISONED)
