"""What time alone brings about. Everything here may run twice and in several workers at once."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from consent import events, placing, requests, watching
from consent.actors import WORKER
from consent.models import (
    ApprovalLink,
    Check,
    ConsentAttempt,
    ConsentRequest,
    Event,
    InvalidTransition,
    OutboxMessage,
    Ticket,
)
from consent.outbox import messages
from consent.rates import forget_old
from consent.verification.gathering import CLAIM_HOLDS
from tenants.models import Contact

AWAY: Final = timedelta(minutes=5)
DECLINE_HOLDS: Final = timedelta(hours=24)
logger = logging.getLogger(__name__)
UNCONFIRMED_KEPT: Final = timedelta(days=14)
CHECKS_KEPT: Final = timedelta(days=30)
#: Looks deleted with one statement, and seconds that one sweep may spend on them.
PRUNED: Final = 500
PRUNED_FOR_S: Final = 5.0
#: How often a tenant that could not be looked up is sought while the ticket is young, and later.
SOUGHT_SOON: Final = timedelta(seconds=30)
SOUGHT_LATER: Final = timedelta(minutes=10)
SOUGHT_AT_ONCE: Final = 20
SOUGHT_FOR_S: Final = 10.0
AT_ONCE: Final = 200


def sweep() -> None:
    """Every deadline, one after the other."""
    steps: tuple[Callable[[], None], ...] = (
        place_what_was_lost,
        ask_about_trips,
        forget_claims,
        remind_those_who_wanted_later,
        close_declined,
        # Before its last link ends, or the request would go back to triage first.
        expire_requests,
        close_links,
        erase_unconfirmed,
        prune,
    )
    for step in steps:
        try:
            step()
        except Exception:  # one bad row must not stop every other deadline for ever
            logger.exception("a deadline failed: %s", step.__name__)


def place_what_was_lost() -> None:
    """Confirmed tickets whose tenant could not be looked up at once: in turn, and for a few seconds
    at a time, for while Microsoft keeps silent each may take half a minute.
    """
    until = monotonic() + SOUGHT_FOR_S
    for key, sought_at in _lost().values_list("pk", "sought_at")[:SOUGHT_AT_ONCE]:
        if monotonic() > until:
            return
        # Another sweep may be at it.
        mine = Ticket.objects.filter(pk=key, sought_at=sought_at, placed_at__isnull=True)
        if mine.update(sought_at=timezone.now()):
            about = Ticket.objects.select_related("contact", "app", "tenant", "administrator")
            placing.place(about.get(pk=key))


def _lost() -> QuerySet[Ticket]:
    """Those whose turn it is: soon again while they are young, then more seldom; whoever was never
    sought comes first.
    """
    now = timezone.now()
    again = Q(sought_at__isnull=True) | Q(sought_at__lt=now - SOUGHT_LATER)
    again |= Q(sought_at__lt=now - SOUGHT_SOON, confirmed_at__gt=now - SOUGHT_LATER)
    return Ticket.objects.filter(
        again,
        placed_at__isnull=True,
        state=Ticket.State.OPEN,
        contact__isnull=False,
        confirmed_at__lt=now - timedelta(seconds=5),
    ).order_by(F("sought_at").asc(nulls_first=True), "pk")


def ask_about_trips() -> None:
    """A trip that did not come back within five minutes is looked into and shows on the status
    page.
    """
    gone = ConsentAttempt.objects.filter(
        outcome=ConsentAttempt.Outcome.AWAY,
        asked_about_at__isnull=True,
        left_at__lt=timezone.now() - AWAY,
    ).exclude(request__app__credential="")  # nobody comes back from there
    for attempt in gone.select_related("link", "request")[:AT_ONCE]:
        with transaction.atomic():
            rows = ConsentAttempt.objects.filter(pk=attempt.pk, asked_about_at__isnull=True)
            if rows.update(asked_about_at=timezone.now()) and attempt.request.is_open:
                events.record(Event.Kind.LINK_AWAY, by=WORKER, link=attempt.link)
                watching.wanted(attempt.request)


def forget_claims() -> None:
    """A claim without proof for 24 hours: back to asked."""
    old = timezone.now() - CLAIM_HOLDS
    for request in ConsentRequest.objects.filter(
        state=ConsentRequest.State.CLAIMED, claimed_at__lt=old
    )[:AT_ONCE]:
        with transaction.atomic():
            try:
                request.move(ConsentRequest.State.ASKED, claimed_at=None)
            except InvalidTransition:
                continue
            events.record(Event.Kind.REQUEST_UNPROVED, by=WORKER, request=request)
            requests.back_to_triage(request)
            watching.wanted(request)


def remind_those_who_wanted_later() -> None:
    """The day an administrator named has come: the mail goes once more."""
    today = timezone.localdate()
    due = ApprovalLink.objects.filter(
        state=ApprovalLink.State.LIVE,
        later_until__lte=today,
        recipient__isnull=False,
        request__state="asked",
    )
    for link in due.select_related("recipient", "from_ticket")[:AT_ONCE]:
        assert link.recipient
        with transaction.atomic():
            ApprovalLink.objects.filter(pk=link.pk).update(later_until=None)
            key = f"approval-request:{link.pk}:later:{link.later_until}"
            messages.queue(
                "approval_request", key=key, to=link.recipient, link=link, ticket=link.from_ticket
            )


def close_links() -> None:
    """Links end 30 days after they were made or last sent."""
    over = ApprovalLink.objects.filter(state=ApprovalLink.State.LIVE, expires_at__lt=timezone.now())
    for link in over.select_related("request")[:AT_ONCE]:
        with transaction.atomic():
            request = requests.lock(link.request)
            try:
                link.move(ApprovalLink.State.EXPIRED, closed_at=timezone.now())
            except InvalidTransition:
                continue
            events.record(Event.Kind.LINK_EXPIRED, by=WORKER, link=link)
            requests.back_to_triage(request)


def close_declined() -> None:
    """Declined, and for 24 hours no live link: the request is declined. Who waits for documents of
    ours has not decided yet.
    """
    old = timezone.now() - DECLINE_HOLDS
    candidates = ConsentRequest.objects.filter(
        state="asked",
        links__state=ApprovalLink.State.DECLINED,
        links__way__in=ApprovalLink.ASKED,
    )
    candidates = candidates.exclude(links__state=ApprovalLink.State.LIVE).exclude(
        links__closed_at__gt=old
    )
    undecided = ApprovalLink.objects.filter(
        decline_reason=ApprovalLink.Reason.NEED_DOCUMENTS, way__in=ApprovalLink.ASKED
    )
    candidates = candidates.exclude(pk__in=undecided.values("request"))
    for request in candidates.distinct()[:AT_ONCE]:
        _if_still_there(partial(requests.decline, request, by=WORKER))


def expire_requests() -> None:
    """Nobody answered for 30 days."""
    # One that no administrator ever had a link to waits for an agent, not for an answer.
    over = ConsentRequest.objects.filter(
        state__in=ConsentRequest.OPEN, expires_at__lt=timezone.now(), links__isnull=False
    )
    for request in over.distinct()[:AT_ONCE]:
        _if_still_there(partial(requests.expire, request))


def _if_still_there(act: Callable[[], None]) -> None:
    try:
        act()
    except InvalidTransition:
        return


def erase_unconfirmed() -> None:
    """What a stranger typed and nobody confirmed is erased after 14 days, with the contacts that
    only it named.
    """
    old = timezone.now() - UNCONFIRMED_KEPT
    for ticket in Ticket.objects.filter(state=Ticket.State.UNCONFIRMED, created_at__lt=old)[
        :AT_ONCE
    ]:
        people = [key for key in (ticket.contact_id, ticket.administrator_id) if key]
        with transaction.atomic():
            OutboxMessage.objects.filter(ticket=ticket).delete()
            ticket.delete()
            Contact.objects.filter(
                pk__in=people,
                stopped_at__isnull=True,
                tickets__isnull=True,
                named_on__isnull=True,
                links__isnull=True,
                mails__isnull=True,
            ).delete()


def prune() -> None:
    """Old looks and counters go."""
    now = timezone.now()
    until = monotonic() + PRUNED_FOR_S
    old = Check.objects.filter(at__lt=now - CHECKS_KEPT).values_list("pk", flat=True)
    while keys := list(old[:PRUNED]):
        Check.objects.filter(pk__in=keys).delete()
        if monotonic() > until:
            break
    forget_old(now - timedelta(days=2))
