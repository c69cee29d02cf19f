"""Celery's entries that need the portal; the others stand in `consent/tasks.py`."""

import smtplib

from anymail.exceptions import AnymailError
from celery import shared_task

from portal.desk import accounts


@shared_task(
    name="accounts.mail_new_password",
    ignore_result=True,
    autoretry_for=(smtplib.SMTPException, AnymailError, OSError),
    max_retries=3,
    default_retry_delay=20,
)
def mail_new_password(user_id: int) -> None:
    """Mail one agent the way to a new password."""
    accounts.mail_new_password(user_id)
