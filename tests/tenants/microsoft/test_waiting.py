"""`Retry-After` in all the shapes that servers send."""

import time
from email.utils import formatdate

import pytest

from tenants.microsoft.waiting import wait_in_seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("60", 60.0),
        ("2.128", 2.128),
        ("0", 0.0),
        ("-5", 0.0),
        ("1e9", 3600.0),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        (formatdate(0, usegmt=True), 0.0),
        ("Thu, 01 Jan 1970 00:00:00 -0000", 0.0),
    ],
)
def test_wait_in_seconds_of_whole_numbers_fractions_dates_and_nonsense(header, seconds):
    assert wait_in_seconds(header) == seconds


def test_wait_in_seconds_of_a_date_ahead():
    seconds = wait_in_seconds(formatdate(time.time() + 90, usegmt=True))

    assert seconds == pytest.approx(90, abs=2)
