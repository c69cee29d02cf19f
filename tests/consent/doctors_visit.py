"""A ticket before the doctor, and what is found of it."""

from datetime import timedelta

from django.utils import timezone

from consent.doctor import Finding, Standing, examine
from tests.factories import CheckFactory, EvidenceFactory, GrantFactory, WatchFactory

NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=3)
FOUND, OUT, OPEN = Standing.FOUND, Standing.RULED_OUT, Standing.NOT_KNOWN


def of(ticket, reason) -> Finding:
    """What the doctor says of one reason."""
    return next(each for each in examine(ticket, at=NOW).findings if each.reason == reason)


def looked(ticket, outcome, at=LONG_AGO):
    """One look of the worker."""
    watch = ticket.tenant.watches.first() or WatchFactory(of=ticket.request)
    return CheckFactory(watch=watch, outcome=outcome, at=at)


def own_test(ticket, said):
    """The person's own test ended like that."""
    return EvidenceFactory(
        request=ticket.request, kind="coverage", said=said, ticket=ticket, at=LONG_AGO
    )


def grants(ticket, *values, **fields):
    """What a look saw granted in that organisation."""
    for value in values:
        GrantFactory(
            tenant=ticket.tenant, app=ticket.app, value=value, observed_at=LONG_AGO, **fields
        )
