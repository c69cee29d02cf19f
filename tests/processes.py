"""What tests that start processes need: to wait for something, and to see who is alive."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def portal_variables(folder: Path, **more: str) -> dict[str, str]:
    """What a process of the portal with the sandbox reads, its files in that folder; nothing of
    this machine's own bends it.
    """
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "ENV_FILE": os.devnull,
        "DEBUG": "1",
        "SANDBOX": "1",
        "LINK_KEY": "links-for-tests",
        "VAR_DIR": str(folder),
        **more,
    }


def wait_for(
    condition: Callable[[], object], what: str | Callable[[], str], *, within_s: float = 10.0
) -> None:
    """Wait until the condition holds; fails after that many seconds, saying what was waited for,
    in words of that moment where `what` finds them.
    """
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            said = what if isinstance(what, str) else what()
            raise AssertionError(f"not within {within_s} s: {said}")
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that is dead and unburied does not. Linux only."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def family(pid: int) -> set[int]:
    """The process's children, and theirs, by id. Linux only."""
    found, new = set[int](), {pid}
    while new:
        new = {child for parent in new for child in _children(parent)} - found
        found |= new
    return found


def _children(pid: int) -> set[int]:
    try:
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except (FileNotFoundError, ProcessLookupError):
        return set()
