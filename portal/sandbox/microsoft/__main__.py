"""`python -m portal.sandbox.microsoft`: the simulated Microsoft as a process of its own."""

import argparse
import asyncio
import os
import signal
import sys

from .server import start, stop
from .state import State


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="portal.sandbox.microsoft", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", choices=["127.0.0.1", "localhost"])
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--portal-url", default="http://localhost:8000")
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> int:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    if os.environ.get("PORTAL_SUPERVISED"):
        # Ctrl-C reaches the whole process group; the supervisor decides who ends when.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    else:
        loop.add_signal_handler(signal.SIGINT, ended.set)
    try:
        runner, port = await start(State(options.portal_url), host=options.host, port=options.port)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        sys.stderr.write(f"Port {options.port} cannot be used: {reason}.\n")
        return 1
    sys.stdout.write(f"The simulated Microsoft answers at http://localhost:{port}/\n")
    sys.stdout.flush()
    await ended.wait()
    await stop(runner)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve(_options())))
