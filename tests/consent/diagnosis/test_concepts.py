"""Ideas that meet in a sentence."""

import re
import tomllib

import pytest

from consent.diagnosis.concepts import ROWS, _ideas, meetings
from consent.diagnosis.cues import Cue

DATA = tomllib.loads(ROWS.read_text("utf-8"))
PARTS = [part for cue in DATA["cues"].values() for spelt in cue for part in spelt.split()]


@pytest.mark.parametrize(
    ("words", "cue", "said"),
    [
        # In any order, in other words, in another language.
        ("an admin must approve the app", "wall", "admin must approve"),
        ("approval of our admin is needed", "wall", "approval of our admin is needed"),
        ("muss vom administrator freigegeben werden", "wall", "muss vom administrator freigegeben"),
        ("管理者の許可が必要です", "wall", "管理者の許可が必要"),
        # Several words that are one idea, and one word that is two.
        ("i am an admin and cannot approve", "lacks_role", "i am an admin and cannot approve"),
        ("administratorgenehmigung muss sein", "wall", "administratorgenehmigung muss"),
        ("our admin is here. must he approve the app", "sent_to_admin", "must he approve the app"),
        # The latest of each idea before they meet is the one that counts.
        ("admin, admin, must approve", "wall", "admin, must approve"),
    ],
)  # fmt: skip
def test_meetings_of_ideas(words, cue, said):
    assert meetings(words)[cue] == said


@pytest.mark.parametrize(
    ("words", "cue"),
    [
        # Not all there, in different sentences, or too far from each other.
        ("an admin must come", "wall"),
        ("our admin left. you must approve", "wall"),
        ("our admin left。必要 approve", "wall"),
        ("admin " + "x " * 60 + "must approve", "wall"),
        # `-`: not between them; `~`: nor shortly before; `!`: nowhere in the sentence.
        ("the admin has not approved", "granted"),
        ("it must be approved by the admin", "granted"),
        ("private outlook accounts work", "personal"),
        # `&`: in the sentence before. No name of a host is an idea.
        ("our admin is away. nobody knows why. must he approve the app", "sent_to_admin"),
        ("see https://admin.example/approve?must or ben@admin.example who must approve", "wall"),
        # `^`: neither between them nor shortly behind.
        ("contact your admin to allow this location", "wall"),
        # Of several words only the first.
        ("i am an", "lacks_role"),
        ("i am an actor and cannot approve", "lacks_role"),
        ("", "wall"),
    ],
)
def test_meetings_that_are_none(words, cue):
    assert cue not in meetings(words)


def test_meetings_look_at_no_more_ideas_of_a_sentence_than_a_person_has():
    dump = "connect " * 200
    assert "wall" not in meetings(f"{dump} admin must approve")
    assert "wall" in meetings(f"{dump}. admin must approve")


def test_data_names_only_cues_and_ideas_that_there_are():
    assert {name for name in DATA["cues"] if name not in set(Cue)} == set()
    ideas = {part.lstrip("-~!^&") for part in PARTS if not part.startswith("@")}
    assert ideas ^ set(DATA["words"]) == set()


def test_data_is_folded_and_marks_only_ends():
    forms = [form for spelt in DATA["words"].values() for form in spelt.split()]
    assert [form for form in forms if form != form.casefold()] == []
    assert [form for form in forms if re.search(r"\*.|[À-ÿł]", form.replace("*_", "!"))] == []
    assert [form for form in forms if "*" in form.split("_")[0] and "_" in form] == []


@pytest.mark.parametrize("long", ["adminapprove" * 6, "管理者の承認" * 20])
def test_words_longer_than_any_are_read_and_not_kept(long):
    meetings("a")
    known = _ideas.cache_info().currsize

    assert [meetings(long), meetings(2 * long)] == [{}, {}]
    assert _ideas.cache_info().currsize == known
