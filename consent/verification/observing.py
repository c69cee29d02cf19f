"""Writes down the grants that a look could read."""

from collections.abc import Iterator

from consent.models import Grant, Watch
from consent.verification.findings import Finding
from tenants.microsoft.permissions import Kind, Permission


def observe(watch: Watch, finding: Finding) -> bool:
    """Bring the Grant rows in line with what was seen; tells whether anything changed. Unreadable
    kinds stay as known.
    """
    seen = dict.fromkeys(_seen(finding))
    changed = False
    for row in Grant.objects.filter(tenant=watch.tenant_id, app=watch.app_id, gone_at__isnull=True):
        key = (row.permission, row.person)
        if key in seen:
            del seen[key]
            # The clocks of two workers may differ by more than the time between their looks.
            latest = max(finding.at, row.last_seen_at)
            Grant.objects.filter(pk=row.pk).update(last_seen_at=latest)
        elif finding.could_read(row.resource_client_id, Kind(row.kind)):
            Grant.objects.filter(pk=row.pk).update(gone_at=finding.at)
            changed = True
    for permission, person in seen:
        Grant.objects.create(
            tenant_id=watch.tenant_id,
            app_id=watch.app_id,
            resource_client_id=permission.resource_client_id,
            kind=permission.kind.value,
            value=permission.value,
            person=person,
            observed_at=finding.at,
            last_seen_at=finding.at,
        )
        changed = True
    return changed


def _seen(finding: Finding) -> Iterator[tuple[Permission, str]]:
    for permission in sorted(
        (finding.application or frozenset()) | (finding.for_everyone or frozenset()), key=str
    ):
        yield permission, ""
    for person, permissions in finding.of_persons.items():
        for permission in sorted(permissions, key=str):
            yield permission, person
