"""Names that a sentence sets between backticks."""

from typing import NamedTuple

from django import template

register = template.Library()


class Part(NamedTuple):
    """A piece of a sentence; `is_name` where it stood between backticks."""

    text: str
    is_name: bool


@register.filter
def ticked(sentence: object) -> list[Part]:
    """The sentence cut at its backticks, every second piece a name; empty pieces are left out."""
    pieces = str(sentence).split("`")
    return [Part(piece, number % 2 == 1) for number, piece in enumerate(pieces) if piece]
