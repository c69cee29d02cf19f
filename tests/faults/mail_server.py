"""A mail server that fails when it is told to."""

import asyncio
import threading
from collections import Counter
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.sandbox.supervisor.plan import free_port


class MailServer:
    """An SMTP server that can stop before or after it has taken a mail, refuse it, hang up instead
    of an answer, be silent, or be away; `full` are recipients whose mailbox is.
    """

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.recipients: list[str] = []
        self.full: set[str] = set()
        self.mode = "take"
        self.seconds_a_letter = 0.0
        #: "hold after" holds its answer to this letter; it answered those before at once.
        self.held_letter = 1
        self.reached = threading.Event()
        self.port = free_port()
        self._callers: list[asyncio.Transport] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: object, name: str, said: list[str]
    ) -> list[str]:
        """aiosmtpd calls this at the beginning of each connection."""
        session.host_name = name
        self._callers = [one for one in self._callers if not one.is_closing()] + [server.transport]
        if self.mode == "silent":
            self.reached.set()
            await asyncio.sleep(3600)
        return said

    async def handle_RCPT(  # noqa: N802
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        """aiosmtpd calls this for each recipient."""
        if address in self.full:
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, _session: object, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd calls this with the whole mail, before it answers."""
        if self.mode == "refuse":
            return "451 not now"
        await asyncio.sleep(self.seconds_a_letter)
        await self._held("hold before")
        mail = message_from_bytes(bytes(envelope.content or b""))
        self.taken.append(str(mail["Message-ID"]).strip())
        self.recipients += envelope.rcpt_tos
        if self.mode == "drop":
            self.reached.set()
            server.transport.abort()
        if len(self.taken) >= self.held_letter:
            await self._held("hold after")
        return "250 taken"

    async def _held(self, mode: str) -> None:
        """Wait as long as that mode holds; for nobody, where the caller has hung up meanwhile."""
        while self.mode == mode:
            self.reached.set()
            await asyncio.sleep(0.05)

    @property
    def by_message_id(self) -> Counter[str]:
        """How often each mail was taken."""
        return Counter(self.taken)

    def leave(self) -> None:
        """From now on nobody listens at its port, and whoever was connected is not any more."""
        hung_up = asyncio.run_coroutine_threadsafe(self._hang_up(), self._controller.loop)
        hung_up.result(10)
        self._controller.stop()

    async def _hang_up(self) -> None:
        for caller in self._callers:
            caller.abort()
        # So that each is closed before the loop ends, and not by the garbage collector.
        await asyncio.sleep(0.01)

    def come_back(self) -> None:
        """Listen again."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def __enter__(self) -> "MailServer":
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.leave()
