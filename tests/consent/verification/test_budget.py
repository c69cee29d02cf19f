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
    budget.forget()
    yield redis_server
    budget.forget()


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


def test_without_redis_each_process_has_a_bucket_of_its_own(bucket):
    budget.take("sandbox", APP, 10)
    bucket.kill()

    assert [budget.take("sandbox", APP, wanted) for wanted in (7, 7, 7)] == [7, 3, 0]
    assert budget.take("global", APP, 500) == 10
    time.sleep(0.35)
    assert budget.take("sandbox", APP, 10) == 3


def test_redis_that_was_away_is_asked_again_after_a_while(bucket, monkeypatch):
    monkeypatch.setattr(budget, "_AWAY_S", 0.5)
    bucket.kill()
    budget.take("sandbox", APP, 10)
    bucket.start()

    assert budget.take("sandbox", APP, 10) < 5  # not asked again at once
    time.sleep(0.5)
    assert budget.take("sandbox", APP, 4) == 4
    assert bucket.client().hget(f"looks:sandbox:{APP}", "left") == b"6"


def test_address_that_only_celery_understands_counts_as_away(bucket, settings):
    settings.REDIS_URL = "sentinel://localhost:26379"

    assert [budget.take("sandbox", APP, 7), budget.take("sandbox", APP, 7)] == [7, 3]


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
