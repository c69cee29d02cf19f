"""The portal's Celery app with production's clock: `celery -A tests.faults.unhurried`."""

from portal.celery import app, clock

app.conf.beat_schedule = clock(hurried=False)
