"""Where the words around a code mean more than its number."""

import re
from collections.abc import Callable

from consent.diagnosis.case import SEEN_WALL, Case, Verdict
from consent.diagnosis.cues import Cue
from consent.diagnosis.identifiers import Kind
from consent.diagnosis.kinds import Actor, Cause, Confidence
from tenants.microsoft.guids import CONSUMERS

_NAMED_APP = re.compile(r"application with identifier '([^']{1,200})'")
_LOOKS_LIKE_GUID = re.compile(r"[0-9a-fx*-]{8,40}|<[^>]*>|\{[^}]*\}|\.{2,}|https?://.*|api://.*")


# What may stop somebody after an approval, said in words.
_AFTERWARDS = frozenset({Cue.ASSIGNMENT, Cue.DISABLED, Cue.POLICY})


def forced_consent(case: Case) -> Verdict | None:
    """`prompt=consent` brings the wall back however often an administrator approves.

    Somebody who saw the wall and says nothing of an approval still needs one first.
    """
    if not case.reading.forces_consent or not case.is_about_consent:
        return None
    if case.seen in SEEN_WALL and not case.says(Cue.GRANTED):
        return None
    return case.verdict(
        Cause.VENDOR_MISCONFIGURATION, Confidence.MEDIUM, "prompt=consent", Cue.GRANTED
    )


def lacks_role(case: Case) -> Verdict | None:
    """An administrator whose role does not suffice for this app."""
    if not case.says(Cue.LACKS_ROLE) or not case.is_about_consent:
        return None
    return case.verdict(Cause.ADMIN_LACKS_ROLE, Confidence.MEDIUM, Cue.LACKS_ROLE)


def granted_before(case: Case) -> Verdict | None:
    """Approved, and blocked all the same: too early, for fewer permissions, or asked in a loop."""
    if not case.says(Cue.GRANTED) or not case.is_about_consent:
        return None
    if case.says(Cue.APPROVED_ANOTHER):
        return None
    if not case.code and not case.says(Cue.ENDLESS) and _AFTERWARDS.intersection(case.said):
        return None
    if case.says(Cue.JUST_NOW) or case.says(Cue.WORKS_LATER) or case.says(Cue.INSTALLED):
        grounds = (Cue.JUST_NOW, Cue.WORKS_LATER, Cue.INSTALLED)
        return case.verdict(Cause.ALREADY_GRANTED_PROPAGATING, Confidence.MEDIUM, *grounds)
    if case.says(Cue.CHANGED) and (case.code or case.shows_wall or case.says(Cue.MORE_ASKED)):
        return case.verdict(
            Cause.SCOPE_CHANGED_RECONSENT, Confidence.MEDIUM, Cue.GRANTED, Cue.CHANGED
        )
    if case.says(Cue.ENDLESS):
        return case.verdict(
            Cause.VENDOR_MISCONFIGURATION, Confidence.MEDIUM, Cue.GRANTED, Cue.ENDLESS
        )
    if case.says(Cue.STILL_SHOWN) or (case.says(Cue.STILL) and (case.code or case.shows_wall)):
        return case.verdict(
            Cause.ALREADY_GRANTED_PROPAGATING, Confidence.LOW, Cue.GRANTED, Cue.STILL
        )
    return None


def reapproved(case: Case) -> Verdict | None:
    """Approved again and again, which no further approval ends."""
    if not case.says(Cue.REAPPROVED) or not case.is_about_consent:
        return None
    return case.verdict(Cause.VENDOR_MISCONFIGURATION, Confidence.MEDIUM, Cue.REAPPROVED)


def more_asked(case: Case) -> Verdict | None:
    """A new version of the app asks for more than was approved."""
    if case.code or not case.says(Cue.MORE_ASKED):
        return None
    return case.verdict(Cause.SCOPE_CHANGED_RECONSENT, Confidence.MEDIUM, Cue.MORE_ASKED)


def _declined(case: Case) -> Verdict | None:
    """65004 of an administrator, who opens the same link again; or of somebody who was stopped."""
    if case.reading.claims_approval:
        return case.verdict(
            Cause.USER_DECLINED,
            Confidence.HIGH,
            "admin_consent=True",
            actor=Actor.TENANT_ADMIN,
            approval_link_helps=True,
        )
    if case.shows_wall or (case.reading.cancelled and not case.says(Cue.PRESSED_CANCEL)):
        return case.verdict(
            Cause.ADMIN_CONSENT_REQUIRED, Confidence.LOW, "error_subcode=cancel", Cue.WALL
        )
    return None


def _stranger(case: Case) -> Verdict | None:
    """50020: a private account, or the approval link opened with an account from elsewhere."""
    if case.says(Cue.PERSONAL):
        return case.verdict(Cause.PERSONAL_ACCOUNT, Confidence.HIGH, Cue.PERSONAL)
    if case.reading.claims_approval:
        return case.verdict(
            Cause.WRONG_TENANT_OR_ACCOUNT,
            Confidence.HIGH,
            "admin_consent=True",
            actor=Actor.TENANT_ADMIN,
            approval_link_helps=True,
        )
    return None


def _unknown_app(case: Case) -> Verdict | None:
    """700016: a wrong identifier is the vendor's slip; an app that works alone was not approved."""
    named = _NAMED_APP.search(case.reading.words)
    if named and not _LOOKS_LIKE_GUID.fullmatch(named[1]):
        return case.verdict(Cause.VENDOR_MISCONFIGURATION, Confidence.HIGH, named[0])
    if case.says(Cue.APP_ALONE):
        return case.verdict(
            Cause.APP_NOT_FOUND_IN_TENANT,
            Confidence.MEDIUM,
            Cue.APP_ALONE,
            actor=Actor.TENANT_ADMIN,
            approval_link_helps=True,
        )
    return None


def _missing_tenant(case: Case) -> Verdict | None:
    """90002 about the tenant of all private accounts, which cannot be missing."""
    if case.reading.identifier(Kind.TENANT, near=case.code) != CONSUMERS:
        return None
    return case.verdict(Cause.THROTTLED_OR_TRANSIENT, Confidence.MEDIUM, CONSUMERS)


def _missing_service(case: Case) -> Verdict | None:
    """65005 in the form that says the organisation lacks the service."""
    if not case.says(Cue.SERVICE_MISSING):
        return None
    return case.verdict(Cause.RESOURCE_MISSING_OR_UNLICENSED, Confidence.HIGH, Cue.SERVICE_MISSING)


def _no_session(case: Case) -> Verdict | None:
    """50058 in a developer's log: the app has to fall back to a visible sign-in."""
    if not case.says(Cue.BACKGROUND):
        return None
    return case.verdict(Cause.VENDOR_MISCONFIGURATION, Confidence.MEDIUM, Cue.BACKGROUND)


def _ended_session(case: Case) -> Verdict | None:
    """16000 in its older form, which speaks of the session instead of the account."""
    if not case.says(Cue.SIGNED_OUT):
        return None
    return case.verdict(Cause.SESSION_EXPIRED, Confidence.HIGH, Cue.SIGNED_OUT)


def _after_accept(case: Case) -> Verdict | None:
    """900561 right after Accept: the approval was stored, only the last page went wrong."""
    if not case.says(Cue.GRANTED):
        return None
    return case.verdict(Cause.ALREADY_GRANTED_PROPAGATING, Confidence.MEDIUM, Cue.GRANTED)


def _fault_at_the_wall(case: Case) -> Verdict | None:
    """50000 and its like on the page that says only an administrator can go on."""
    if not case.shows_wall:
        return None
    return case.verdict(Cause.ADMIN_CONSENT_REQUIRED, Confidence.MEDIUM, Cue.WALL)


_BY_CODE: dict[str, Callable[[Case], Verdict | None]] = {
    "AADSTS65004": _declined,
    "AADSTS50020": _stranger,
    "AADSTS90072": _stranger,
    "AADSTS700016": _unknown_app,
    "AADSTS90002": _missing_tenant,
    "AADSTS65005": _missing_service,
    "AADSTS50058": _no_session,
    "AADSTS16000": _ended_session,
    "AADSTS900561": _after_accept,
    "AADSTS50000": _fault_at_the_wall,
    "AADSTS650056": _fault_at_the_wall,
}


def code_in_context(case: Case) -> Verdict | None:
    """What the decisive code means here, where that differs from its row."""
    rule = _BY_CODE.get(case.code or "")
    return rule(case) if rule else None
