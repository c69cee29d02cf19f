"""A mail server in a process of its own that takes everything as fast as it can and keeps only who
got what when: `python -m tests.bench.sink` prints its port, and what it took once its input ends.
"""

import asyncio
import json
import re
import sys
import time
from email import message_from_bytes
from email.policy import default

PORT_LINE = "port"
_RECIPIENT = re.compile(rb"^RCPT TO:\s*<([^>]+)>", re.IGNORECASE)


class Call(asyncio.Protocol):
    """One client's connection; `taken` belongs to all of them."""

    def __init__(self, taken: list[dict[str, object]]) -> None:
        self._taken, self._buffer = taken, b""
        self._letter: list[bytes] | None = None
        self._to = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Greet."""
        self._transport = transport
        self._say("220 sink")

    def data_received(self, data: bytes) -> None:
        """Answer line by line; a mail ends with a single dot."""
        self._buffer += data
        *lines, self._buffer = self._buffer.split(b"\r\n")
        for line in lines:
            if self._letter is None:
                self._obey(line)
            elif line == b".":
                self._keep(b"\r\n".join(self._letter))
            else:
                self._letter.append(line)

    def _say(self, words: str) -> None:
        self._transport.write(f"{words}\r\n".encode())

    def _obey(self, line: bytes) -> None:
        word = line[:4].upper()
        if recipient := _RECIPIENT.match(line):
            self._to = recipient[1].decode()
        if word == b"DATA":
            self._letter = []
            self._say("354 go ahead")
        elif word == b"QUIT":
            self._say("221 bye")
            self._transport.close()
        else:
            self._say("250 ok")

    def _keep(self, content: bytes) -> None:
        self._letter = None
        head = message_from_bytes(content.partition(b"\r\n\r\n")[0], policy=default)
        self._taken.append({"id": head["Message-ID"], "to": self._to, "at": time.time()})
        self._say("250 taken")


async def serve() -> list[dict[str, object]]:
    """Take mails until our own input ends."""
    taken: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Call(taken), "127.0.0.1", 0)
    sys.stdout.write(f"{PORT_LINE} {server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
    return taken


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(serve())) + "\n")
