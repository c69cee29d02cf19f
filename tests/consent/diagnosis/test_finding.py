"""Search over the codes, and codes of a kind."""

import time

import pytest

from consent.diagnosis import Cause, all_entries, entry
from consent.diagnosis.finding import find_codes, related_codes


def numbers(asked):
    return [row.number for row in find_codes(asked)]


def test_number_finds_its_code_and_those_that_begin_with_it():
    assert numbers("90094") == ["90094", "900941"] or numbers("90094")[0] == "90094"
    assert numbers("9009")[0] == "90090" or all(each.startswith("9009") for each in numbers("9009"))
    assert {each[:4] for each in numbers("9009")} == {"9009"}


def test_words_find_codes_that_meet_all_of_them():
    assert numbers("secret expired") == ["7000222", "7000215"]


def test_words_find_codes_that_meet_all_but_one():
    assert numbers("secret expired zzz") == numbers("secret expired")


def test_words_that_meet_too_little_find_nothing():
    assert [numbers(asked) for asked in ("zzz", "secret zzz xxx", "")] == [[], [], []]


def test_words_find_other_forms_of_themselves():
    assert set(numbers("approve")) & set(numbers("approval")) != set()
    assert set(numbers("throttling")) == set(numbers("throttled")) != set()


def test_service_alone_means_all_of_them():
    everything = [row.number for row in all_entries()]

    assert [numbers("Azure AD"), numbers("the Microsoft Entra ID errors")] == [everything] * 2


def test_words_that_every_sentence_has_mean_nothing():
    assert numbers("what is the") == []


@pytest.mark.parametrize("row", all_entries(), ids=lambda row: row.code)
def test_every_code_is_found_by_its_number_and_by_its_name(row):
    assert find_codes(row.code)[0] == row
    assert not row.name or row in find_codes(row.name)


def test_search_is_quick_and_reads_no_more_than_it_says():
    start = time.process_time()

    numbers("azure " * 100_000)

    assert time.process_time() - start < 0.5


def test_related_codes_are_of_the_same_cause_and_near():
    row = entry("90094")

    related = related_codes(row)

    assert {each.cause for each in related} == {Cause.ADMIN_CONSENT_REQUIRED}
    assert (len(related), row in related) == (5, False)


def test_code_alone_in_its_kind_has_no_relatives():
    assert related_codes(entry("50105")) == ()
