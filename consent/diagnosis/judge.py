"""Weighs codes, words and what the person saw against each other.

The rules stand in the order of their weight: what was seen, what the context says, the decisive
code, Microsoft's own words, OAuth's words. The first that has an opinion decides.
"""

from collections.abc import Callable

from consent.diagnosis import catalogue, context
from consent.diagnosis.case import SEEN_WALL, Case, Verdict
from consent.diagnosis.cues import Cue, printed, told
from consent.diagnosis.kinds import Actor, Cause, Confidence, Seen
from consent.diagnosis.reader import Mention, Reading

# Codes that interrupt a sign-in or say nothing by themselves: any other code beside them decides.
_WEAK_CODES = frozenset(
    f"AADSTS{number}"
    for number in (
        16000,
        50058,
        50072,
        50074,
        50089,
        50125,
        50126,
        50140,
        50199,
        65001,
        65004,
        70000,
    )
)
# Which cause decides where a text has several codes. A lasting block comes before one that the
# person passes alone, and that before what passes by itself.
_WEIGHT: tuple[Cause, ...] = (
    Cause.ADMIN_CONSENT_REQUIRED,
    Cause.USER_ASSIGNMENT_REQUIRED,
    Cause.APP_DISABLED_IN_TENANT,
    Cause.CONDITIONAL_ACCESS,
    Cause.VENDOR_SECRET_EXPIRED,
    Cause.VENDOR_MISCONFIGURATION,
    Cause.RESOURCE_MISSING_OR_UNLICENSED,
    Cause.APP_NOT_FOUND_IN_TENANT,
    Cause.TENANT_NOT_FOUND,
    Cause.GUEST_ACCOUNT,
    Cause.PERSONAL_ACCOUNT,
    Cause.WRONG_TENANT_OR_ACCOUNT,
    Cause.MFA_REQUIRED,
    Cause.TOKEN_REVOKED,
    Cause.SESSION_EXPIRED,
    Cause.USER_DECLINED,
    Cause.THROTTLED_OR_TRANSIENT,
)

_OAUTH: dict[str, Cause] = {
    "consent_required": Cause.ADMIN_CONSENT_REQUIRED,
    "invalid_client": Cause.VENDOR_MISCONFIGURATION,
    "invalid_request": Cause.VENDOR_MISCONFIGURATION,
    "invalid_resource": Cause.VENDOR_MISCONFIGURATION,
    "invalid_scope": Cause.VENDOR_MISCONFIGURATION,
    "invalid_tenant": Cause.TENANT_NOT_FOUND,
    "login_required": Cause.SESSION_EXPIRED,
    "permission_denied": Cause.USER_DECLINED,
    "temporarily_unavailable": Cause.THROTTLED_OR_TRANSIENT,
    "unauthorized_client": Cause.VENDOR_MISCONFIGURATION,
    "unsupported_grant_type": Cause.VENDOR_MISCONFIGURATION,
    "unsupported_response_type": Cause.VENDOR_MISCONFIGURATION,
}

# What a page or a sentence means where no code speaks, the most telling first.
_CUES: tuple[tuple[Cue, Cause, Confidence], ...] = (
    (Cue.ASSIGNMENT, Cause.USER_ASSIGNMENT_REQUIRED, Confidence.HIGH),
    (Cue.GUEST, Cause.GUEST_ACCOUNT, Confidence.MEDIUM),
    (Cue.PERSONAL, Cause.PERSONAL_ACCOUNT, Confidence.HIGH),
    (Cue.SERVICE_MISSING, Cause.RESOURCE_MISSING_OR_UNLICENSED, Confidence.HIGH),
    (Cue.RETURN_ADDRESS, Cause.VENDOR_MISCONFIGURATION, Confidence.HIGH),
    (Cue.SECRET, Cause.VENDOR_SECRET_EXPIRED, Confidence.MEDIUM),
    (Cue.WALL, Cause.ADMIN_CONSENT_REQUIRED, Confidence.HIGH),
    (Cue.ASKED_IN_A_LOOP, Cause.VENDOR_MISCONFIGURATION, Confidence.LOW),
    (Cue.DISABLED, Cause.APP_DISABLED_IN_TENANT, Confidence.MEDIUM),
    (Cue.POLICY, Cause.CONDITIONAL_ACCESS, Confidence.MEDIUM),
    (Cue.OTHER_ACCOUNT, Cause.WRONG_TENANT_OR_ACCOUNT, Confidence.MEDIUM),
    (Cue.PRESSED_CANCEL, Cause.USER_DECLINED, Confidence.MEDIUM),
    (Cue.ACCEPT_PAGE, Cause.USER_CONSENT_POSSIBLE, Confidence.MEDIUM),
    (Cue.SECOND_FACTOR, Cause.MFA_REQUIRED, Confidence.MEDIUM),
    (Cue.OVERLOADED, Cause.THROTTLED_OR_TRANSIENT, Confidence.MEDIUM),
    (Cue.APP_MISSING, Cause.APP_NOT_FOUND_IN_TENANT, Confidence.MEDIUM),
    (Cue.TENANT_MISSING, Cause.TENANT_NOT_FOUND, Confidence.MEDIUM),
    (Cue.TOKEN_ENDED, Cause.TOKEN_REVOKED, Confidence.MEDIUM),
    (Cue.SIGNED_OUT, Cause.SESSION_EXPIRED, Confidence.MEDIUM),
    (Cue.ACCOUNT_OFF, Cause.WRONG_TENANT_OR_ACCOUNT, Confidence.LOW),
    (Cue.SENT_TO_ADMIN, Cause.ADMIN_CONSENT_REQUIRED, Confidence.LOW),
    (Cue.BROKEN_REQUEST, Cause.VENDOR_MISCONFIGURATION, Confidence.LOW),
    (Cue.SIGNIN_AGAIN, Cause.SESSION_EXPIRED, Confidence.LOW),
    (Cue.TRY_LATER, Cause.THROTTLED_OR_TRANSIENT, Confidence.LOW),
)


# Who acts where a sentence means something else than its cause usually does: a locked account.
_ACTORS_BY_CUE = {Cue.ACCOUNT_OFF: Actor.TENANT_ADMIN}
# What may come after an approval, so that the wall named beside it is one of the past.
_AFTERWARDS = frozenset({Cue.POLICY, Cue.SECOND_FACTOR})


def _accept_page_seen(case: Case) -> Verdict | None:
    """Whoever sees the button Accept may press it, unless a code is about something else."""
    if case.seen != Seen.ACCEPT_PAGE or not case.is_about_consent:
        return None
    return case.verdict(Cause.USER_CONSENT_POSSIBLE, Confidence.MEDIUM, "accept_page")


def _decisive_code(case: Case) -> Verdict | None:
    """The code's own row."""
    row = case.row
    if row is None:
        return None
    return case.verdict(
        row.cause,
        Confidence.MEDIUM if row.consent_helps == "maybe" else Confidence.HIGH,
        actor=row.actor,
        approval_link_helps=row.consent_helps == "yes",
    )


def _wall_seen(case: Case) -> Verdict | None:
    """The person picked one of the pictures of the wall."""
    if case.seen not in SEEN_WALL:
        return None
    sure = Confidence.HIGH if Cue.WALL in case.said else Confidence.MEDIUM
    return case.verdict(Cause.ADMIN_CONSENT_REQUIRED, sure, case.seen, Cue.WALL)


def _disabled_by_microsoft(case: Case) -> Verdict | None:
    """Then no administrator can switch the app on; its maker has to speak to Microsoft."""
    if Cue.DISABLED_BY_MICROSOFT not in case.said:
        return None
    return case.verdict(
        Cause.APP_DISABLED_IN_TENANT, Confidence.HIGH, Cue.DISABLED_BY_MICROSOFT, actor=Actor.VENDOR
    )


def _words(case: Case) -> Verdict | None:
    """Microsoft's pages and what people say, without a code. The wall's own words come first."""
    rows = [row for row in _CUES if row[0] in case.said]
    if case.says(Cue.ELSEWHERE):
        # A booked room or a bill is approved by somebody else, and not at Microsoft.
        rows = [row for row in rows if row[1] is not Cause.ADMIN_CONSENT_REQUIRED]
    rows.sort(key=lambda row: row[0] is not Cue.WALL or Cue.WALL not in case.printed)
    if case.says(Cue.GRANTED):
        # Whoever says that it was approved tells of the wall that was, and of what came then.
        rows = [row for row in rows if row[0] is not Cue.SENT_TO_ADMIN]
        rows.sort(key=lambda row: row[0] not in _AFTERWARDS)
    if not rows:
        return None
    cue, cause, confidence = rows[0]
    return case.verdict(cause, confidence, cue, actor=_ACTORS_BY_CUE.get(cue))


def _named_error(case: Case) -> Verdict | None:
    """Microsoft's name of an error, as logs have it, without the number."""
    row = None if case.code else catalogue.named(case.reading.words)
    if row is None:
        return None
    return case.verdict(
        row.cause,
        Confidence.MEDIUM,
        row.name,
        actor=row.actor,
        approval_link_helps=row.consent_helps == "yes",
    )


def _way_back(case: Case) -> Verdict | None:
    """`error_subcode=cancel` comes from the link back on the wall as well as from Cancel.

    Who pressed Cancel says so; the others were stopped. Microsoft's request form, once sent, ends
    the same way.
    """
    if not case.reading.cancelled:
        return None
    return case.verdict(Cause.ADMIN_CONSENT_REQUIRED, Confidence.LOW, "error_subcode=cancel")


def _oauth_error(case: Case) -> Verdict | None:
    """OAuth's own word, which alone says little."""
    cause = _OAUTH.get(case.reading.oauth_error)
    if cause is None:
        return None
    return case.verdict(cause, Confidence.LOW, case.reading.oauth_error)


def _never_returned(case: Case) -> Verdict | None:
    """Who is stopped at the wall never comes back to the app, and the app never hears of it."""
    if Cue.NEVER_RETURNS not in case.said:
        return None
    return case.verdict(Cause.ADMIN_CONSENT_REQUIRED, Confidence.LOW, Cue.NEVER_RETURNS)


_RULES: tuple[Callable[[Case], Verdict | None], ...] = (
    _accept_page_seen,
    context.forced_consent,
    context.lacks_role,
    context.granted_before,
    context.reapproved,
    context.more_asked,
    context.code_in_context,
    _decisive_code,
    _wall_seen,
    _disabled_by_microsoft,
    _words,
    _named_error,
    _way_back,
    _oauth_error,
    _never_returned,
)


def _decisive(reading: Reading) -> str | None:
    """The code that decides: known before unknown, of today before earlier ones, telling before
    weak, by cause, by place.
    """

    def weight(mention: Mention) -> tuple[bool, int, bool, int]:
        row = catalogue.entry(mention.code)
        order = _WEIGHT.index(row.cause) if row else 0
        return row is None, mention.age, mention.code in _WEAK_CODES, order

    return min(reading.mentions, key=weight).code if reading.mentions else None


def judge(reading: Reading, seen: str) -> Verdict:
    """Who must act, and on what grounds. `seen` is a value of Seen; anything else says nothing.

    In a mail that quotes others the newest part decides that is sure of something: a code there,
    or words where nobody quotes a code, since who answers may not know what the code means.
    """
    for part in reading.newest:
        verdict = _judged(part, seen)
        if (part.mentions or not reading.mentions) and verdict.confidence is not Confidence.LOW:
            return verdict
    return _judged(reading, seen)


def _judged(reading: Reading, seen: str) -> Verdict:
    known = printed(reading.words)
    case = Case(
        reading=reading,
        said=told(reading.words) | known,
        printed=frozenset(known),
        seen=seen,
        code=_decisive(reading),
    )
    opinions = (rule(case) for rule in _RULES)
    verdict = next((each for each in opinions if each is not None), None)
    return verdict or case.verdict(Cause.UNKNOWN, Confidence.LOW, case.reading.oauth_error)
