"""Connections that the vendor's own product reports: a person got in, with these permissions. For
an app without a credential they are the only proof there is.
"""

from collections.abc import Iterable

from django.db import transaction

from consent import watching
from consent.attempts import record_evidence
from consent.models import AppRegistration, ConsentRequest, Evidence
from tenants.microsoft.guids import is_guid
from tenants.microsoft.permissions import GRAPH, parse_scopes


class CannotReport(ValueError):
    """The report is unfit; the message says in one sentence why."""


@transaction.atomic
def report(
    slug: str,
    tenant_id: str,
    person: str,
    *,
    scopes: str = "",
    roles: Iterable[str] | None = None,
) -> ConsentRequest | None:
    """A person of that tenant (both by their GUIDs) connected the app; the worker hears of it.

    `scopes` is what Microsoft's token response said, space-separated; empty means the app's whole
    set. `roles` are the role templates (`wids`) of the ID token, None where it shows none. Returns
    the open request of that tenant that it counts for, None where nobody waits there. Raises
    CannotReport.
    """
    tenant_id, person = tenant_id.lower(), person.lower()
    for name, value in (("tenant", tenant_id), ("person", person)):
        if not is_guid(value):
            raise CannotReport(f"{name}: {value!r} is not a GUID.")
    if not AppRegistration.objects.filter(slug=slug).exists():
        raise CannotReport(f"No app is registered as {slug!r}.")
    open_ones = ConsentRequest.objects.filter(
        app__slug=slug, tenant__tenant_id=tenant_id, state__in=ConsentRequest.OPEN
    )
    request = open_ones.select_related("app", "tenant").first()
    if request is None:
        return None
    needed = request.app.needed(request.permission_version)
    covers = parse_scopes(scopes, GRAPH, request.app.microsoft) if scopes else needed
    record_evidence(
        request,
        kind=Evidence.Kind.REPORT,
        said="yes",
        person=person,
        roles=None if roles is None else sorted(roles),
        permissions=[one.as_row() for one in sorted(covers, key=str)],
    )
    watching.learnt(request)
    return request
