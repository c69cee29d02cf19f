"""App registrations from a description: created or updated; a change of permissions makes a new
version.
"""

from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction

from consent import accents, requests
from consent.actors import WORKER
from consent.models import AppRegistration, Canary, RequiredPermission
from tenants.microsoft.clouds import UnknownCloud, cloud
from tenants.microsoft.credentials import CredentialMissing, CredentialUnreadable, credential
from tenants.microsoft.guids import is_guid
from tenants.microsoft.permissions import EXCHANGE_ONLINE, GRAPH, Kind, Permission, is_known

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
    "weakest_proof",
)
#: Characters, as the columns are long.
MOST_VALUE: Final = 120
MOST_WORDS: Final = 300
_KEYS: Final = {"slug", "cloud", "permissions", *FIELDS}
_PERMISSION_KEYS: Final = {"resource", "kind", "value", "reason", "without_it", "witness"}


class BadDescription(ValueError):
    """The description cannot be registered; the message says in one sentence what is wrong."""


@transaction.atomic
def register(description: dict[str, Any]) -> tuple[AppRegistration, bool]:
    """Create or update the registration of `slug` in `cloud` (default `global`).

    `description` has the fields of AppRegistration and `permissions`: a list of tables with
    `value`, `kind` (`delegated` or `application`), `reason`, and optionally `resource` (a client
    ID, by default Microsoft Graph's), `without_it` and `witness` (true for the one role that proves
    the others). Returns the registration and whether
    its permission version is new. Raises BadDescription.
    """
    _refuse_unknown(description, _KEYS, "an app registration")
    wanted = _permissions(description)
    slug, cloud_name = str(description.get("slug", "")), str(description.get("cloud", "global"))
    try:
        cloud(cloud_name)
    except UnknownCloud:
        raise BadDescription(f"cloud: there is no cloud named {cloud_name!r}.") from None
    values = _values(description)
    app = AppRegistration.objects.filter(slug=slug, cloud=cloud_name).first() or AppRegistration(
        slug=slug, cloud=cloud_name, permission_version=0
    )
    for name, value in values.items():
        setattr(app, name, value)
    changed = app.permission_version == 0 or set(app.permissions()) != {p for p, _row in wanted}
    if changed:
        app.permission_version += 1
    _refuse_unfit(app)
    _refuse_unfit_witness(app, wanted)
    app.save()
    _write(app, wanted)
    # Whatever was compared with Entra before says nothing of these rows.
    Canary.objects.filter(app=app).update(compared_at=None, asked_at=None)
    if changed:
        requests.supersede_open(app, by=WORKER)
    return app, changed


def _values(description: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {name: description[name] for name in FIELDS if name in description}
    for name in ("client_id", "home_tenant_id"):
        values[name] = str(values.get(name, "")).lower()
        if (values[name] or name == "client_id") and not is_guid(values[name]):
            raise BadDescription(f"{name}: {values[name]!r} is not a GUID.")
    if values.get("accent"):
        try:
            values["accent"] = accents.named(str(values["accent"]))
        except ValueError as error:
            raise BadDescription(f"accent: {error}") from None
    return values


def brings_wall_back(connect_url: str) -> bool:
    """It asks Microsoft for `prompt=consent`, which stops users even after a perfect approval.

    https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
    """
    return "consent" in parse_qs(urlsplit(connect_url).query).get("prompt", [])


def _refuse_unknown(table: dict[str, Any], known: set[str], what: str) -> None:
    # A name spelt wrongly would otherwise be a fact that silently never arrives.
    for name in sorted(set(table) - known):
        raise BadDescription(f"{name}: {what} has no such field.")


def _refuse_unfit(app: AppRegistration) -> None:
    """What the columns and their validators would refuse, as one sentence."""
    try:
        app.full_clean(validate_constraints=False)
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise BadDescription(f"{field}: {problems[0]}") from None
    if brings_wall_back(app.connect_url):
        raise BadDescription(
            "connect_url: leave prompt=consent out; it brings the wall back after an approval."
        )
    _refuse_unreadable(app)
    twins = AppRegistration.objects.filter(client_id=app.client_id, cloud=app.cloud)
    for twin in twins.exclude(pk=app.pk):
        raise BadDescription(f"client_id: {twin.slug} has this client ID already.")


def _refuse_unreadable(app: AppRegistration) -> None:
    """A credential that is there has to be one. It may also come later; `check_app` asks for it."""
    if not app.credential:
        return
    if not app.home_tenant_id:
        raise BadDescription(
            "home_tenant_id: it is needed with a credential. Whether an app is missing or our own "
            "registration is broken shows in your own tenant alone."
        )
    try:
        credential(app.credential, app.client_id)
    except CredentialMissing:
        return
    except CredentialUnreadable as error:
        raise BadDescription(f"credential: {error}") from None


def _refuse_unfit_witness(
    app: AppRegistration, wanted: list[tuple[Permission, dict[str, Any]]]
) -> None:
    """A witness proves the set that it was granted with, and nothing else."""
    named = [permission for permission, row in wanted if row.get("witness")]
    if not named:
        return
    [witness, *more] = named
    about = f"permissions: {witness}:"
    if more:
        raise BadDescription(f"{about} one witness is enough; {more[0]} is another.")
    if witness.kind != Kind.APPLICATION or witness.resource_client_id in {GRAPH, EXCHANGE_ONLINE}:
        raise BadDescription(f"{about} a witness is an application permission of your own API.")
    if not any(one.kind == Kind.DELEGATED for one, _row in wanted):
        raise BadDescription(f"{about} there is no delegated permission that it could prove.")
    if not app.credential:
        raise BadDescription(f"{about} without a credential nobody can look for a witness.")
    older = RequiredPermission.objects.filter(
        app_id=app.pk, version__lt=app.permission_version, value__iexact=witness.value
    )
    if older.filter(resource_client_id=witness.resource_client_id).exists():
        raise BadDescription(
            f"{about} it was in an earlier set too, so it would also prove that one. Make a new "
            "role at Entra and name it here."
        )


def _permissions(description: dict[str, Any]) -> list[tuple[Permission, dict[str, Any]]]:
    rows = description.get("permissions") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadDescription("permissions: write each as a table of its own, [[permissions]].")
    if not rows:
        raise BadDescription(
            "permissions: an app that needs none needs no approval either. Name at least one."
        )
    wanted: list[tuple[Permission, dict[str, Any]]] = []
    for row in rows:
        permission = _permission(row, own_api=str(description.get("client_id", "")))
        if permission in {known for known, _row in wanted}:
            raise BadDescription(f"permissions: {permission} stands there twice.")
        wanted.append((permission, row))
    return wanted


def _permission(row: dict[str, Any], *, own_api: str) -> Permission:
    _refuse_unknown(row, _PERMISSION_KEYS, "a permission")
    is_witness = row.get("witness", False)
    # Compared and stored without the API's address in front.
    value = str(row.get("value", "")).rpartition("/")[2]
    kind, resource = str(row.get("kind", "delegated")), row.get("resource")
    resource = str(resource or (own_api if is_witness else GRAPH)).lower()
    if kind not in set(Kind):
        raise BadDescription(
            f"permissions: {value}: kind is delegated or application, not {kind!r}."
        )
    if not isinstance(is_witness, bool):
        raise BadDescription(f"permissions: {value}: witness is true or false.")
    if not is_guid(resource):
        raise BadDescription(f"permissions: {value}: resource is the GUID of an API.")
    permission = Permission(resource, Kind(kind), value)
    if not value:
        raise BadDescription("permissions: each needs its name as value.")
    if resource == GRAPH and not is_known(permission):
        raise BadDescription(
            f"permissions: Microsoft Graph has no {kind} permission named {value!r}."
        )
    if len(value) > MOST_VALUE:
        raise BadDescription(f"permissions: a name has at most {MOST_VALUE} characters.")
    if not row.get("reason"):
        raise BadDescription(
            f"permissions: {value}: say why it is needed; an administrator reads it."
        )
    if any(len(str(row.get(name, ""))) > MOST_WORDS for name in ("reason", "without_it")):
        raise BadDescription(
            f"permissions: {value}: say it in at most {MOST_WORDS} characters; people read it."
        )
    return permission


def _write(app: AppRegistration, wanted: list[tuple[Permission, dict[str, Any]]]) -> None:
    """The rows of the present version; reasons may change without a new one."""
    present = RequiredPermission.objects.filter(app=app, version=app.permission_version)
    present.update(is_witness=False)
    for permission, row in wanted:
        RequiredPermission.objects.update_or_create(
            app=app,
            version=app.permission_version,
            resource_client_id=permission.resource_client_id,
            kind=permission.kind.value,
            # Microsoft compares names without case, and so does the set: another spelling is no
            # other permission.
            value__iexact=permission.value,
            defaults={
                "value": permission.value,
                "reason": str(row["reason"]),
                "without_it": str(row.get("without_it", "")),
                "is_witness": bool(row.get("witness")),
            },
        )
