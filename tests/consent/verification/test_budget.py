"""The looks a second that all workers share through Redis."""

import math
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


class Taking:
    """Takes, and knows how much may have run in meanwhile: ten a second."""

    def __init__(self):
        self.since = time.monotonic()

    def __call__(self, *wanted):
        return [budget.take("sandbox", APP, one) for one in wanted]

    @property
    def ran_in(self):
        return math.ceil((time.monotonic() - self.since) * 10)


def test_bucket_holds_the_looks_of_a_second(bucket):
    take = Taking()

    taken = take(4, 4, 4, 4)

    assert taken[:2] == [4, 4]
    assert 10 <= sum(taken) <= min(10 + take.ran_in, 16)


def test_bucket_is_one_for_each_app_and_cloud(bucket):
    Taking()(10)

    assert budget.take("sandbox", APP, 10) < 10
    assert budget.take("global", APP, 10) == 10
    assert budget.take("sandbox", guid("another app"), 10) == 10


def test_bucket_fills_again_and_never_runs_over(bucket):
    take = Taking()
    take(10)
    time.sleep(0.35)
    [taken] = take(10)
    assert 3 <= taken <= take.ran_in
    time.sleep(1.3)
    assert take(30) == [10]


def test_what_is_left_is_told_without_taking_any(bucket):
    full = budget.left("sandbox", APP)
    budget.take("sandbox", APP, 10)
    told = [budget.left("sandbox", APP) for _time in range(2)]
    bucket.kill()

    assert (full, [one < 5 for one in told]) == (10.0, [True, True])
    assert budget.left("sandbox", APP) is None


def test_without_redis_each_process_has_a_bucket_of_its_own(bucket):
    Taking()(10)
    bucket.kill()

    take = Taking()
    first, *more = take(7, 7, 7)
    assert first == 7
    assert 10 <= first + sum(more) <= 10 + take.ran_in
    assert budget.take("global", APP, 500) == 10
    time.sleep(0.35)
    [taken] = take(10)
    assert 3 <= taken <= take.ran_in


def test_redis_that_was_away_is_asked_again_after_a_while(bucket, monkeypatch):
    monkeypatch.setattr(budget, "_AWAY_S", 0.5)
    bucket.kill()
    budget.take("sandbox", APP, 10)
    bucket.start()

    assert budget.take("sandbox", APP, 10) < 10  # not asked again at once
    time.sleep(0.5)
    assert budget.take("sandbox", APP, 4) == 4
    assert bucket.client().hget(f"looks:sandbox:{APP}", "left") == b"6"


def test_address_that_only_celery_understands_counts_as_away(bucket, settings):
    settings.REDIS_URL = "sentinel://localhost:26379"

    take = Taking()
    taken = take(7, 7)
    assert 10 <= sum(taken) <= 10 + take.ran_in


@pytest.mark.django_db
def test_claim_beyond_the_budget_leaves_the_monitor_due(bucket):
    app = seeded_app("acme-calendar")
    watched = [WatchFactory(of=ConsentRequestFactory(granted=True, app=app)) for _ in range(6)]
    waited = [WatchFactory(of=ConsentRequestFactory(asked=True, app=app)) for _ in range(6)]

    claimed = {claimed.watch_id for claimed in claim()}

    assert len(claimed) == 10
    assert {watch.pk for watch in waited} <= claimed
    left = Watch.objects.filter(pk__in=[watch.pk for watch in watched], lease_until=None)
    assert left.filter(next_check_at__lte=timezone.now()).count() == 2
