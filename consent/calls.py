"""Writes down how often Microsoft was called, so that one page can tell it for every process."""

from django.db import transaction
from django.db.models import F

from consent.models import CallCount
from tenants.microsoft import tally


def write_down() -> int:
    """Add this process' calls to the rows; returns how many there were. Several may do it at once.

    What a process counted and never wrote down dies with it: these are numbers to look at.
    """
    taken = tally.take()
    with transaction.atomic():
        # In one order everywhere, so that no two processes wait for each other in a ring.
        for (endpoint, status), number in sorted(taken.items()):
            row, _new = CallCount.objects.get_or_create(endpoint=endpoint, status=status)
            CallCount.objects.filter(pk=row.pk).update(count=F("count") + number)
    return sum(taken.values())
