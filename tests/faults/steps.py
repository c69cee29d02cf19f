"""What a named step is: the instant at which somebody is killed, seen from outside."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.house import House

Act = Callable[[House], None]


@dataclass(frozen=True)
class Step:
    """`reach` brings a house there, where worker and beat are at work, and comes back as soon as
    the instant is seen. Then somebody is killed, `relief` is given, and whoever was killed is
    started again; `ends_well` waits until it has.

    So it goes as many times as there are `deaths`; `reach` finds its way on from the last one.
    """

    name: str
    reach: Act
    relief: Act
    ends_well: Act
    deaths: int = 1


def nothing(_house: House) -> None:
    """Nothing else was wrong."""
