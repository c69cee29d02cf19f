"""What office workers say and paste, in ten languages: the sentences are ours, in utterances.jsonl.

`causes` begins with the best answer; the others are right as well, each with one of the `actors`.
"""

import json
from pathlib import Path

import pytest

from consent.diagnosis import diagnose

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "utterances.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['lang']}-{at}" for at, row in enumerate(ROWS)])
def test_utterance_is_understood(row):
    told = diagnose(row["said"])

    assert told.cause in row["causes"]
    assert sorted(told.codes) == sorted(row.get("codes", []))
    named = told.as_dict()
    assert {name: named[name] for name in row.get("names", {})} == row.get("names", {})
    if told.cause == row["causes"][0]:
        assert told.actor in row["actors"]
        assert told.approval_link_helps == row["approval_link_helps"]


def test_utterances_of_every_language_and_nearly_every_cause():
    assert {row["lang"] for row in ROWS} == {
        *("de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "zh")
    }
    assert len({row["causes"][0] for row in ROWS}) >= 20
