"""Who looks at what: leases on due watches, and giving them back."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from consent.canaries import stopped_apps
from consent.models import AppRegistration, ConsentRequest, Watch
from consent.verification import breaker, budget
from consent.verification.schedule import BURST, Signals
from tenants.microsoft.permissions import GRAPH, Kind, Permission

#: Longer than a look can take: token and Graph have timeouts of 10 and 20 s.
LEASE: Final = timedelta(seconds=45)
#: Looks that one task has in flight at most.
AT_ONCE: Final = 500
SOON: Final = timedelta(seconds=20)
POISONED: Final = timedelta(hours=1)
_INSTANTS: Final = ("asked_at", "opened_at", "left_at", "returned_at", "news_at")


@dataclass(frozen=True)
class Application:
    """What a look needs to know of one of our apps: its present set, and the older one that a
    tenant has granted.

    `roles` are the application permissions by API, in lower case; Graph stands among them even
    where it has none. `witnesses` are those that nobody grants without all the rest.
    """

    pk: int
    cloud: str
    client_id: str
    home_tenant_id: str
    credential: str
    resources: tuple[str, ...]
    roles: tuple[tuple[str, frozenset[str]], ...]
    witnesses: frozenset[Permission] = frozenset()

    @property
    def acts_as_itself(self) -> bool:
        """Its set has application permissions."""
        return any(needed for _api, needed in self.roles)


@dataclass(eq=False)
class Lease:
    """Keeps the watches of one claim from other workers until that instant."""

    until: datetime
    keys: tuple[int, ...] = ()

    def keep(self) -> None:
        """Renew it for those watches that are still in hand, once a third of it has passed: what
        takes long to write down must not be looked at by others meanwhile. One that has ended
        stays so.
        """
        now = timezone.now()
        if not timedelta(0) < self.until - now <= LEASE * 2 / 3:
            return
        held = Watch.objects.filter(pk__in=self.keys, lease_until=self.until)
        until = now + LEASE
        held.update(lease_until=until)
        self.until = until


@dataclass(frozen=True)
class ClaimedLook:
    """One claimed look: plain values, so that no query runs while Microsoft is asked.

    `settled` are the two fingerprints of the last look, empty where it changed something or where
    somebody rang since. `is_monitor`: nobody waits for an approval there.
    """

    watch_id: int
    tenant_pk: int
    tenant_id: str
    app: Application
    signals: int
    lease: Lease | None = None
    settled: str = ""
    is_monitor: bool = False
    instants: Signals = Signals(waiting=False)

    @property
    def lease_until(self) -> datetime | None:
        """When others may look there."""
        return self.lease.until if self.lease else None

    def rank(self, just_back: datetime) -> tuple[bool, bool]:
        """What comes first sorts first: somebody came back from Microsoft after that time, or waits
        at least.
        """
        back_at = self.instants.returned_at
        return back_at is None or back_at <= just_back, self.is_monitor

    @property
    def is_late(self) -> bool:
        """The lease has ended: what was found is old, whether or not another has taken over."""
        return self.lease is not None and self.lease.until <= timezone.now()


def claim(limit: int = AT_ONCE, *, only: int | None = None) -> list[ClaimedLook]:
    """Take a lease on due watches (or on that one, if it is due), so that no other worker looks at
    them. Those at which somebody has just come back from Microsoft go before all others.
    """
    now = timezone.now()
    due = Watch.objects.due(now).exclude(app__in=stopped_apps()).order_by("next_check_at")
    if only is not None:
        due = due.filter(pk=only)
    if resting := breaker.paused():
        due = due.exclude(app__cloud__in=resting)
    for cloud, client_id in budget.spent():
        due = due.exclude(app__cloud=cloud, app__client_id=client_id)
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        urgent = due.filter(returned_at__gt=now - BURST[-1])
        keys = list(urgent.values_list("pk", flat=True)[:limit])
        if len(keys) < limit:
            others = due.exclude(pk__in=keys) if keys else due
            keys += others.values_list("pk", flat=True)[: limit - len(keys)]
        if not keys:
            return []
        Watch.objects.free(now).filter(pk__in=keys).update(lease_until=now + LEASE)
    return _admitted(_claimed_looks(Lease(now + LEASE, tuple(keys))))


def _admitted(claimed_looks: list[ClaimedLook]) -> list[ClaimedLook]:
    """Those that may begin now: where not all may, people at their browsers come first, then those
    who wait. The others stay due.
    """
    by_app: dict[Application, list[ClaimedLook]] = defaultdict(list)
    just_back = timezone.now() - BURST[-1]
    for claimed in sorted(claimed_looks, key=lambda claimed: claimed.rank(just_back)):
        by_app[claimed.app].append(claimed)
    admitted: list[ClaimedLook] = []
    left_out: list[ClaimedLook] = []
    for app, several in by_app.items():
        room = breaker.admit(app.cloud, len(several))
        room = budget.take(app.cloud, app.client_id, room) if room else 0
        admitted += several[:room]
        left_out += several[room:]
    if left_out:
        rows = Watch.objects.filter(pk__in=[claimed.watch_id for claimed in left_out])
        rows.filter(lease_until=left_out[0].lease_until).update(lease_until=None)
    return admitted


def _claimed_looks(lease: Lease) -> list[ClaimedLook]:
    asked = ConsentRequest.objects.filter(
        tenant=OuterRef("tenant"), app=OuterRef("app"), state__in=ConsentRequest.OPEN
    )
    granted = ConsentRequest.objects.filter(
        tenant=OuterRef("tenant"), app=OuterRef("app"), state=ConsentRequest.State.GRANTED
    )
    rows = (
        Watch.objects.filter(pk__in=lease.keys, lease_until=lease.until)
        .annotate(
            is_asked=Exists(asked), granted=Subquery(granted.values("permission_version")[:1])
        )
        .values(
            *("pk", "tenant_id", "tenant__tenant_id", "app_id", "signals", "is_asked", "granted"),
            *("settled", "settled_signals", *_INSTANTS),
        )
    )
    apps = _applications({(row["app_id"], row["granted"]) for row in rows})
    return [_claimed_look(row, apps[row["app_id"], row["granted"]], lease) for row in rows]


def _claimed_look(row: dict[str, Any], app: Application, lease: Lease) -> ClaimedLook:
    return ClaimedLook(
        watch_id=row["pk"],
        tenant_pk=row["tenant_id"],
        tenant_id=row["tenant__tenant_id"],
        app=app,
        signals=row["signals"],
        lease=lease,
        settled=row["settled"] if row["signals"] == row["settled_signals"] else "",
        is_monitor=not row["is_asked"],
        instants=Signals(waiting=False, **{name: row[name] for name in _INSTANTS}),
    )


def _applications(wanted: set[tuple[int, int | None]]) -> dict[tuple[int, int | None], Application]:
    keys = {key for key, _granted in wanted}
    apps = AppRegistration.objects.prefetch_related("required_permissions").in_bulk(keys)
    return {(key, granted): application_of(apps[key], granted) for key, granted in wanted}


def application_of(app: AppRegistration, granted: int | None = None) -> Application:
    """What a look needs to know of that app where this version of its set is granted."""
    versions = {app.permission_version, granted or app.permission_version}
    permissions = frozenset[Permission]().union(*map(app.permissions, versions))
    of_itself = {one for one in permissions if one.kind == Kind.APPLICATION}
    apis = {GRAPH} | {one.resource_client_id for one in of_itself}
    return Application(
        pk=app.pk,
        cloud=app.cloud,
        client_id=app.client_id,
        home_tenant_id=app.home_tenant_id,
        credential=app.credential,
        resources=tuple(sorted({one.resource_client_id for one in permissions})),
        roles=tuple((api, _names(of_itself, api)) for api in sorted(apis)),
        witnesses=frozenset(filter(None, map(app.witness, versions))),
    )


def _names(permissions: Iterable[Permission], api: str) -> frozenset[str]:
    return frozenset(one.name.lower() for one in permissions if one.resource_client_id == api)


def look_without_lease(watch: Watch) -> ClaimedLook:
    """A look at that watch which leans on nothing known before; the row may be unsaved."""
    return ClaimedLook(
        watch_id=watch.pk,
        tenant_pk=watch.tenant.pk,
        tenant_id=watch.tenant.tenant_id,
        app=application_of(watch.app),
        signals=watch.signals,
    )


def give_back(claimed_looks: Iterable[ClaimedLook], wait: timedelta) -> None:
    """Look again then, with all that is known forgotten; whoever rang meanwhile is heard before.
    What is another worker's by now stays his.
    """
    for claimed in claimed_looks:
        rows = Watch.objects.filter(pk=claimed.watch_id, lease_until=claimed.lease_until)
        rows.filter(signals=claimed.signals).update(next_check_at=timezone.now() + wait)
        rows.update(lease_until=None, settled="")
