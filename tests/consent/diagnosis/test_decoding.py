"""Text as people paste it, made readable."""

import pytest

from consent.diagnosis.decoding import HEAD, LONGEST, TAIL, folded, readable


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("Trace%20ID%3A%20x", "trace id: x"),
        ("Trace%2520ID%253A", "trace id:"),
        ("&#65;ADSTS &#x41;", "aadsts a"),
        ("%252525", "%"),
        ("&lt;b&gt;AADSTS90094&amp;amp;", "<b>aadsts90094&"),
        (r"\u0027a\u0027\r\n\"b\" c\/d", "'a'\n\n\"b\" c/d"),
        (r"half a pair: \ud83d.", "half a pair: \ufffd."),
        ("A\0A\0D\0S\0T\0S\u200b9", "aadsts9"),
        ("half a pair \ud83d!", "half a pair !"),
        ("long li=\nne", "long line"),
        ("> long li=\n> > ne", "> long line"),
        ("autorisation accordÃ©e", "autorisation accordée"),
        ("10 × 10, Ã× stays", "10 × 10, ã× stays"),
        ("ＡＡＤＳＴＳ　９００９４", "aadsts 90094"),
        ("e\u0301", "é"),
        ("50% down, &nothing;", "50% down, &nothing;"),
    ],
)
def test_readable_undoes(pasted, expected):
    assert readable(pasted) == expected


def test_readable_of_a_long_paste_is_cut():
    assert readable("a" * LONGEST + "AADSTS90094") == "a" * LONGEST


def test_readable_of_a_huge_entity_number_leaves_it():
    assert readable("&#" + "9" * 5000 + ";") == "&#" + "9" * 5000 + ";"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\n\tlines ", "two lines"),
        ('<td class="x">need</td><br/>admin', "need admin"),
        ("<redacted@> stays", "<redacted@> stays"),
        ('„quoted“ and "plain"', "'quoted' and 'plain'"),
        ("genehmigung nötig, approuvée", "genehmigung notig, approuvee"),
        ("nie można było", "nie mozna bylo"),
        ("管理者の承認が必要", "管理者の承認が必要"),
        ("access+has+been", "access has been"),
    ],
)
def test_folded_words(text, expected):
    assert folded(text) == expected


def test_folded_of_a_long_text_keeps_beginning_and_end():
    words = folded("a" * HEAD + "b" * 1000 + "c" * TAIL)
    assert words == "a" * HEAD + " " + "c" * TAIL
