"""Instants are said in their largest unit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.templatetags.moments import since


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=20), "0\xa0minutes"),
        (timedelta(minutes=1), "1\xa0minute"),
        (timedelta(hours=3, minutes=12), "3\xa0hours"),
        (timedelta(days=15), "2\xa0weeks"),
    ],
)
def test_since_says_the_largest_unit(ago, said):
    assert since(timezone.now() - ago) == said


def test_since_of_nothing_is_empty():
    assert since(None) == ""
