"""`manage.py register_app`: an app registration from a file, and what to do at Entra."""

import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.checking.drift import redirect_addresses
from consent.checking.refusals import credential_variable
from consent.models import AppRegistration
from consent.registrations import BadDescription, register
from tenants.microsoft.permissions import EXCHANGE_ONLINE, GRAPH, Kind, by_resource

API_NAMES = {GRAPH: "Microsoft Graph", EXCHANGE_ONLINE: "Office 365 Exchange Online"}


class Command(BaseCommand):
    """Creates or updates one; a change of permissions makes a new version."""

    help = "Create or update an app registration from a TOML file, and print the list for Entra."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE."""
        parser.add_argument("file", metavar="FILE.toml", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError, with nothing changed, where the file is not a registration."""
        file: Path = options["file"]
        try:
            description = tomllib.loads(file.read_text(encoding="utf-8"))
            app, is_new = register(description)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} is no TOML: {error}.") from None
        except BadDescription as error:
            raise CommandError(f"{file}: {error}") from None
        self.stdout.write("\n".join(checklist(app, is_new=is_new)))


def checklist(app: AppRegistration, *, is_new: bool) -> Iterator[str]:
    """What is to be done at Entra and in the environment, a line each."""
    version = f"permission version {app.permission_version}" + (", new" if is_new else "")
    yield f"{app} ({app.slug}) is registered for {app.microsoft.label}: {version}."
    if not app.credential:
        yield "It has no credential, so it counts as somebody else's: nothing to do at Entra."
        return
    yield ""
    yield f"At {app.microsoft.admin_portal}, App registrations, {app.client_id}:"
    yield "[ ] Authentication: accounts in any organisational directory"
    yield "[ ] Authentication, platform Web, both redirect addresses:"
    yield from (f"      {address}" for address in redirect_addresses())
    yield '[ ] Manifest: "groupMembershipClaims": "DirectoryRole"'
    if witness := app.witness():
        where = "the same app" if witness.resource_client_id == app.client_id else "your API"
        yield f"[ ] App roles of {where}, for applications: {witness}"
        yield "    (a witness: not yet tried against the real Microsoft, see docs/worker.md)"
    yield "[ ] API permissions, exactly these:"
    yield from _permissions(app)
    yield "[ ] Branding & properties: publisher verified"
    yield ""
    yield "In the portal's environment, one of:"
    variable = credential_variable(app)
    for ending in ("", "_FILE", "_CERTIFICATE_FILE", "_ASSERTION_FILE"):
        yield f"      {variable}{ending}"
    yield ""
    yield f"Then: python manage.py check_app {app.slug}"


def _permissions(app: AppRegistration) -> Iterator[str]:
    for resource, group in sorted(by_resource(app.permissions()).items()):
        api = "its own" if resource == app.client_id else API_NAMES.get(resource, resource)
        for kind in Kind:
            if names := sorted(one.name for one in group if one.kind == kind):
                yield f"      {api}, {kind.value}: {' '.join(names)}"
    signing_in = {one.name for one in app.permissions() if one.is_for_sign_in}
    names = sorted(signing_in | {"openid", "profile"})
    yield f"      {API_NAMES[GRAPH]}, delegated, for signing in: {' '.join(names)}"
