"""The only place that asks a worker for anything."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def ring(task_name: str, *args: int | str) -> None:
    """Ask for this task once the present transaction has committed, with ids alone.

    A lost bell costs seconds, not work: the rows are swept. So a dead broker never turns a saved
    request into an error.
    """
    transaction.on_commit(lambda: _ring_now(task_name, args), robust=True)


def _ring_now(task_name: str, args: tuple[int | str, ...]) -> None:
    try:
        current_app.tasks[task_name].delay(*args)
    except OperationalError as error:  # the broker is away; the sweep covers it
        logger.warning("no bell for %s: %s", task_name, type(error).__name__)
