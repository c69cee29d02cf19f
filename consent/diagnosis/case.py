"""What the judge looks at, and what comes out."""

from dataclasses import dataclass

from consent.diagnosis import catalogue
from consent.diagnosis.cues import Cue
from consent.diagnosis.kinds import (
    ACTORS,
    ENDED_BY_APPROVAL,
    Actor,
    Cause,
    Confidence,
    Seen,
)
from consent.diagnosis.reader import Reading

# The pictures of Microsoft's page that only an administrator can pass.
SEEN_WALL = frozenset({Seen.NEED_ADMIN, Seen.REQUEST_FORM, Seen.RISKY})
# The codes on that page.
WALL_CODES = frozenset(
    {"AADSTS90093", "AADSTS90094", "AADSTS90095", "AADSTS900941", "AADSTS900981"}
)


@dataclass(frozen=True)
class Verdict:
    """What is the matter, who can end it, whether an approval link is the remedy, and why."""

    cause: Cause
    actor: Actor
    approval_link_helps: bool
    confidence: Confidence
    evidence: tuple[str, ...]
    primary_code: str | None
    shows_wall: bool


@dataclass(frozen=True)
class Case:
    """A reading, its cues, what the person picked as seen, and the code that decides.

    `printed` are those of the cues that known sentences give.
    """

    reading: Reading
    said: dict[Cue, str]
    printed: frozenset[Cue]
    seen: str
    code: str | None

    @property
    def row(self) -> catalogue.CodeEntry | None:
        """What we know of the decisive code."""
        return catalogue.entry(self.code) if self.code else None

    @property
    def shows_wall(self) -> bool:
        """Microsoft's page that only an administrator can pass was shown, so a tenant exists."""
        return bool(
            self.seen in SEEN_WALL
            or WALL_CODES.intersection(self.reading.codes)
            or Cue.WALL in self.said
        )

    @property
    def is_about_consent(self) -> bool:
        """The decisive code, if any, speaks of consent and of nothing else."""
        row = self.row
        return row is None or row.cause in {Cause.ADMIN_CONSENT_REQUIRED, Cause.USER_DECLINED}

    def says(self, *cues: Cue) -> bool:
        """All of these cues are in the text."""
        return all(cue in self.said for cue in cues)

    def verdict(
        self,
        cause: Cause,
        confidence: Confidence,
        *grounds: Cue | str,
        actor: Actor | None = None,
        approval_link_helps: bool | None = None,
    ) -> Verdict:
        """A verdict on these grounds, with its cause's usual actor and remedy where none is named.

        The evidence is the decisive code and the grounds' words, each once.
        """
        words = (self.said.get(each, "") if isinstance(each, Cue) else each for each in grounds)
        evidence = dict.fromkeys(each for each in (self.code, *words) if each)
        if approval_link_helps is None:
            approval_link_helps = cause in ENDED_BY_APPROVAL
        return Verdict(
            cause=cause,
            actor=actor or ACTORS[cause],
            approval_link_helps=approval_link_helps,
            confidence=confidence,
            evidence=tuple(evidence),
            primary_code=self.code,
            shows_wall=self.shows_wall,
        )
