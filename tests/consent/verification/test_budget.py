"""The looks a second that all workers share through Redis."""

import time

import pytest
from django.utils import timezone

from consent.models import Watch
from consent.verification import budget
from consent.verification.claiming import claim
from tests.factories import ConsentRequestFactory, WatchFactory, guid, seeded_app

APP = guid("an app")


@pytest.fixture
def bucket(redis_server, settings):
    """A bucket of ten looks a second."""
    settings.REDIS_URL, settings.LOOKS_A_SECOND = redis_server.url, 10
    yield redis_server
    budget._away_until.clear()


def test_bucket_holds_the_looks_of_a_second(bucket):
    assert [budget.take("sandbox", APP, wanted) for wanted in (4, 4, 4, 4)] == [4, 4, 2, 0]


def test_bucket_is_one_for_each_app_and_cloud(bucket):
    budget.take("sandbox", APP, 10)

    assert budget.take("sandbox", APP, 1) == 0
    assert budget.take("global", APP, 1) == 1
    assert budget.take("sandbox", guid("another app"), 1) == 1


def test_bucket_fills_again_and_never_runs_over(bucket):
    budget.take("sandbox", APP, 10)
    time.sleep(0.35)
    assert budget.take("sandbox", APP, 10) == 3
    time.sleep(1.3)
    assert budget.take("sandbox", APP, 30) == 10


def test_without_redis_nobody_is_held_up(bucket):
    budget.take("sandbox", APP, 10)
    bucket.kill()

    assert budget.take("sandbox", APP, 500) == 500

    bucket.start()
    started = time.monotonic()
    assert budget.take("sandbox", APP, 500) == 500  # not asked again at once
    assert time.monotonic() - started < 0.05


@pytest.mark.django_db
def test_claim_beyond_the_budget_leaves_the_monitor_due(bucket):
    app = seeded_app("acme-calendar")
    watched = [WatchFactory(of=ConsentRequestFactory(granted=True, app=app)) for _ in range(6)]
    waited = [WatchFactory(of=ConsentRequestFactory(asked=True, app=app)) for _ in range(6)]

    claimed = {errand.watch_id for errand in claim()}

    assert len(claimed) == 10
    assert {watch.pk for watch in waited} <= claimed
    left = Watch.objects.filter(pk__in=[watch.pk for watch in watched], lease_until=None)
    assert left.filter(next_check_at__lte=timezone.now()).count() == 2
