"""What can go wrong with Microsoft, as errors of our own, and the one table that sorts its numbers.

An error carries the number and the correlation ID, which Microsoft's support asks for, and never a
description, a token or an address: those came from outside and may name people.
"""

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Final, NamedTuple

from tenants.microsoft.guids import is_guid

USUAL_WAIT_S: Final = 60.0
#: When an outage ends is a guess: whoever comes back from an approval must not wait for an hour.
LONGEST_OUTAGE_S: Final = 600.0

#: A tenant switched the app off.
SWITCHED_OFF: Final = "AADSTS7000112"

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,63}")
_NUMBERS_END: Final = 10**8
_NUMBER_IN_TEXT: Final = re.compile(r"AADSTS(\d{4,8})")
#: Front-channel descriptions are read this far and no further.
_READ_OF_DESCRIPTION: Final = 2048


class MicrosoftError(Exception):
    """Microsoft said no, or could not be asked.

    `code` is like `AADSTS700016`, a word of Graph's like `Authorization_RequestDenied`, or None.
    """

    def __init__(self, code: str | None = None, correlation_id: object = None) -> None:
        self.code = code
        told = correlation_id.lower() if isinstance(correlation_id, str) else ""
        self.correlation_id = told if is_guid(told) else None
        super().__init__(" ".join(part for part in (code, self.correlation_id) if part))


class NotYetGranted(MicrosoftError):
    """The app is not in that tenant yet, as far as this answer knows."""


class BlockedByTenant(MicrosoftError):
    """The tenant switched the app off, or its Conditional Access keeps the app out."""


class OwnCredentialBroken(MicrosoftError):
    """Microsoft refuses our own certificate or secret; no tenant has anything to do with it."""


class ResourceMissing(MicrosoftError):
    """The API that a token was asked for is not in that tenant."""


class NoRoleThere(MicrosoftError):
    """The API serves only who holds one of its roles, and the app holds none."""


class TenantUnknown(MicrosoftError):
    """No such tenant."""


class WrongCloud(MicrosoftError):
    """The tenant lives in another cloud."""


class Transient(MicrosoftError):
    """An outage, a lost connection, a passing contradiction: ask again later, after `retry_after`
    seconds where Microsoft named any.
    """

    def __init__(
        self,
        code: str | None = None,
        correlation_id: object = None,
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, correlation_id)
        self.retry_after = None if retry_after is None else min(retry_after, LONGEST_OUTAGE_S)


class TokenRefused(Transient):
    """Graph does not take this token, so it has run out or was never good: get a fresh one."""


class UnknownAnswer(MicrosoftError):
    """An answer that nothing here expects: look again slowly and show the code."""


class NotAllowed(MicrosoftError):
    """Graph refuses to show this: a permission is missing."""


class NotFound(MicrosoftError):
    """Graph has no such object."""


class InvalidIdToken(MicrosoftError):
    """The ID token is not what this tenant would have signed for us now."""


class Throttled(MicrosoftError):
    """Too many calls: wait `retry_after` seconds (a float; Microsoft sends fractions)."""

    def __init__(
        self,
        code: str | None = None,
        correlation_id: object = None,
        *,
        retry_after: float = USUAL_WAIT_S,
    ) -> None:
        super().__init__(code, correlation_id)
        self.retry_after = retry_after


class SignInRefusal(StrEnum):
    """Why a sign-in ended without a code or a token."""

    NOT_COVERED = "not_covered"
    LOGIN_REQUIRED = "login_required"
    SEVERAL_ACCOUNTS = "several_accounts"
    NOT_ASSIGNED = "not_assigned"
    CONDITIONAL_ACCESS = "conditional_access"
    MFA = "mfa"
    DECLINED = "declined"
    OTHER = "other"


class SignInRefused(MicrosoftError):
    """A person's sign-in was refused; `kind` says why."""

    def __init__(
        self, kind: SignInRefusal, code: str | None = None, correlation_id: object = None
    ) -> None:
        super().__init__(code, correlation_id)
        self.kind = kind


class Meaning(NamedTuple):
    """What a number means when the app asks for itself, and when a person signs in."""

    for_app: type[MicrosoftError]
    at_sign_in: SignInRefusal = SignInRefusal.OTHER


_NOT_COVERED: Final = Meaning(NotYetGranted, SignInRefusal.NOT_COVERED)
_CREDENTIAL: Final = Meaning(OwnCredentialBroken)
_TRANSIENT: Final = Meaning(Transient)
_POLICY: Final = Meaning(BlockedByTenant, SignInRefusal.CONDITIONAL_ACCESS)
_MFA: Final = Meaning(BlockedByTenant, SignInRefusal.MFA)
_NO_SESSION: Final = Meaning(UnknownAnswer, SignInRefusal.LOGIN_REQUIRED)


def _all(meaning: Meaning, *numbers: int) -> dict[int, Meaning]:
    return dict.fromkeys(numbers, meaning)


#: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
MEANINGS: Final[dict[int, Meaning]] = {
    **_all(_NOT_COVERED, 700016, 7000229, 700011, 65001),
    **_all(_NOT_COVERED, 90093, 90094, 90095, 900941, 900981),
    **_all(Meaning(BlockedByTenant), 7000112),
    **_all(_POLICY, 50131, 53000, 53001, 53003, 53004, 530004, 530032),
    **_all(_MFA, 50072, 50074, 50076, 50078, 50079, 50158, 500121),
    **_all(Meaning(BlockedByTenant, SignInRefusal.NOT_ASSIGNED), 50105),
    **_all(Meaning(UnknownAnswer, SignInRefusal.SEVERAL_ACCOUNTS), 16000),
    **_all(_NO_SESSION, 50058, 50132, 50133, 50173),
    **_all(Meaning(UnknownAnswer, SignInRefusal.DECLINED), 65004),
    # Secrets, then certificates, then federated assertions.
    **_all(_CREDENTIAL, 7000215, 7000218, 7000222, 70002, 700025),
    **_all(_CREDENTIAL, 50012, 50013, 500133, 700024, 700027, 700030),
    **_all(_CREDENTIAL, 700211, 700212, 700213),
    **_all(Meaning(ResourceMissing), 500011, 650052),
    **_all(Meaning(NoRoleThere), 501051),
    **_all(Meaning(TenantUnknown), 90002, 900023),
    **_all(Meaning(WrongCloud), 90038, 900439),
    **_all(Meaning(Throttled), 50196, 90055),
    **_all(_TRANSIENT, 40010, 50033, 50087, 90006, 90012, 90024, 90033),
}

#: For answers without a known number. `invalid_client` is absent: "not installed" and "your secret
#: is wrong" share it, and only the number tells them apart.
_WORDS: Final[dict[str, Meaning]] = {
    "invalid_tenant": Meaning(TenantUnknown),
    "temporarily_unavailable": _TRANSIENT,
    "server_error": _TRANSIENT,
    "consent_required": _NOT_COVERED,
    "interaction_required": Meaning(UnknownAnswer, SignInRefusal.NOT_COVERED),
    "login_required": _NO_SESSION,
    "account_selection_required": Meaning(UnknownAnswer, SignInRefusal.SEVERAL_ACCOUNTS),
    "access_denied": Meaning(UnknownAnswer, SignInRefusal.DECLINED),
}
_UNKNOWN: Final = Meaning(UnknownAnswer)


def number_of(codes: Collection[object]) -> int | None:
    """The number that decides: the first one the table knows, else the first."""
    numbers = [code for code in codes if type(code) is int and 0 < code < _NUMBERS_END]
    return next((number for number in numbers if number in MEANINGS), next(iter(numbers), None))


def _wait(retry_after: float | None) -> float:
    return USUAL_WAIT_S if retry_after is None else retry_after


def _meaning(error: str, number: int | None) -> Meaning:
    return (MEANINGS.get(number) if number else None) or _WORDS.get(error) or _UNKNOWN


def classify(
    error: str,
    error_codes: Collection[object],
    status: int | None = None,
    retry_after: float | None = None,
    correlation_id: object = None,
) -> MicrosoftError:
    """The error for a refusal: by HTTP status where that decides, then number, then word.

    `error` and `error_codes` are the answer's own, `retry_after` seconds or None.
    """
    number = number_of(error_codes)
    code = f"AADSTS{number}" if number else None
    family = _meaning(error, number).for_app
    if status == 429 or family is Throttled:
        return Throttled(code, correlation_id, retry_after=_wait(retry_after))
    if family is Transient or (status is not None and status >= 500):
        return Transient(code, correlation_id, retry_after=retry_after)
    return family(code, correlation_id)


def classify_redemption(
    error: str,
    error_codes: Collection[object],
    status: int | None = None,
    retry_after: float | None = None,
    correlation_id: object = None,
) -> MicrosoftError:
    """The same where a sign-in's code was exchanged: what concerns the person is SignInRefused."""
    number = number_of(error_codes)
    kind = _meaning(error, number).at_sign_in
    found = classify(error, error_codes, status, retry_after, correlation_id)
    # A code that was used twice or has run out concerns the person at the browser too.
    stale = error == "invalid_grant" and isinstance(found, UnknownAnswer)
    if kind is not SignInRefusal.OTHER or stale:
        return SignInRefused(kind, found.code, found.correlation_id)
    return found


def codes_in(description: str) -> tuple[str, ...]:
    """The numbers in what the front channel says, in its order. It is a claim, and only its first
    2 kB are read.
    """
    numbers = _NUMBER_IN_TEXT.findall(description[:_READ_OF_DESCRIPTION])
    return tuple(f"AADSTS{number}" for number in numbers)


def refused_in_browser(error: str, description: str, subcode: str) -> SignInRefused:
    """What a browser brings back instead of a code.

    It is a claim, so it never says anything about our credential or the tenant.
    """
    found = _NUMBER_IN_TEXT.search(description[:_READ_OF_DESCRIPTION])
    number = int(found.group(1)) if found else None
    kind = _meaning(error, number).at_sign_in
    if kind is SignInRefusal.OTHER and subcode == "cancel":
        kind = SignInRefusal.DECLINED
    return SignInRefused(kind, f"AADSTS{number}" if number else None)


def graph_error(
    status: int,
    code: object,
    retry_after: float | None = None,
    correlation_id: object = None,
) -> MicrosoftError:
    """The error for a refusal of Graph's. https://learn.microsoft.com/graph/errors"""
    word = code if isinstance(code, str) and _WORD.fullmatch(code) else None
    if status == 429:
        return Throttled(word, correlation_id, retry_after=_wait(retry_after))
    if status >= 500:
        return Transient(word, correlation_id, retry_after=retry_after)
    if status == 401:
        # Our service principal is missing, or the answering replica does not know it yet. Any other
        # 401 is a token that has run out.
        missing = word == "Authorization_IdentityNotFound"
        return (NotYetGranted if missing else TokenRefused)(word, correlation_id)
    return {403: NotAllowed, 404: NotFound}.get(status, UnknownAnswer)(word, correlation_id)
