"""The demo's tables and its seed, in one process of their own: two would take twice as long."""

import os

import django
from django.core.management import call_command


def prepare() -> None:
    """Bring the database up to date and put in what every demo starts with."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("seed", verbosity=0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    prepare()
