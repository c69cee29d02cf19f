import pytest

from consent import calls
from consent.models import CallCount
from tenants.microsoft import tally

pytestmark = pytest.mark.django_db


def written():
    return {(row.endpoint, row.status): row.count for row in CallCount.objects.all()}


def test_calls_are_added_to_what_stands_there():
    tally.take()
    CallCount.objects.create(endpoint="token", status="200", count=40)
    tally.count("token", 200)
    tally.count("graph", None)

    told = calls.write_down(), calls.write_down()

    assert (told, written()) == ((2, 0), {("token", "200"): 41, ("graph", "none"): 1})
    assert [str(row) for row in CallCount.objects.order_by("pk")] == ["token 200", "graph none"]
