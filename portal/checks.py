"""What `manage.py check --deploy` refuses beyond Django's own checks."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import Error, Tags, register
from django.db import DatabaseError, connection

from consent.checking.refusals import credential_variable
from consent.models import AppRegistration
from tenants.microsoft.credentials import CredentialUnreadable, credential

#: Django's backends that hand no mail to a server.
KEEP_MAILS_HERE = ("locmem", "dummy", "console", "filebased")


@register(Tags.security, deploy=True)
def deployment(app_configs: list[AppConfig] | None, **_kwargs: Any) -> list[Error | checks.Warning]:
    """Mail that goes nowhere, a database for one host, a simulated Microsoft, errors in detail:
    none of them is for customers.
    """
    found: list[Error | checks.Warning] = []
    if settings.SANDBOX:
        found.append(
            Error(
                "The sandbox is on: Microsoft is simulated.",
                hint="Unset SANDBOX.",
                id="portal.E001",
            )
        )
    if settings.DEBUG:
        found.append(
            Error(
                "DEBUG is on: errors show what customers typed, and our code.",
                hint="Set DEBUG=0.",
                id="portal.E005",
            )
        )
    if any(word in settings.EMAIL_BACKEND for word in KEEP_MAILS_HERE):
        found.append(
            Error(
                "Mails go nowhere.", hint="Set EMAIL_URL, or an Anymail provider.", id="portal.E002"
            )
        )
    if settings.SUPPORT_EMAIL.endswith((".example", "@example.com")):
        found.append(
            Error(
                f"Nobody reads {settings.SUPPORT_EMAIL}, and every mail says to write there.",
                hint="Set SUPPORT_EMAIL.",
                id="portal.E006",
            )
        )
    if connection.vendor == "sqlite" and settings.HOSTS > 1:
        found.append(
            Error(
                "SQLite serves one host only.",
                hint="Set DATABASE_URL to PostgreSQL.",
                id="portal.E003",
            )
        )
    if not settings.OPERATORS_EMAIL:
        found.append(
            checks.Warning("Nobody hears of alarms.", hint="Set OPERATORS_EMAIL.", id="portal.W002")
        )
    return [*found, *_credentials()]


def _credentials() -> list[Error | checks.Warning]:
    try:
        apps = list(AppRegistration.objects.exclude(credential=""))
    except DatabaseError:
        return [
            checks.Warning(
                "The database could not be asked for app registrations.", id="portal.W001"
            )
        ]
    found: list[Error | checks.Warning] = []
    for app in apps:
        try:
            credential(app.credential, app.client_id)
        except CredentialUnreadable as error:
            hint = f"Set {credential_variable(app)} or one of its _FILE forms."
            found.append(Error(f"{app.slug}: {error}", hint=hint, id="portal.E004"))
    return found
