"""Runs code in the portal, each piece in a new process: forked from one that has loaded everything
and holds no connection, so that it costs a moment and not a start of Django.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping
from typing import Any

from portal.sandbox.supervisor.children import leash
from portal.sandbox.supervisor.plan import ROOT

WITHIN_S = 60


class Console:
    """The process that forks; `run` may be called any number of times."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.faults.console"],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=leash(signal.SIGKILL),
        )

    def run(self, code: str) -> Any:
        """Run that code, which knows the models and may assign to `told`; gives that back."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(code) + "\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            assert selector.select(WITHIN_S), f"not done within {WITHIN_S} s: {code}"
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["told"]

    def stop(self) -> None:
        """No more code."""
        self._process.kill()
        self._process.communicate()


def _told_by(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"told": None}
    try:
        exec(f"from consent.models import *\n{code}", names)
        return {"told": names["told"]}
    except Exception:  # whatever it is, the test shows it
        return {"error": traceback.format_exc()[-3000:]}


def main() -> None:
    """Read a piece of code a line, as JSON, and write what it told."""
    import django  # noqa: PLC0415 -- only the process that forks needs it

    django.setup()
    from consent import placing, tickets  # noqa: F401, PLC0415 -- loaded once for all

    answers = os.dup(sys.stdout.fileno())
    for line in sys.stdin:
        child = os.fork()
        if not child:
            answer = json.dumps(_told_by(json.loads(line)))
            os.write(answers, f"{answer}\n".encode())
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
