"""App registrations from a description: created or updated; a change of permissions makes a new
version.
"""

import re
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from consent import requests
from consent.actors import WORKER
from consent.models import AppRegistration, RequiredPermission
from consent.models.app import GUID
from tenants.microsoft.clouds import UnknownCloud, cloud
from tenants.microsoft.permissions import GRAPH, Kind, Permission, is_known

FIELDS: Final = (
    "name",
    "client_id",
    "home_tenant_id",
    "credential",
    "connect_url",
    "publisher",
    "publisher_verified",
    "website_url",
    "privacy_url",
    "security_url",
    "data_location",
    "accent",
    "shows_roles",
)


class BadDescription(ValueError):
    """The description cannot be registered; the message says in one sentence what is wrong."""


@transaction.atomic
def register(description: dict[str, Any]) -> tuple[AppRegistration, bool]:
    """Create or update the registration of `slug` in `cloud` (default `global`).

    `description` has the fields of AppRegistration and `permissions`: a list of tables with
    `value`, `kind` (`delegated` or `application`), `reason`, and optionally `resource` (a client
    ID, by default Microsoft Graph's) and `without_it`. Returns the registration and whether
    its permission version is new. Raises BadDescription.
    """
    wanted = _permissions(description)
    slug, cloud_name = str(description.get("slug", "")), str(description.get("cloud", "global"))
    try:
        cloud(cloud_name)
    except UnknownCloud:
        raise BadDescription(f"cloud: there is no cloud named {cloud_name!r}.") from None
    values = {name: description[name] for name in FIELDS if name in description}
    for name in ("client_id", "home_tenant_id"):
        values[name] = str(values.get(name, "")).lower()
        if (values[name] or name == "client_id") and not re.fullmatch(GUID, values[name]):
            raise BadDescription(f"{name}: {values[name]!r} is not a GUID.")
    app = AppRegistration.objects.filter(slug=slug, cloud=cloud_name).first() or AppRegistration(
        slug=slug, cloud=cloud_name, permission_version=0
    )
    for name, value in values.items():
        setattr(app, name, value)
    changed = app.permission_version == 0 or set(app.permissions()) != {p for p, _row in wanted}
    if changed:
        app.permission_version += 1
    try:
        app.full_clean(validate_constraints=False)
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise BadDescription(f"{field}: {problems[0]}") from None
    app.save()
    _write(app, wanted)
    if changed:
        requests.supersede_open(app, by=WORKER)
    return app, changed


def _permissions(description: dict[str, Any]) -> list[tuple[Permission, dict[str, Any]]]:
    rows = description.get("permissions") or []
    if not rows:
        raise BadDescription(
            "permissions: an app that needs none needs no approval either. Name at least one."
        )
    wanted: list[tuple[Permission, dict[str, Any]]] = []
    for row in rows:
        value, kind = str(row.get("value", "")), str(row.get("kind", "delegated"))
        if kind not in set(Kind):
            raise BadDescription(
                f"permissions: {value}: kind is delegated or application, not {kind!r}."
            )
        permission = Permission(str(row.get("resource", GRAPH)).lower(), Kind(kind), value)
        if permission.resource_client_id == GRAPH and not is_known(permission):
            raise BadDescription(
                f"permissions: Microsoft Graph has no {kind} permission named {value!r}."
            )
        if not row.get("reason"):
            raise BadDescription(
                f"permissions: {value}: say why it is needed; an administrator reads it."
            )
        if permission in {known for known, _row in wanted}:
            raise BadDescription(f"permissions: {value} stands there twice.")
        wanted.append((permission, row))
    return wanted


def _write(app: AppRegistration, wanted: list[tuple[Permission, dict[str, Any]]]) -> None:
    """The rows of the present version; reasons may change without a new one."""
    for permission, row in wanted:
        RequiredPermission.objects.update_or_create(
            app=app,
            version=app.permission_version,
            resource_client_id=permission.resource_client_id,
            kind=permission.kind.value,
            value=permission.value,
            defaults={"reason": str(row["reason"]), "without_it": str(row.get("without_it", ""))},
        )
