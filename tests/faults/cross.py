"""Who is killed at which step: the whole cross, as it stands in docs/worker.md."""

from collections.abc import Iterator

from tests.consent.thoroughness import IS_THOROUGH
from tests.faults import steps_of_looks, steps_of_mails, steps_of_web
from tests.faults.steps import Step

STEPS = (*steps_of_looks.STEPS, *steps_of_mails.STEPS, *steps_of_web.STEPS)

#: Who dies at the same moment. `two beats` are all beats that there are.
VICTIMS = {
    "worker": ("worker",),
    "beat": ("beat",),
    "worker+beat": ("worker", "beat"),
    "two beats": ("beat", "beat-2"),
    "web": ("web",),
    "redis": ("redis",),
    "web+redis": ("web", "redis"),
    "postgres": ("postgres",),
}
#: Played each time on `both` databases or on one of them, `lite` (SQLite) or `pg`; `more` with
#: THOROUGH=1, which plays each of these on both. Nothing is left out for worker, beat, web and
#: Redis; the last two columns have a dash where there is nothing to see:
#: - web and Redis die together where a web server hangs at a bell. Elsewhere it is idle, and the
#:   two do not know of each other's death.
#: - PostgreSQL dies (on itself alone) where rows are in use for seconds. Elsewhere it loses a
#:   transaction of a moment or none: what test_services.py plays.
CROSS = """
step                 worker  beat  worker+beat  two beats  web   redis  web+redis  postgres
token awaited        both    more  more         lite       more  pg     -          -
graph awaited        lite    more  more         more       more  lite   -          -
answers come in      both    more  more         more       lite  more   -          -
second look awaited  more    more  both         pg         more  lite   -          -
grant missed         both    more  more         more       more  pg     -          -
looks under way      more    both  both         more       more  more   -          pg
budget in use        lite    more  more         more       more  both   -          -
news unsent          both    more  more         more       more  pg     -          -
one unmarked         more    lite  both         more       more  lite   -          -
49 unmarked          pg      more  more         more       more  more   -          -
letters leave        pg      more  more         lite       more  both   -          pg
asked                more    more  more         more       pg    more   both       -
confirmed            lite    more  more         more       more  lite   both       -
left                 more    more  more         more       lite  more   pg         -
returned             pg      pg    more         more       pg    lite   lite       -
declined             more    more  more         more       more  more   lite       -
"""


def places() -> Iterator[tuple[Step, str, str]]:
    """Step, victims and database of each test of this run."""
    for step, row in zip(STEPS, table().values(), strict=True):
        for victims, when in row.items():
            for database in _databases(victims, when):
                yield step, victims, database


def table() -> dict[str, dict[str, str]]:
    """The cross: for each step and those who die there, when it is played."""
    head, *rows = [_cells(line) for line in CROSS.strip().splitlines()]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def _databases(victims: str, when: str) -> tuple[str, ...]:
    if when == "-" or (when == "more" and not IS_THOROUGH):
        return ()
    if victims == "postgres":
        return ("postgres",)
    if when == "both" or IS_THOROUGH:
        return ("sqlite", "postgres")
    return ("sqlite",) if when == "lite" else ("postgres",)
