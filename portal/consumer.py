"""What a worker does when its connection to Redis is lost."""

import logging

from celery.worker import consumer

logger = logging.getLogger(__name__)


class Consumer(consumer.Consumer):
    """Celery's consumer, which survives it when a lost connection can not be closed in order.

    Celery closes a lost connection twice. The first time, each of two channels that still wait for
    a message gives up half-way, and what they belong to is forgotten; the second time, a channel
    wants to give back messages that it has not acknowledged yet, and asks `None` for the address of
    Redis. The AttributeError is in no list of connection errors and ended the worker: a quarter of
    those under which a busy Redis was killed (Celery and kombu 5.7.0). It is
    https://github.com/celery/kombu/issues/582, and has a sibling in
    https://github.com/celery/kombu/issues/659. Messages that were not given back are lost like any
    other bell when Redis dies; rows know what is due.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Let go of what is left of the connection, so that a new one is made."""
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError as error:
            if not _was_of_nothing(error):
                raise
            logger.warning("The lost connection was not closed in order: %s", error)


def _was_of_nothing(error: AttributeError) -> bool:
    """Whether it was an attribute of `None`, which is all that a closed connection knows."""
    # Both are None where somebody raised it by hand.
    return error.name is not None and error.obj is None
