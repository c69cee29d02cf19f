"""The cues that known sentences give."""

import json
import re
import tomllib
from pathlib import Path

from consent.diagnosis.cues import ROWS, Cue, printed
from consent.diagnosis.reader import read

DATA = tomllib.loads(ROWS.read_text("utf-8"))


def test_cues_of_data_are_known():
    assert {name for name in DATA["cues"] if name not in set(Cue)} == set()


def test_cues_are_those_that_the_expressions_of_the_data_find():
    spelt = {
        cue: "|".join(patterns).replace("<somebody>", DATA["parts"]["somebody"])
        for cue, patterns in DATA["cues"].items()
    }
    for name in ("admin", "approved", "period"):
        spelt = {c: each.replace(f"<{name}>", DATA["parts"][name]) for c, each in spelt.items()}
    known = {cue: re.compile(each) for cue, each in spelt.items()}
    rows = (Path(__file__).parent / "utterances.jsonl").read_text("utf-8").splitlines()
    for words in (read(json.loads(row)["said"]).words for row in rows):
        found = {cue: match[0] for cue, each in known.items() if (match := each.search(words))}
        assert printed(words) == found
