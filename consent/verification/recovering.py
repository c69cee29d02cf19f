"""After an outage: whoever was given up for a while is looked at soon."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from consent.models import Watch
from consent.verification.schedule import FAILING

#: Looks that have failed for longer come so seldom that they would not notice the end.
LONG: Final = FAILING[0][0]
SOON: Final = timedelta(seconds=30)
#: Rows in one statement.
AT_ONCE: Final = 500


def answered_again(cloud: str, failed_for: timedelta) -> None:
    """Microsoft told something about a tenant of that cloud again, after so long. Where those were
    hours it was probably no trouble of that tenant alone: the others that have failed as long are
    looked at within half a minute.
    """
    if failed_for < LONG:
        return
    soon = timezone.now() + SOON
    others = Watch.objects.filter(
        app__cloud=cloud, failing_since__lte=timezone.now() - LONG, next_check_at__gt=soon
    )
    while _bring_forward(others.order_by("pk"), soon) == AT_ONCE:
        pass


@transaction.atomic
def _bring_forward(others: "QuerySet[Watch]", soon: datetime) -> int:
    if connection.features.has_select_for_update_skip_locked:
        # Whoever holds one of these is about to write when to look there.
        others = others.select_for_update(skip_locked=True, of=("self",))
    keys = list(others.values_list("pk", flat=True)[:AT_ONCE])
    return Watch.objects.filter(pk__in=keys).update(next_check_at=soon)
