from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import proofs
from consent.errands import Errand, seal, unseal
from consent.models import ConsentAttempt
from tests.factories import ConsentAttemptFactory, guid

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ERRAND = Errand(
    request_id=1,
    back_to="/t/token/",
    attempt_id=2,
    stage="coverage",
    person=guid("ana"),
    covered=((guid("api"), "delegated", "Mail.Read"),),
    flow={"state": "x", "code_verifier": "secret"},
)


def test_errand_sealed_is_the_same_unsealed_and_says_nothing():
    sealed = seal(ERRAND)

    assert unseal(sealed) == ERRAND
    assert "secret" not in sealed


@pytest.mark.parametrize("sealed", ["", "made-up", "ä", seal(ERRAND)[:-4], "x" + seal(ERRAND)])
def test_errand_that_is_not_ours_is_none(sealed):
    assert unseal(sealed) is None


def test_errand_is_void_after_ten_minutes():
    with time_machine.travel(NOON):
        sealed = seal(ERRAND)
    with time_machine.travel(NOON + timedelta(minutes=9)):
        assert unseal(sealed) == ERRAND
    with time_machine.travel(NOON + timedelta(minutes=11)):
        assert unseal(sealed) is None


def test_errand_outlives_a_change_of_keys_by_the_fallbacks(settings):
    sealed, old_key = seal(ERRAND), settings.LINK_KEY
    settings.LINK_KEY = "another key"
    assert unseal(sealed) is None

    settings.LINK_KEY_FALLBACKS = [old_key]
    assert unseal(sealed) == ERRAND


def at(seconds):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def attempt(db):
    return ConsentAttemptFactory(claimed=True, returned_at=NOON)


def test_result_page_tries_again_five_times(attempt):
    tried = []
    for second in range(0, 200):
        if proofs.due_retry(ConsentAttempt.objects.get(pk=attempt.pk), at(second)):
            tried.append(second)

    assert tried == [5, 10, 20, 40, 80]


def test_result_page_opened_late_tries_once_for_what_it_missed(attempt):
    assert proofs.due_retry(attempt, at(25)) is True

    attempt.refresh_from_db()
    assert attempt.proof_tries == 3
    assert proofs.due_retry(attempt, at(26)) is False
    assert proofs.due_retry(attempt, at(40)) is True


def test_two_result_pages_try_once(attempt):
    twin = ConsentAttempt.objects.get(pk=attempt.pk)

    assert [proofs.due_retry(one, at(5)) for one in (attempt, twin)] == [True, False]


def test_result_page_does_not_try_for_a_visible_sign_in_or_a_browser_still_away(attempt):
    attempt.needs_sign_in = True
    away = ConsentAttemptFactory()

    for one in (attempt, away, None):
        assert proofs.next_retry_in(one, at(60)) is None
    assert [proofs.due_retry(one, at(60)) for one in (attempt, away)] == [False, False]


@pytest.mark.parametrize(
    ("tries", "second", "wait"), [(0, 0, 5), (0, 4.5, 1), (1, 6, 4), (4, 40, 40), (5, 80, None)]
)
def test_result_page_knows_when_it_tries_next(attempt, tries, second, wait):
    attempt.proof_tries = tries

    left = proofs.next_retry_in(attempt, at(second))

    assert left == (wait and timedelta(seconds=wait))


def test_visible_sign_in_is_no_longer_needed_once_it_began(attempt):
    ConsentAttempt.objects.update(needs_sign_in=True)

    errand = proofs.errand_for(attempt, "/a/token/result/", visible=True)

    attempt.refresh_from_db()
    assert (errand.visible, errand.attempt_id, errand.request_id) == (
        True,
        attempt.pk,
        attempt.request.pk,
    )
    assert attempt.needs_sign_in is False
