"""A worker outlives its connection to Redis."""

import logging

import pytest
from celery import Celery
from celery._state import _set_task_join_will_block
from kombu.asynchronous import Hub
from kombu.simple import SimpleQueue

from portal.celery import app as portals

logger = logging.getLogger(__name__)
# Celery announces what its next version will do.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
OURS = portals.conf.worker_consumer
LOST = ConnectionError("closed by server")
THEIRS = "celery.worker.consumer:Consumer"


@pytest.fixture
def app(redis_server):
    """An app with a broker of its own and the portal's way to talk to it."""
    app = Celery(broker=redis_server.url, set_as_current=False)
    app.conf.broker_transport_options = portals.conf.broker_transport_options
    yield app
    # A worker tells its whole process that it must not wait for tasks; other tests do.
    _set_task_join_will_block(False)


@pytest.fixture
def cut_off(app, redis_server):
    """Makes a worker's consumer of that class, at the worst moment: two channels wait for messages,
    one of them owes an acknowledgement, and Redis has died. Gives the message as well.
    """
    made = []

    def make(consumer_class):
        consumer = app.WorkController(pool="solo", consumer_cls=consumer_class).consumer
        consumer.hub = Hub()
        consumer.connection = app.connection_for_read()
        queue = consumer.connection.SimpleQueue("default")
        other = SimpleQueue(consumer.connection.channel(), "other")
        queue.put("rings")
        message = queue.get(timeout=5)
        made.append((consumer, message))
        with pytest.raises(SimpleQueue.Empty):
            other.get(timeout=0.1)
        redis_server.kill()
        return consumer, message

    yield make
    for consumer, message in made:
        consumer.hub.close()
        # Else it would be given back when this process ends.
        message.channel.do_restore = False


def test_connection_lost_while_an_acknowledgement_is_owed_is_let_go(cut_off):
    consumer, message = cut_off(OURS)

    consumer.on_connection_error_after_connected(LOST)
    assert consumer.connection is None
    consumer.call_soon_ack(message.ack_log_error, logger, consumer.connection_errors)
    next(consumer.hub.create_loop())

    assert not message.acknowledged


def test_connection_lost_while_an_acknowledgement_is_owed_is_the_end_of_celerys_own(cut_off):
    # Once this fails, portal/consumer.py is needed no longer.
    consumer, message = cut_off(THEIRS)
    said = "'NoneType' object has no attribute 'hostname'"

    with pytest.raises(AttributeError, match=said):
        consumer.on_connection_error_after_connected(LOST)
    consumer.call_soon_ack(message.ack_log_error, logger, consumer.connection_errors)
    with pytest.raises(AttributeError, match=said):
        next(consumer.hub.create_loop())


def test_other_mistakes_are_not_taken_for_a_lost_connection(app):
    consumer = app.WorkController(pool="solo", consumer_cls=OURS).consumer
    consumer.connection = app.connection_for_read()
    consumer.pool = "no pool"

    with pytest.raises(AttributeError, match="'str' object has no attribute"):
        consumer.on_connection_error_after_connected(LOST)
