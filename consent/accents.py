"""The accent hues that pages and mails may wear, and the nearest one for a vendor's brand colour.

A brand colour is somebody else's choice: too light or too dark for one of the two themes. Pages
therefore never carry it. They carry the name of a hue from `portal/static/css/tokens.css`, whose
lightness is fixed so that text stays readable in both themes; mails carry that hue's dark colour.
"""

import colorsys
import re
from typing import NamedTuple


class Accent(NamedTuple):
    """A hue: its name in `tokens.css`, and its dark colour, which carries white text."""

    name: str
    hex: str


# The colours are what tokens.css makes of each hue in the light theme.
TEAL = Accent("teal", "#005860")
GRAPHITE = Accent("graphite", "#454f54")
HUES = (
    Accent("red", "#842928"),
    Accent("rust", "#763a1c"),
    Accent("amber", "#664610"),
    Accent("olive", "#505114"),
    Accent("green", "#235b28"),
    Accent("jade", "#145a47"),
    TEAL,
    Accent("sky", "#0a5475"),
    Accent("blue", "#2b4c83"),
    Accent("indigo", "#434582"),
    Accent("violet", "#5b3b7c"),
    Accent("pink", "#792e56"),
)
# Below this saturation a colour reads as grey and its hue is chance.
GREY_BELOW = 0.12


def named(text: str) -> str:
    """The hue meant by its name or by a brand colour like `#5b2d90`; raises ValueError."""
    names = {accent.name for accent in (*HUES, GRAPHITE)}
    if text in names:
        return text
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(f"{text!r} is neither a colour like #5b2d90 nor one of {sorted(names)}.")
    return _nearest(text).name


def _nearest(brand_colour: str) -> Accent:
    hue, saturation = _hue_and_saturation(brand_colour)
    if saturation < GREY_BELOW:
        return GRAPHITE
    return min(HUES, key=lambda accent: _apart(hue, _hue_and_saturation(accent.hex)[0]))


def _hue_and_saturation(colour: str) -> tuple[float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    return hue, saturation


def _apart(one: float, other: float) -> float:
    """The distance of two hues on their circle of length 1."""
    return min(abs(one - other), 1 - abs(one - other))
