"""Approved, and asked all the same: what of everything we know can be the reason.

The doctor walks the reasons in the order in which they turn out to be it, and says of each how it
was found or ruled out. What we learnt from Microsoft counts more than what somebody pasted. He
reads rows only; a look at Microsoft is asked for elsewhere. Only proven readers may see it: it
tells who is a customer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from consent.chart import Chart
from consent.diagnosis import Actor, Cause
from consent.models import Check, Reach, Ticket
from consent.registrations import brings_wall_back
from tenants.microsoft.errors import SignInRefusal

#: Longer than an approval was ever reported to take until all of Microsoft knows it.
SPREADS: Final = timedelta(minutes=15)
_ACCOUNTS: Final = {Cause.WRONG_TENANT_OR_ACCOUNT, Cause.GUEST_ACCOUNT, Cause.PERSONAL_ACCOUNT}
_RULES: Final = {Cause.CONDITIONAL_ACCESS, Cause.MFA_REQUIRED}


class Reason(StrEnum):
    """Why Microsoft may still ask, the likeliest first."""

    SWITCHED_OFF = "switched_off"
    NOT_GRANTED = "not_granted"
    OLDER_VERSION = "older_version"
    ASSIGNMENT = "assignment"
    MISSING = "missing"
    OTHER_APP = "other_app"
    OTHER_TENANT = "other_tenant"
    OTHER_ACCOUNT = "other_account"
    SPREADING = "spreading"
    FORCED_CONSENT = "forced_consent"
    SIGN_IN_RULE = "sign_in_rule"


class Standing(StrEnum):
    """What came of looking for it."""

    FOUND = "found"
    RULED_OUT = "ruled_out"
    NOT_KNOWN = "not_known"


class Source(StrEnum):
    """Where it was looked for."""

    LOOK = "look"
    TEST = "test"
    PASTE = "paste"
    RECORD = "record"


@dataclass(frozen=True)
class Finding:
    """One reason, looked for. `seen` is what was seen: a state in words, names of permissions, an
    identifier, a code; `needed` what it would take; `at` when, None for what has no time. `actor`
    does the next step.
    """

    reason: Reason
    standing: Standing
    source: Source
    seen: str = ""
    at: datetime | None = None
    actor: Actor = Actor.TENANT_ADMIN
    needed: str = ""


@dataclass(frozen=True)
class Examination:
    """All reasons in their order, and when Microsoft was last asked."""

    findings: tuple[Finding, ...]
    looked_at: datetime | None

    @property
    def likeliest(self) -> Finding | None:
        """The first that was found."""
        return next((each for each in self.findings if each.standing == Standing.FOUND), None)

    @property
    def found(self) -> tuple[Finding, ...]:
        """Everything that stands in the way."""
        return tuple(each for each in self.findings if each.standing == Standing.FOUND)

    @property
    def ruled_out(self) -> tuple[Finding, ...]:
        """What it is not."""
        return tuple(each for each in self.findings if each.standing == Standing.RULED_OUT)

    @property
    def not_known(self) -> tuple[Finding, ...]:
        """What nothing that we have says anything of."""
        return tuple(each for each in self.findings if each.standing == Standing.NOT_KNOWN)


def _found(
    reason: Reason,
    source: Source,
    seen: str = "",
    at: datetime | None = None,
    actor: Actor = Actor.TENANT_ADMIN,
) -> Finding:
    return Finding(reason, Standing.FOUND, source, seen, at, actor)


def _out(reason: Reason, source: Source, seen: str = "", at: datetime | None = None) -> Finding:
    return Finding(reason, Standing.RULED_OUT, source, seen, at, Actor.NOBODY)


def _not_known(reason: Reason, source: Source) -> Finding:
    return Finding(reason, Standing.NOT_KNOWN, source, actor=Actor.NOBODY)


def _switched_off(chart: Chart) -> Finding:
    """A switched-off app looks to its people as if nobody had approved it, so it comes first."""
    if chart.request and chart.request.disabled_at:
        since = chart.request.disabled_at
        return _found(Reason.SWITCHED_OFF, Source.LOOK, str(Check.Outcome.DISABLED.label), since)
    if chart.look is None:
        return _not_known(Reason.SWITCHED_OFF, Source.LOOK)
    seen = str(chart.look.get_outcome_display())
    if chart.look.outcome == Check.Outcome.DISABLED:
        return _found(Reason.SWITCHED_OFF, Source.LOOK, seen, chart.look.at)
    return _out(Reason.SWITCHED_OFF, Source.LOOK, seen, chart.look.at)


def _not_granted(chart: Chart) -> Finding:
    if chart.granted:
        granted = chart.granted
        seen = str(granted.get_rung_display())
        return _out(Reason.NOT_GRANTED, Source.LOOK, seen, granted.granted_at)
    state = str(chart.request.get_state_display()) if chart.request else ""
    return _found(Reason.NOT_GRANTED, Source.RECORD, state, chart.looked_at)


def _older_version(chart: Chart) -> Finding:
    """A new version of the app's permissions needs an approval of its own."""
    newest, now = chart.newest_version_granted, chart.ticket.app.permission_version
    if newest is None:
        return _out(Reason.OLDER_VERSION, Source.RECORD)
    if newest < now:
        found = _found(Reason.OLDER_VERSION, Source.RECORD, str(newest))
        return replace(found, needed=str(now))
    return _out(Reason.OLDER_VERSION, Source.RECORD, str(newest))


def _assignment(chart: Chart) -> Finding:
    """Microsoft's own answer to this person, then the reach that the grant had."""
    reason = Reason.ASSIGNMENT
    if chart.test and chart.tested_as(SignInRefusal.NOT_ASSIGNED):
        return _found(reason, Source.TEST, "", chart.test.at)
    if chart.paste.cause == Cause.USER_ASSIGNMENT_REQUIRED:
        return _found(reason, Source.PASTE, chart.paste.primary_code or "")
    if chart.granted is None:
        return _not_known(reason, Source.LOOK)
    granted, seen = chart.granted, str(chart.granted.get_reach_display())
    if granted.reach == Reach.EVERYONE:
        return _out(reason, Source.LOOK, seen, granted.granted_at)
    return _found(reason, Source.LOOK, seen, granted.granted_at)


def _missing(chart: Chart) -> Finding:
    """What the directory shows, where we may read it; else what the grant was proved with."""
    reason = Reason.MISSING
    if chart.grants:
        seen_at = max(row.last_seen_at for row in chart.grants)
        if chart.absent:
            return _found(reason, Source.LOOK, ", ".join(chart.absent), seen_at)
        return _out(reason, Source.LOOK, "", seen_at)
    if chart.request and chart.request.missing:
        return _found(reason, Source.LOOK, ", ".join(chart.request.missing), chart.looked_at)
    if chart.test and chart.tested_as(SignInRefusal.NOT_COVERED):
        return _found(reason, Source.TEST, "", chart.test.at)
    if chart.granted:
        seen = str(chart.granted.get_rung_display())
        return _out(reason, Source.LOOK, seen, chart.granted.granted_at)
    return _not_known(reason, Source.LOOK)


def _other_app(chart: Chart) -> Finding:
    """The page that stopped the person belongs to another app than the one approved."""
    named, ours = chart.paste.app_id, chart.ticket.app.client_id
    if named is None:
        return _not_known(Reason.OTHER_APP, Source.PASTE)
    if named != ours:
        return _found(Reason.OTHER_APP, Source.PASTE, named, actor=Actor.VENDOR)
    return _out(Reason.OTHER_APP, Source.PASTE, named)


def _other_tenant(chart: Chart) -> Finding:
    named, tenant = chart.paste.tenant_id, chart.ticket.tenant
    if named is None or tenant is None:
        return _not_known(Reason.OTHER_TENANT, Source.PASTE)
    if named != tenant.tenant_id:
        return _found(Reason.OTHER_TENANT, Source.PASTE, named, actor=Actor.END_USER)
    return _out(Reason.OTHER_TENANT, Source.PASTE, named)


def _other_account(chart: Chart) -> Finding:
    reason = Reason.OTHER_ACCOUNT
    if chart.paste.cause in _ACCOUNTS:
        return _found(reason, Source.PASTE, _told(chart), actor=Actor.END_USER)
    if chart.test and chart.tested_as(SignInRefusal.SEVERAL_ACCOUNTS):
        return _found(reason, Source.TEST, "", chart.test.at, Actor.END_USER)
    return _by_paste(chart, reason)


def _spreading(chart: Chart) -> Finding:
    """Right after an approval parts of Microsoft do not know it yet."""
    if chart.granted is None or chart.granted.granted_at is None:
        return _out(Reason.SPREADING, Source.RECORD)
    granted_at = chart.granted.granted_at
    if chart.at - granted_at < SPREADS:
        return _found(Reason.SPREADING, Source.RECORD, "", granted_at, Actor.NOBODY)
    return _out(Reason.SPREADING, Source.RECORD, "", granted_at)


def _forced_consent(chart: Chart) -> Finding:
    """`prompt=consent` shows the wall again however often somebody approves."""
    reason = Reason.FORCED_CONSENT
    if brings_wall_back(chart.ticket.app.connect_url):
        return _found(reason, Source.RECORD, chart.ticket.app.connect_url, actor=Actor.VENDOR)
    if chart.paste.forces_consent:
        return _found(reason, Source.PASTE, "prompt=consent", actor=Actor.VENDOR)
    return _out(reason, Source.RECORD, chart.ticket.app.connect_url)


def _sign_in_rule(chart: Chart) -> Finding:
    reason = Reason.SIGN_IN_RULE
    if chart.paste.cause in _RULES:
        return _found(reason, Source.PASTE, _told(chart), actor=chart.paste.actor)
    if chart.test and chart.tested_as(SignInRefusal.CONDITIONAL_ACCESS, SignInRefusal.MFA):
        return _found(reason, Source.TEST, "", chart.test.at)
    return _by_paste(chart, reason)


def _by_paste(chart: Chart, reason: Reason) -> Finding:
    """Ruled out by a paste that says something else; not known without one."""
    if chart.paste.cause == Cause.UNKNOWN:
        return _not_known(reason, Source.PASTE)
    return _out(reason, Source.PASTE, _told(chart))


def _told(chart: Chart) -> str:
    """What a paste says: its code, else the cause as people read it."""
    return chart.paste.primary_code or str(chart.paste.cause.label)


_WALK: Final[tuple[Callable[[Chart], Finding], ...]] = (
    _switched_off,
    _not_granted,
    _older_version,
    _assignment,
    _missing,
    _other_app,
    _other_tenant,
    _other_account,
    _spreading,
    _forced_consent,
    _sign_in_rule,
)


def examine(ticket: Ticket, *, at: datetime) -> Examination:
    """Look for every reason why Microsoft may still stop this person, in what we know at `at`."""
    chart = Chart(ticket, at)
    return Examination(tuple(look_for(chart) for look_for in _WALK), chart.looked_at)
