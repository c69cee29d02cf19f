"""Celery's entries: each takes ids, calls one service, and may run twice."""

from celery import shared_task
from celery.signals import worker_shutting_down
from django.db import OperationalError
from django.utils import timezone

from consent import attempts, calls, canaries, deadlines, upkeep
from consent.models import Pulse
from consent.outbox import delivery
from consent.verification import checker


def _beat(name: str) -> None:
    calls.write_down()
    Pulse.objects.update_or_create(name=name, defaults={"at": timezone.now()})


@worker_shutting_down.connect
def begin_no_more(**_signal: object) -> None:
    """A worker that is asked to end waits for its tasks, so these have to come to an end."""
    checker.claim_no_more()


@shared_task(name="consent.look", ignore_result=True)
def look(watch_id: int) -> None:
    """Look at one watch that somebody rang for, if it is due and nobody is looking."""
    checker.look_at_due(only=watch_id)


@shared_task(name="consent.look_at_due", ignore_result=True)
def look_at_due() -> None:
    """Look at whatever is due."""
    # Before its own sign: a worker that has just been started gives the others a moment.
    upkeep.mind_the_others("checks")
    # Before the looks: a round goes on while there is more.
    _beat("checks")
    checker.look_at_due()


@shared_task(name="consent.follow_hint", ignore_result=True)
def follow_hint(tenant_id: str) -> None:
    """A browser came back, with no state that we know, and named that tenant."""
    attempts.follow_hint(tenant_id)


@shared_task(
    name="outbox.deliver", ignore_result=True, autoretry_for=(OperationalError,), max_retries=3
)
def deliver(message_id: int) -> None:
    """Deliver one mail."""
    delivery.deliver(message_id)


@shared_task(name="outbox.deliver_due", ignore_result=True)
def deliver_due() -> None:
    """Deliver whatever is due."""
    delivery.deliver_due()


@shared_task(name="outbox.sweep", ignore_result=True)
def sweep_outbox() -> None:
    """Find mails whose bell was lost or whose worker died."""
    delivery.sweep()
    upkeep.mind_the_worker("mail")
    _beat("mail")


@shared_task(name="consent.sweep", ignore_result=True)
def sweep() -> None:
    """Bring about what time alone brings about."""
    deadlines.sweep()
    upkeep.mind_the_worker("default")
    _beat("default")


@shared_task(name="consent.listen", ignore_result=True)
def listen() -> None:
    """Ask our own apps at home whether it is us."""
    canaries.listen()


@shared_task(name="consent.compare_registrations", ignore_result=True)
def compare_registrations() -> None:
    """Compare our rows with Entra, once a day for each app."""
    upkeep.compare_registrations()
