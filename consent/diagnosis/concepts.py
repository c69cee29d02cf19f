"""What people say in their own words: ideas that meet in one sentence, whatever the language.

The ideas and their meetings are data/concepts.toml. Words are looked up by their beginnings in
dictionaries, so that a long text costs linear time.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

ROWS = Path(__file__).parent / "data" / "concepts.toml"

# Writing without blanks: there an idea may begin at every character.
_DENSE = "\u3005\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[^\W_{_DENSE}]+|[{_DENSE}]+|[.!?;](?=\s)|[。！？；]")
_ENDS = frozenset(".!?;。！？；")
# Names of hosts are not what somebody says.
_ADDRESS = re.compile(r"https?://[!-~]+|@[a-z0-9.-]+")
_DENSE_RUN = re.compile(f"[{_DENSE}]")
_NEAR, _SHORTLY_BEFORE, _SHORTLY_AFTER = 70, 25, 20
# A text that names more ideas in one sentence than a person does is a log or a dump.
_MOST = 120
# Longer ones are no words of a language's, and would only fill memory.
_LONGEST_KEPT = 64


class _Place(NamedTuple):
    """An idea, and where it stands."""

    idea: str
    start: int
    end: int


@dataclass(frozen=True)
class _Meeting:
    """Ideas that give a cue together, and those that take it away."""

    cue: str
    ideas: frozenset[str]
    not_between: frozenset[str]
    not_before: frozenset[str]
    not_beside: frozenset[str]
    not_after: frozenset[str]
    said_before: frozenset[str]
    gap: int


@dataclass(frozen=True)
class _Lexicon:
    """Ideas by whole words, by beginnings, and by the first word of several; and the numbers of
    the meetings, each under its rarest idea alone.
    """

    whole: dict[str, set[str]]
    beginnings: dict[str, set[str]]
    several: dict[str, list[tuple[tuple[str, ...], str]]]
    longest: int
    meetings: tuple[_Meeting, ...]
    under: dict[str, tuple[int, ...]]


def _meeting(cue: str, spelt: str) -> _Meeting:
    parts, gap = spelt.split(), _NEAR
    for part in parts:
        if part.startswith("@"):
            gap = int(part[1:])

    def marked(mark: str) -> frozenset[str]:
        return frozenset(part[1:] for part in parts if part[0] == mark)

    ideas = frozenset(part for part in parts if part.isidentifier())
    return _Meeting(
        cue, ideas, marked("-"), marked("~"), marked("!"), marked("^"), marked("&"), gap
    )


@cache
def _lexicon() -> _Lexicon:
    with ROWS.open("rb") as rows:
        data = tomllib.load(rows)
    whole: dict[str, set[str]] = defaultdict(set)
    beginnings: dict[str, set[str]] = defaultdict(set)
    several: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for idea, spelt in data["words"].items():
        for form in spelt.split():
            first, *rest = form.split("_")
            if rest:
                several[first].append((tuple(rest), idea))
            elif form.endswith("*") or _DENSE_RUN.match(form):
                beginnings[form.rstrip("*")].add(idea)
            else:
                whole[form].add(idea)
    meetings = tuple(
        _meeting(cue, each)
        for cue, several_of_cue in data["cues"].items()
        for each in several_of_cue
    )
    return _Lexicon(
        whole=dict(whole),
        beginnings=dict(beginnings),
        several=dict(several),
        longest=max(map(len, beginnings)),
        meetings=meetings,
        under=_under_the_rarest(meetings),
    )


def _under_the_rarest(meetings: tuple[_Meeting, ...]) -> dict[str, tuple[int, ...]]:
    times = Counter(idea for meeting in meetings for idea in meeting.ideas)
    under: dict[str, list[int]] = defaultdict(list)
    for number, meeting in enumerate(meetings):
        under[min(meeting.ideas, key=lambda idea: (times[idea], idea))].append(number)
    return {idea: tuple(numbers) for idea, numbers in under.items()}


def _is(word: str, form: str) -> bool:
    return word.startswith(form[:-1]) if form.endswith("*") else word == form


def _begun(word: str, at: int, lexicon: _Lexicon) -> Iterator[tuple[str, int, int]]:
    """The ideas whose beginning stands at this place of a word, with their own places in it."""
    for end in range(at + 1, min(len(word), at + lexicon.longest) + 1):
        for idea in lexicon.beginnings.get(word[at:end], ()):
            yield idea, at, end


@lru_cache(maxsize=4096)
def _ideas(word: str) -> tuple[tuple[str, int, int], ...]:
    """The ideas of one word, each with its place in it."""
    lexicon = _lexicon()
    if _DENSE_RUN.match(word):
        found = (each for at in range(len(word)) for each in _begun(word, at, lexicon))
        return tuple(islice(found, _MOST))
    begun = {idea for idea, _start, _end in _begun(word, 0, lexicon)}
    return tuple((idea, 0, len(word)) for idea in sorted(begun | lexicon.whole.get(word, set())))


@lru_cache(maxsize=8192)
def _begun_by(first: str, second: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The words that may follow the first of several, and the idea of all; for that second word."""
    return tuple((rest, idea) for rest, idea in _lexicon().several[first] if _is(second, rest[0]))


def _opened(words: list[str], at: int) -> Iterator[tuple[str, int]]:
    """The ideas of several words, of which this is the first, and how many words each takes."""
    second = words[at + 1][:_LONGEST_KEPT] if at + 1 < len(words) else ""
    for rest, idea in _begun_by(words[at], second):
        following = words[at + 1 : at + 1 + len(rest)]
        if len(following) == len(rest) and all(map(_is, following, rest)):
            yield idea, len(rest)


def _sentences(text: str) -> Iterator[list[_Place]]:
    """The ideas of each sentence that has any, in order."""
    matches = list(_WORD.finditer(text))
    words, opening = [match[0] for match in matches], _lexicon().several
    found: list[_Place] = []
    for at, word in enumerate(words):
        if word in _ENDS:
            if found:
                yield found
            found = []
        elif len(found) < _MOST:
            known = _ideas if len(word) <= _LONGEST_KEPT else _ideas.__wrapped__
            ideas, start = known(word), matches[at].start()
            if ideas:
                found += [_Place(idea, start + since, start + to) for idea, since, to in ideas]
            if word in opening:
                found += [
                    _Place(idea, start, matches[at + n].end()) for idea, n in _opened(words, at)
                ]
    yield found


def _span(meeting: _Meeting, places: list[_Place]) -> tuple[int, int] | None:
    """Where the ideas meet within the gap, and nothing stands in between that forbids it."""
    latest: dict[str, _Place] = {}
    for place in places:
        if place.idea not in meeting.ideas:
            continue
        latest[place.idea] = place
        if len(latest) < len(meeting.ideas):
            continue
        met = latest.values()
        start, end = min(each.start for each in met), max(each.end for each in met)
        gap = end - start - sum(each.end - each.start for each in set(met))
        if gap <= meeting.gap and not _forbidden(meeting, places, start, end):
            return start, end
    return None


def _forbidden(meeting: _Meeting, places: list[_Place], start: int, end: int) -> bool:
    return any(
        each.idea in meeting.not_beside
        or (each.idea in meeting.not_between and start <= each.start < end)
        or (each.idea in meeting.not_before and start - _SHORTLY_BEFORE <= each.start < end)
        or (each.idea in meeting.not_after and start <= each.start < end + _SHORTLY_AFTER)
        for each in places
    )


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match[0])


def meetings(words: str) -> dict[str, str]:
    """The cues that a folded text gives by ideas that meet, each with the words between them."""
    found: dict[str, str] = {}
    before: frozenset[str] = frozenset()
    under = _lexicon().under
    for places in _sentences(_ADDRESS.sub(_blanked, words)):
        ideas = frozenset(each.idea for each in places)
        for number in sorted(chain.from_iterable(under.get(idea, ()) for idea in ideas)):
            meeting = _lexicon().meetings[number]
            if meeting.cue in found or not meeting.ideas <= ideas:
                continue
            if not meeting.said_before <= before:
                continue
            if span := _span(meeting, places):
                found[meeting.cue] = words[slice(*span)]
        before = ideas
    return found
