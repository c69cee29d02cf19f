"""The next step in words."""

import re

import pytest

from consent.diagnosis import Audience, Cause, advice, all_entries, diagnose
from consent.diagnosis.advice import lazy_advice, overrides


@pytest.mark.parametrize("audience", Audience)
def test_advice_exists_for_every_cause_once(audience):
    paragraphs = [advice(cause, audience) for cause in Cause]
    assert len(set(paragraphs)) == len(Cause)
    assert [text for text in paragraphs if not text.endswith(".") or "\n" in text] == []


@pytest.mark.parametrize("audience", Audience)
def test_advice_renders_for_every_code(audience):
    texts = [lazy_advice(each.cause, each.code, audience) for each in all_entries()]
    assert [text for text in texts if not str(text)] == []


@pytest.mark.parametrize("audience", Audience)
def test_advice_keeps_to_the_words_of_the_house(audience):
    texts = " ".join(advice(cause, audience) for cause in Cause)
    assert re.findall(r"!|\bsimply\b|\bplease\b|\bAAD\b|\bjust\b", texts, re.IGNORECASE) == []


def test_advice_of_a_requester_names_no_administrators_menu_as_his_own_step():
    texts = [advice(cause, Audience.REQUESTER) for cause in Cause]
    assert [
        text for text in texts if re.search(r"\b(?:set|open|enable|assign) .{0,30}Enterprise", text)
    ] == []


def test_advice_of_a_code_that_changes_the_next_step():
    diagnosis = diagnose("AADSTS50057")
    assert advice(diagnosis, Audience.REQUESTER) == str(diagnosis.advice)
    assert advice(diagnosis, Audience.REQUESTER) != advice(diagnosis.cause, Audience.REQUESTER)
    assert advice(diagnosis, Audience.AGENT) == advice(diagnosis.cause, Audience.AGENT)


def test_overrides_belong_to_the_cause_of_their_code():
    causes = {each.code: each.cause for each in all_entries()}
    assert {code: cause for cause, code in overrides.ADVICE} == {
        code: causes[code] for _cause, code in overrides.ADVICE
    }


@pytest.mark.parametrize("audience", Audience)
def test_advice_begins_with_the_next_step(audience):
    texts = [advice(cause, audience) for cause in Cause]
    texts += [str(rows[audience]) for rows in overrides.ADVICE.values() if audience in rows]
    assert {text.split()[0] for text in texts} - {
        *("Ask", "Check", "Compare", "Connect", "Drop", "Enable", "Find", "Forward", "Go", "Hand"),
        *("Honour", "Invite", "Keep", "Leave", "Let", "Log", "Look", "Offer", "Open", "Raise"),
        *("Renew", "Repair", "Resolve", "Return", "Send", "Set", "Show", "Sign", "Start", "Tell"),
        *("Try", "Use", "Wait", "Write"),
    } == set()


@pytest.mark.parametrize("audience", Audience)
def test_advice_names_menus_as_they_are_called_now(audience):
    texts = " ".join(advice(cause, audience) for cause in Cause)
    texts += " ".join(str(rows.get(audience)) for rows in overrides.ADVICE.values())
    assert re.findall(r"Enterprise applications|Azure A", texts) == []
