"""How often is too often. Counted in rows, so that limits outlive a Redis that dies."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from consent.errors import TooOften
from consent.models import RateCount


def count(kind: str, value: str, *, limit: int, span: timedelta) -> None:
    """Count one use by that subject; raises TooOften when `limit` uses within the present span are
    exceeded.

    Spans are aligned to the clock, so at worst twice the limit fits into one length of time.
    """
    if _add_one(kind, value, span) > limit:
        raise TooOften(kind)


def take_turns(kind: str, value: str) -> None:
    """Let others who count the same wait until the caller's transaction has ended."""
    _add_one(kind, value, timedelta(days=1))


def _add_one(kind: str, value: str, span: timedelta) -> int:
    subject = hmac.new(
        settings.SECRET_KEY.encode(), f"{kind}:{value}".encode(), hashlib.sha256
    ).hexdigest()
    seconds = int(span.total_seconds())
    start = datetime.fromtimestamp(int(timezone.now().timestamp()) // seconds * seconds, tz=UTC)
    row, _created = RateCount.objects.get_or_create(subject=subject, span_start=start)
    RateCount.objects.filter(pk=row.pk).update(count=F("count") + 1)
    row.refresh_from_db()
    return row.count


def count_post(kind: str, public_id: str) -> None:
    """Count one form sent through that link or ticket; raises TooOften beyond an hour's share."""
    limit = settings.POSTS_PER_LINK_AN_HOUR
    count(kind, public_id, limit=limit, span=timedelta(hours=1))


def forget_old(before: datetime) -> int:
    """Delete the counters of spans that began before that time; returns how many."""
    return RateCount.objects.filter(span_start__lt=before).delete()[0]
