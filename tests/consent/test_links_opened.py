"""Who opens a link: a person, or a mail scanner."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import links
from consent.models import Watch
from tests.consent.rows_stage import events
from tests.factories import (
    ApprovalLinkFactory,
    OutboxMessageFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def opened(link, method="GET", minutes=0):
    links.opened(link, method=method, at=NOON + timedelta(minutes=minutes))


def delivered(link):
    OutboxMessageFactory(
        kind="approval_request", link=link, ticket=None, to=link.recipient, sent=True, sent_at=NOON
    )


def test_opened_by_a_person_is_news_for_the_watch(link):
    delivered(link)

    opened(link, minutes=2)

    link.refresh_from_db()
    assert link.opened_at == NOON + timedelta(minutes=2)
    assert events() == [("link_opened", "")]
    assert Watch.objects.get(app=link.request.app).opened_at is not None


@pytest.mark.parametrize(("method", "minutes"), [("HEAD", 60), ("GET", 0), ("GET", 1.99)])
def test_opened_by_a_scanner_is_nothing(link, method, minutes):
    delivered(link)

    opened(link, method, minutes)

    link.refresh_from_db()
    assert (link.opened_at, events(), Watch.objects.count()) == (None, [], 0)


def test_opened_before_the_mail_left_is_by_a_person(link):
    opened(link)

    assert events() == [("link_opened", "")]


def test_opened_when_it_is_closed_is_nothing():
    opened(ApprovalLinkFactory(declined=True), minutes=60)

    assert events() == []


@time_machine.travel(NOON)
def test_opened_again_counts_after_five_minutes(link):
    for minutes in (10, 11, 14, 16):
        opened(link, minutes=minutes)

    assert [kind for kind, _detail in events()] == ["link_opened", "link_opened"]
