"""Alarms and canaries: what the database refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tests.factories import AlarmFactory, AppRegistrationFactory, CanaryFactory

pytestmark = pytest.mark.django_db


def test_alarm_in_words():
    app = AppRegistrationFactory(name="Acme Calendar")

    told = [str(AlarmFactory(app=app)), str(AlarmFactory(kind="mail", app=None))]

    assert told == ["A credential ends: Acme Calendar", "Mails are stuck"]


@pytest.mark.parametrize("kind", ["expiry", "mail"])
def test_second_alarm_while_one_stands_is_refused(kind):
    first = AlarmFactory(kind=kind, **({} if kind == "expiry" else {"app": None}))

    with pytest.raises(IntegrityError):
        AlarmFactory(kind=kind, app=first.app)


def test_second_alarm_after_the_first_is_fine():
    first = AlarmFactory(until=timezone.now() + timedelta(hours=1))

    assert (first.is_standing, AlarmFactory(app=first.app).is_standing) == (False, True)


def test_alarm_over_before_it_began_is_refused():
    with pytest.raises(IntegrityError, match="alarm_ends_after_it_began"):
        AlarmFactory(until=timezone.now() - timedelta(hours=1))


@pytest.mark.parametrize("kind", ["credential", "drift", "setup", "expiry"])
def test_alarm_about_an_app_without_one_is_refused(kind):
    with pytest.raises(IntegrityError, match="alarm_names_an_app_exactly_where_it_is_about_one"):
        AlarmFactory(kind=kind, app=None)


@pytest.mark.parametrize("kind", ["worker", "mail", "weather"])
def test_alarm_about_the_house_with_an_app_is_refused(kind):
    with pytest.raises(IntegrityError, match="alarm_names_an_app_exactly_where_it_is_about_one"):
        AlarmFactory(kind=kind)


def test_canary_that_stops_while_it_sings_is_refused():
    with pytest.raises(IntegrityError, match="canary_stops_only_while_silent"):
        CanaryFactory(stopped_at=timezone.now())


def test_canary_in_words():
    assert str(CanaryFactory(app__name="Acme Suite")) == "Canary of Acme Suite"
