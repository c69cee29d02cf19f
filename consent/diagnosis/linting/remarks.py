"""What can be said of a part of a sign-in address, and how grave it is."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class Grade(StrEnum):
    """How a part stands."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that can be said: its grade, and a sentence of ours, translated when it is shown.

    Names stand between backticks.
    """

    grade: Grade
    words: Promise


@dataclass(frozen=True)
class Remark:
    """What is said of one part of an address.

    `part` is the parameter's name, or `address`, `host` or `tenant`. `value` is what stands there
    and `names` what the sentence is about; both are empty where it may not be shown.
    """

    part: str
    finding: Finding
    value: str = ""
    names: tuple[str, ...] = ()

    @property
    def grade(self) -> Grade:
        """How the part stands."""
        return self.finding.grade

    @property
    def words(self) -> str:
        """The sentence in the present language."""
        return str(self.finding.words)
