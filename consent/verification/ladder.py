"""The ladder of proof: from what is known to a rung. Pure: facts in, verdict out; no row, no clock,
no network.
"""

from dataclasses import dataclass

from consent.models.request import Reach, Rung
from tenants.microsoft.permissions import Kind, Permission, may_consent, needs_administrator

_WEAKEST_FIRST = [rung for rung in Rung if rung.proves]


@dataclass(frozen=True)
class SignIn:
    """One person's silent sign-in: who (object ID), which roles the token showed (None: not shown),
    what it covers.
    """

    person: str
    roles: frozenset[str] | None
    covers: frozenset[Permission]


@dataclass(frozen=True)
class Known:
    """All that is known of a request when it is judged.

    `application` are the roles of a fresh app-only token, `for_everyone` the delegated grants that
    the directory shows; each is None where a look could not read it. `unread` are APIs whose
    application permissions no look could read. `present` means that our service principal is there
    and enabled. `witnessed`: a role that nobody grants without all of these stands in the token;
    None where the set has no such role, or where no look could tell. `shows_roles`: sign-ins tell
    who is an administrator. Delegated permissions proved by less than `weakest` do not count.
    """

    required: frozenset[Permission]
    claimed: bool = False
    present: bool = False
    news: bool = False
    assignment_required: bool = False
    application: frozenset[Permission] | None = None
    for_everyone: frozenset[Permission] | None = None
    administrators: tuple[SignIn, ...] = ()
    people: tuple[SignIn, ...] = ()
    refused_since_news: bool = False
    looks_needed: bool = True
    witnessed: bool | None = None
    shows_roles: bool = True
    weakest: Rung = Rung.IN_USE
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """What to make of it: the rung, whether that proves the grant, its reach, and what a look found
    missing.
    """

    rung: Rung
    granted: bool
    reach: Reach | None
    missing: frozenset[Permission]
    looks_approved: bool


def judge(known: Known) -> Verdict:
    """Climb the ladder.

    Granted: every permission is covered, delegated ones by directory, by an administrator's
    sign-in, by the witness or by people's use, application ones by directory alone. The rung shown
    is then the lowest among the parts.
    """
    missing = _missing(known)
    parts = [_rung_of(permission, known) for permission in known.required]
    proved = (
        bool(parts)
        and all(part is not None for part in parts)
        and (known.present or not known.looks_needed)
    )
    if proved:
        rung = min((part for part in parts if part), key=_WEAKEST_FIRST.index)
        return Verdict(rung, True, _reach(known), frozenset(), looks_approved=False)
    installed = known.present and known.news
    rung = Rung.INSTALLED if installed else Rung.CLAIMED if known.claimed else Rung.NONE
    is_likely = known.witnessed is not False and not known.refused_since_news
    return Verdict(rung, False, None, missing, installed and not missing and is_likely)


def _missing(known: Known) -> frozenset[Permission]:
    """Names only what a look could read: no superset counts, and what could not be read is not
    missing.
    """
    lacking: set[Permission] = set()
    if known.application is not None:
        lacking |= {
            p
            for p in known.required
            if p.kind == Kind.APPLICATION
            and p.resource_client_id not in known.unread
            and p not in known.application
        }
    if known.for_everyone is not None:
        lacking |= {
            p for p in known.required if p.kind == Kind.DELEGATED and p not in known.for_everyone
        }
    return frozenset(lacking)


def _rung_of(permission: Permission, known: Known) -> Rung | None:
    if permission.kind == Kind.APPLICATION:
        return Rung.DIRECTORY if known.application and permission in known.application else None
    if known.for_everyone is not None:
        # Where the directory can be read it decides: an administrator's own grant would also cover
        # a sign-in.
        return Rung.DIRECTORY if permission in known.for_everyone else None
    delegated = frozenset(p for p in known.required if p.kind == Kind.DELEGATED)
    best = _without_directory(delegated, known)
    enough = best and _WEAKEST_FIRST.index(best) >= _WEAKEST_FIRST.index(known.weakest)
    return best if enough else None


def _without_directory(delegated: frozenset[Permission], known: Known) -> Rung | None:
    if any(_proves(who, delegated, known.required) for who in known.administrators):
        return Rung.SIGN_IN
    if known.witnessed:
        return Rung.WITNESS
    return Rung.IN_USE if _is_in_use(delegated, known) else None


def _proves(who: SignIn, delegated: frozenset[Permission], required: frozenset[Permission]) -> bool:
    return who.roles is not None and may_consent(who.roles, required) and delegated <= who.covers


def _is_in_use(delegated: frozenset[Permission], known: Known) -> bool:
    """One person proves it where he cannot have granted it to himself: the set needs an
    administrator, and he is none. Else a second, different one is needed.
    """
    inside = [who for who in (*known.people, *known.administrators) if delegated <= who.covers]
    if len({who.person for who in inside}) > 1:
        return True
    only_administrators = any(needs_administrator(p) for p in delegated)
    # Who claims to have approved and does not show his roles may have approved for himself alone.
    candidates = [who for who in inside if who in known.people or who.roles is not None]
    return only_administrators and any(_is_user(who, known) for who in candidates)


def _is_user(who: SignIn, known: Known) -> bool:
    """Not somebody who may approve: his roles say so, or none are shown where all would be."""
    if who.roles is None:
        return known.shows_roles
    return not may_consent(who.roles, known.required)


def _reach(known: Known) -> Reach:
    return Reach.ASSIGNED if known.assignment_required else Reach.EVERYONE
