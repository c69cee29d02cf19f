"""Tenants that will meet the wall next: people connect there today, and what lets them in does not
last, because no administrator has approved what the app asks for now.

Read from rows alone: what looks saw, what was approved, and who said that it works.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final

from django.db.models import Count, QuerySet

from consent.advising import Advice, Wall, advise
from consent.models import AppRegistration, ConsentRequest, Grant, Ticket
from tenants.microsoft.permissions import Permission
from tenants.models import Tenant

MOST: Final = 200
Pair = tuple[int, int]


class Reason(StrEnum):
    """Why a tenant will meet the wall; the words are in templates/desk/radar.html."""

    #: Its administrator approved an older set; who connects anew is asked for more.
    OLDER_SET = "older_set"
    #: Looks saw single people who consented for themselves.
    PERSONS = "persons"
    #: People said that it works, and no approval by an administrator is known.
    CONNECTED = "connected"


@dataclass(frozen=True)
class Risk:
    """One tenant and app. `people` are known to be in; `wall` is whom the present set stops and
    `since` the month in which Microsoft's own rule took in the first of it, empty where it has
    none; `added` is what the present set has beyond the approved one.
    """

    tenant: Tenant
    app: AppRegistration
    reason: Reason
    people: int
    wall: Wall
    since: str
    added: tuple[Permission, ...] = ()


def radar() -> list[Risk]:
    """At most 200 tenants, those with most people first; a fixed number of queries."""
    apps = AppRegistration.objects.prefetch_related("required_permissions").in_bulk()
    approved = _approved()
    persons = _persons()
    connected = _counted(Ticket.objects.filter(state=Ticket.State.SOLVED, tenant__isnull=False))
    known = {
        pair: persons.get(pair) or connected.get(pair, 0)
        for pair in {*approved, *persons, *connected}
    }
    advice = {key: advise(app) for key, app in apps.items()}

    def reason_of(pair: Pair) -> Reason | None:
        return _reason(advice[pair[1]], approved.get(pair), by_persons=pair in persons)

    in_order = sorted(known, key=lambda pair: (-known[pair], pair))
    found = list(islice(((pair, why) for pair in in_order if (why := reason_of(pair))), MOST))
    tenants = Tenant.objects.prefetch_related("domains").in_bulk({pair[0] for pair, _why in found})
    risks = []
    for pair, why in found:
        app, version = advice[pair[1]], approved.get(pair)
        tenant, added = tenants[pair[0]], _added(app, version)
        risks.append(Risk(tenant, app.app, why, known[pair], app.wall, app.since, added))
    return risks


def _approved() -> dict[Pair, int]:
    """The permission version that an administrator approved and that stands."""
    granted = ConsentRequest.objects.filter(state=ConsentRequest.State.GRANTED)
    return {
        (tenant, app): version
        for tenant, app, version in granted.values_list("tenant_id", "app_id", "permission_version")
    }


def _persons() -> dict[Pair, int]:
    """How many single people's own consents stand."""
    own = Grant.objects.filter(gone_at__isnull=True).exclude(person="")
    rows = own.values_list("tenant_id", "app_id").annotate(people=Count("person", distinct=True))
    return {(tenant, app): people for tenant, app, people in rows}


def _counted(rows: QuerySet[Ticket]) -> Mapping[Pair, int]:
    found = rows.values_list("tenant_id", "app_id").annotate(people=Count("contact", distinct=True))
    return {(tenant, app): people for tenant, app, people in found}


def _added(app: Advice, version: int | None) -> tuple[Permission, ...]:
    if version is None:
        return ()
    before = app.app.permissions(version)
    return tuple(one for one in app.asked if one not in before and not one.is_for_sign_in)


def _reason(app: Advice, version: int | None, *, by_persons: bool) -> Reason | None:
    """None where an administrator approved the present set, or where it stops nobody."""
    if version is not None:
        return Reason.OLDER_SET if _added(app, version) else None
    if app.wall not in {Wall.EVERYWHERE, Wall.MANAGED}:
        return None
    return Reason.PERSONS if by_persons else Reason.CONNECTED
