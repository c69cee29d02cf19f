"""The Celery application and its clock: what runs how often stands here, not in the database."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["consent"])
app.conf.beat_schedule = {
    # The rows are the truth; these find what a lost bell left behind and what has become due.
    "due looks": {"task": "consent.look_at_due", "schedule": 1.0, "options": {"expires": 5}},
    "due mails": {
        "task": "outbox.sweep",
        "schedule": 1.0 if settings.SANDBOX else 10.0,
        "options": {"expires": 10},
    },
    "due dates": {
        "task": "consent.sweep",
        "schedule": 5.0 if settings.SANDBOX else 30.0,
        "options": {"expires": 30},
    },
}
