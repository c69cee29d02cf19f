"""The Celery application and its clock: what runs how often stands here, not in the database."""

import os
from typing import Any

from celery import Celery
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.conf import settings

from portal.logs import new_name, request_id, task_name

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["consent", "portal"])
# Documented: https://docs.celeryq.dev/en/stable/userguide/configuration.html#worker-consumer
app.conf.worker_consumer = "portal.consumer:Consumer"


def clock(*, hurried: bool) -> dict[str, dict[str, Any]]:
    """What beat rings for, and after how many seconds again; more often in the sandbox, in a hurry,
    where nobody wants to wait.
    """
    return {
        # The rows are the truth; these find what a lost bell left behind and what has become due.
        "due looks": {"task": "consent.look_at_due", "schedule": 1.0, "options": {"expires": 5}},
        "due mails": {
            "task": "outbox.sweep",
            "schedule": 1.0 if hurried else 10.0,
            "options": {"expires": 10},
        },
        # Both ask Microsoft's home tenant alone, and only where an app's time has come.
        "canaries": {
            "task": "consent.listen",
            "schedule": 2.0 if hurried else 10.0,
            "options": {"expires": 10},
        },
        "registrations": {
            "task": "consent.compare_registrations",
            "schedule": 10.0 if hurried else 60.0,
            "options": {"expires": 60},
        },
        "due dates": {
            "task": "consent.sweep",
            "schedule": 5.0 if hurried else 30.0,
            "options": {"expires": 30},
        },
    }


app.conf.beat_schedule = clock(hurried=settings.SANDBOX)

#: In the headers of a message: the request that rang for the task.
_RANG = "portal_request_id"


@before_task_publish.connect
def tell_who_rang(headers: dict[str, Any], **_more: Any) -> None:
    """Send the request's name along, so that its log lines and the task's are found together."""
    headers[_RANG] = request_id.get()


@task_prerun.connect
def name_task(task: Any, **_more: Any) -> None:
    """From now on lines are about this task. What beat sent has no request, so it gets a name."""
    if not task.request.is_eager:
        request_id.set(task.request.get(_RANG) or new_name())
        task_name.set(task.name)


@task_postrun.connect
def forget_task(task: Any, **_more: Any) -> None:
    """The thread is free for another one."""
    if not task.request.is_eager:
        request_id.set("")
        task_name.set("")
