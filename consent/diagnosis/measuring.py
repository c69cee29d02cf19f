"""How well the diagnosis does on pastes whose right answer is known.

A case is an object with `input`, `kind`, `label_basis` and `expected`: `codes`, `cause_class`,
`actor`, `approval_link_helps`, perhaps identifiers, and `also_accept`, causes that are right too.
"""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from consent.diagnosis import diagnose

_NAMES: Final = (
    "app_id",
    "tenant_id",
    "resource_id",
    "correlation_id",
    "trace_id",
    "request_id",
    "timestamp",
    "primary_code",
)


@dataclass(frozen=True)
class Result:
    """One case and what became of it. `names` is how many identifiers were right, of how many."""

    kind: str
    cause: str
    is_sure: bool
    cause_is_right: bool
    actor_is_right: bool
    codes_are_right: bool
    names: tuple[int, int]
    bothered: bool
    turned_away: bool
    seconds: float


def measured(case: dict[str, Any]) -> Result:
    """Diagnose one case and compare. An actor beside another accepted cause is not held against it.

    `bothered` is an approval link where none helps, `turned_away` none where one does; neither is
    counted beside another accepted cause.
    """
    expected = case["expected"]
    began = time.process_time()
    told = diagnose(case["input"])
    seconds = time.process_time() - began
    best = told.cause == expected["cause_class"]
    accepted = told.cause in expected.get("also_accept", [])
    named = [name for name in _NAMES if name in expected]
    found = told.as_dict()
    link = (told.approval_link_helps, expected["approval_link_helps"])
    return Result(
        kind=case["kind"],
        cause=expected["cause_class"],
        is_sure=case["label_basis"] != "inferred",
        cause_is_right=best or accepted,
        actor_is_right=told.actor == expected["actor"] or (accepted and not best),
        codes_are_right=sorted(told.codes) == sorted(expected["codes"]),
        names=(sum(_same(found[name], expected[name]) for name in named), len(named)),
        bothered=link == (True, False) and not accepted,
        turned_away=link == (False, True) and not accepted,
        seconds=seconds,
    )


def _same(found: str | None, expected: str | None) -> bool:
    """Times may be written with a blank in the middle."""
    return found == (expected and expected.replace(" ", "T"))


def _share(flags: Iterable[bool]) -> str:
    told = list(flags)
    return f"{sum(told) / len(told):.1%}"


def _row(name: str, results: list[Result]) -> str:
    right, of = (sum(result.names[at] for result in results) for at in (0, 1))
    cells = (
        name,
        str(len(results)),
        _share(result.cause_is_right for result in results),
        _share(result.actor_is_right for result in results),
        _share(result.codes_are_right for result in results),
        f"{right} of {of}",
        str(sum(result.bothered for result in results)),
        str(sum(result.turned_away for result in results)),
    )
    return f"| {' | '.join(cells)} |"


def report(results: list[Result]) -> str:
    """Markdown: a table over all, then by kind of paste and by cause. Raises ValueError without
    results.
    """
    if not results:
        raise ValueError("There is nothing to report.")
    sure = [result for result in results if result.is_sure]
    head = (
        "| | pastes | cause | actor | codes | identifiers | bothered | turned away |",
        "|---|---|---|---|---|---|---|---|",
    )
    lines = [*head, _row("all", results), *([_row("documented or solved", sure)] if sure else [])]
    by: tuple[tuple[str, Callable[[Result], str]], ...] = (
        ("By kind of paste", lambda result: result.kind),
        ("By cause", lambda result: result.cause),
    )
    for title, key in by:
        lines += ["", f"## {title}", "", *head]
        lines += [_row(name, list(group)) for name, group in groupby(sorted(results, key=key), key)]
    times = [result.seconds * 1000 for result in results]
    lines += ["", f"CPU time of one: median {statistics.median(times):.1f} ms, "]
    lines[-1] += f"longest {max(times):.1f} ms."
    return "\n".join(lines)
