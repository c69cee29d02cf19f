"""A brand colour becomes a hue whose name the pages carry."""

import re
from pathlib import Path

import pytest

from consent import accents


@pytest.mark.parametrize(
    ("brand_colour", "name"),
    [
        ("#5b2d90", "violet"),
        ("#FF0000", "red"),
        ("#0078d4", "sky"),
        ("#ffd400", "olive"),
        ("#00a884", "jade"),
        ("#101010", "graphite"),
        ("#ffffff", "graphite"),
        ("graphite", "graphite"),
    ],
)
def test_named_gives_the_nearest_hue(brand_colour, name):
    assert accents.named(brand_colour) == name


@pytest.mark.parametrize("text", ["", "#fff", "mauve", "red;} body{display:none"])
def test_named_refuses_what_is_no_colour(text):
    with pytest.raises(ValueError, match="is neither a colour"):
        accents.named(text)


def test_every_hue_stands_in_the_style_sheet():
    tokens = (Path(accents.__file__).parent.parent / "portal/static/css/tokens.css").read_text()
    in_style_sheet = set(re.findall(r'\[data-accent="(\w+)"\]', tokens))

    assert in_style_sheet == {accent.name for accent in (*accents.HUES, accents.GRAPHITE)}


def test_mails_carry_the_same_colours():
    template = (Path(accents.__file__).parent.parent / "templates/emails/_accent.txt").read_text()
    in_mails = dict(re.findall(r'"(\w+)" %}(#\w{6})', template))

    assert in_mails == {
        accent.name: accent.hex
        for accent in (*accents.HUES, accents.GRAPHITE)
        if accent != accents.TEAL
    }
    assert template.endswith(f"{{% else %}}{accents.TEAL.hex}{{% endif %}}")
