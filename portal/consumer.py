"""What a worker does when its connection to Redis is lost."""

import logging
from collections.abc import Callable
from typing import Any

from celery.worker import consumer

logger = logging.getLogger(__name__)


class Consumer(consumer.Consumer):
    """Celery's consumer, which survives that a lost connection still owed acknowledgements.

    In two places Celery asks a connection that is closed already for the address of Redis: when it
    closes it a second time and a channel wants to give back what it has not acknowledged, and when
    an acknowledgement is due that was put off until after the loss. `None` has no address, and the
    AttributeError is in no list of connection errors: it ended a quarter of the workers under which
    a busy Redis was killed (Celery and kombu 5.7.0). It is
    https://github.com/celery/kombu/issues/582; https://github.com/celery/kombu/issues/659 is of the
    same kind. What is lost are bells, as always when Redis dies; rows know what is due.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Let go of what is left of the connection, so that a new one is made."""
        _forgiving(super().on_connection_error_after_connected, exc)

    def call_soon_ack(self, p: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Acknowledge soon, or not at all where the message's connection is closed by then."""
        return super().call_soon_ack(_forgiving, p, *args, **kwargs)


def _forgiving(act: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Act; it is no mistake to ask a closed connection for what it does not know any more."""
    try:
        act(*args, **kwargs)
    except AttributeError as error:
        # Python says of whom it was asked; both are None where somebody raised it by hand.
        if error.name is None or error.obj is not None:
            raise
        logger.warning("The lost connection still owed something: %s", error)
