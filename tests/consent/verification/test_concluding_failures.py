"""When a look that could not find out is made again."""

from datetime import timedelta

import pytest

from tests.consent.verification.look_stage import NOON, finding, look
from tests.factories import ConsentRequestFactory, WatchFactory

pytestmark = pytest.mark.django_db

ABSENT, FAILED = finding("absent"), finding("throttled", retry_after=2.5)


def test_looks_that_fail_come_ever_later_and_soon_again_after_an_answer():
    request = ConsentRequestFactory(asked=True)
    found = [ABSENT, FAILED, FAILED, FAILED, FAILED, ABSENT, finding("unreachable")]
    gaps = []
    for minute, one in zip([0, 10, 11, 14, 90, 91, 92], found, strict=True):
        watch = look(request, one, minutes=minute)
        gaps.append((watch.next_check_at - watch.last_look_at).total_seconds() / 60)

    # With a tenth of jitter; the first look waits as usual.
    expected = [45, 1, 1, 4, 6, 45, 1]
    assert gaps == [pytest.approx(minutes, rel=0.11) for minutes in expected]


def test_look_that_failed_before_a_later_one_told_something_comes_again_soon():
    request = ConsentRequestFactory(asked=True)
    look(request, ABSENT, minutes=1)

    watch = look(request, FAILED)

    assert (watch.next_check_at - watch.last_look_at).total_seconds() == pytest.approx(60, rel=0.11)


def test_tenant_that_is_throttled_as_a_whole_rests_for_all_apps():
    request = ConsentRequestFactory(asked=True)
    other = WatchFactory(tenant=request.tenant)
    elsewhere = WatchFactory()

    watch = look(request, finding("throttled", code="AADSTS90055", retry_after=90.0))

    for one in (other, elsewhere):
        one.refresh_from_db()
    rest = (watch.not_before, other.not_before, elsewhere.not_before)
    assert rest == (NOON + timedelta(seconds=90), NOON + timedelta(seconds=90), None)
