"""What is looked for before an expression is tried stands in everything that it finds."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.diagnosis.cues import _one_of, _patterns

QUICKLY = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)


@pytest.mark.parametrize(
    ("branch", "texts"),
    [
        ("recus(?:e|ei)", ("recus",)),
        (r"\b(?:clicked|pressed) (?:on )?'?(?:cancel|no)\b", ("clicked", "pressed")),
        ("(?:abcdef)?gh", ("gh",)),
        ("(?:abcdef)*gh", ("gh",)),
        ("(?<!not )ok", ("ok",)),
        (r"(?:one(?:two)?|[(]three)x", ("one", "three")),
        (r"\(a\)(?:longer|words)", ("longer", "words")),
        ("colou?r", ("colo",)),
        ("(?:a|)b", ("b",)),
    ],
)
def test_one_of_these_texts_has_to_be_there(branch, texts):
    assert _one_of(branch) == texts


@pytest.mark.parametrize("cue", list(_patterns()))
@QUICKLY
@given(data=st.data())
def test_whatever_an_expression_finds_has_one_of_its_texts(cue, data):
    texts, pattern = data.draw(st.sampled_from(_patterns()[cue]))
    found = data.draw(st.from_regex(pattern))

    assert any(text in found for text in texts)
