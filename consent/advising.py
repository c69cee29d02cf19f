"""Advice for the vendor: which permissions of a registration stop people at Microsoft, since when,
and which narrower set would let them through.

Two rules stop a user. Some permissions need an administrator by their definition. Others are kept
from users, month after month more of them, in organisations that leave the rule to Microsoft.
https://learn.microsoft.com/entra/identity/enterprise-apps/manage-app-consent-policies
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise

from consent.models import AppRegistration, RequiredPermission
from consent.narrower_permissions import replacement
from tenants.microsoft.permissions import (
    GRAPH,
    Kind,
    Permission,
    Role,
    needs_administrator,
    role_needed,
    self_consent_blocked_since,
)


class Wall(StrEnum):
    """Whom a permission stops."""

    EVERYWHERE = "everywhere"
    MANAGED = "managed"
    NOWHERE = "nowhere"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cause:
    """One permission of the set that stops people, and what would do in its place.

    `since` is the month (`2025-11`) in which Microsoft's rule took it in, empty where that rule
    does not name it. `instead` are delegated permissions that stop fewer people, `loses` says what
    is given up with them; both are empty where nothing narrower does.
    """

    permission: Permission
    wall: Wall
    reason: str
    since: str = ""
    instead: tuple[Permission, ...] = ()
    loses: str | Promise = ""


@dataclass(frozen=True)
class Advice:
    """What stops people at this app. `since` is the first month in which one of the set was taken
    in by Microsoft's rule, empty without any; `narrower` the set with every replacement made, and
    `narrower_wall` whom that one still stops. `role` may approve the present set, `narrower_role`
    the narrower one. `is_unverified` stops users everywhere but at home, whatever is asked.
    """

    app: AppRegistration
    asked: tuple[Permission, ...]
    wall: Wall
    since: str
    causes: tuple[Cause, ...]
    free: tuple[Permission, ...]
    narrower: tuple[Permission, ...]
    narrower_wall: Wall
    role: Role
    narrower_role: Role
    is_unverified: bool

    @property
    def is_worth_it(self) -> bool:
        """A narrower set stops fewer people than the present one."""
        return _ORDER.index(self.narrower_wall) < _ORDER.index(self.wall)


# From the one that stops nobody to the one that stops everybody.
_ORDER = (Wall.NOWHERE, Wall.UNKNOWN, Wall.MANAGED, Wall.EVERYWHERE)


def wall_of(permission: Permission) -> Wall:
    """Whom this permission alone stops."""
    if permission.is_for_sign_in:
        return Wall.NOWHERE
    by_definition = needs_administrator(permission)
    if by_definition:
        return Wall.EVERYWHERE
    if self_consent_blocked_since(permission):
        return Wall.MANAGED
    return Wall.UNKNOWN if by_definition is None else Wall.NOWHERE


def advise(app: AppRegistration) -> Advice:
    """Look at the present permission version of the app. Asks nobody but our tables."""
    # A witness is asked of administrators alone, and narrows or stops nothing.
    rows = [row for row in app.rows() if not row.is_witness]
    causes = tuple(_cause(row) for row in rows if wall_of(row.permission) != Wall.NOWHERE)
    free = tuple(row.permission for row in rows if wall_of(row.permission) == Wall.NOWHERE)
    narrower = _narrowed(free, causes)
    return Advice(
        app=app,
        asked=tuple(row.permission for row in rows),
        wall=_worst(row.permission for row in rows),
        since=min((cause.since for cause in causes if cause.since), default=""),
        causes=causes,
        free=free,
        narrower=narrower,
        narrower_wall=_worst(narrower),
        role=role_needed(app.permissions()),
        narrower_role=role_needed(narrower),
        is_unverified=not app.publisher_verified,
    )


def _cause(row: RequiredPermission) -> Cause:
    permission = row.permission
    names, loses = replacement(permission)
    return Cause(
        permission=permission,
        wall=wall_of(permission),
        reason=row.reason,
        since=self_consent_blocked_since(permission) or "",
        instead=tuple(Permission(GRAPH, Kind.DELEGATED, name) for name in names),
        loses=loses,
    )


def _narrowed(free: tuple[Permission, ...], causes: tuple[Cause, ...]) -> tuple[Permission, ...]:
    """The set with every replacement made, each permission once, in the order of the set."""
    found = [*free]
    for cause in causes:
        found += cause.instead or (cause.permission,)
    return tuple(dict.fromkeys(found))


def _worst(permissions: Iterable[Permission]) -> Wall:
    return max((wall_of(one) for one in permissions), key=_ORDER.index, default=Wall.NOWHERE)
