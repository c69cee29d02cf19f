"""What a named step is: the instant at which somebody is killed, seen from outside."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.house import House

Act = Callable[[House], None]
BOTH = ("sqlite", "postgres")


@dataclass(frozen=True)
class Step:
    """`reach` brings a house there and comes back as soon as the instant is seen. Then `killed` die
    at once, `relief` is given, and the same are started again; `ends_well` waits until it has.

    `name` stands in the table of docs/worker.md.
    """

    name: str
    killed: tuple[str, ...]
    reach: Act
    relief: Act
    ends_well: Act
    databases: tuple[str, ...] = BOTH
