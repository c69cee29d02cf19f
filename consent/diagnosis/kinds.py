"""The words of a diagnosis: what is the matter, who can end it, what the person saw."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Cause(models.TextChoices):
    """What is the matter."""

    ADMIN_CONSENT_REQUIRED = "admin_consent_required", _("An administrator has to approve")
    USER_CONSENT_POSSIBLE = "user_consent_possible", _("The person may approve")
    USER_DECLINED = "user_declined", _("The consent page was cancelled")
    USER_ASSIGNMENT_REQUIRED = "user_assignment_required", _("Only assigned people get in")
    CONDITIONAL_ACCESS = "conditional_access", _("A sign-in rule of the organisation says no")
    MFA_REQUIRED = "mfa_required", _("A second factor is missing")
    APP_DISABLED_IN_TENANT = "app_disabled_in_tenant", _("The app is switched off")
    APP_NOT_FOUND_IN_TENANT = "app_not_found_in_tenant", _("The organisation does not know the app")
    WRONG_TENANT_OR_ACCOUNT = "wrong_tenant_or_account", _("The wrong account was used")
    GUEST_ACCOUNT = "guest_account", _("The account is a stranger or guest there")
    PERSONAL_ACCOUNT = "personal_account", _("A private account was used")
    VENDOR_MISCONFIGURATION = "vendor_misconfiguration", _("The app is set up wrongly")
    VENDOR_SECRET_EXPIRED = "vendor_secret_expired", _("The app's secret is wrong or too old")
    RESOURCE_MISSING_OR_UNLICENSED = (
        "resource_missing_or_unlicensed",
        _("A service is missing in the organisation"),
    )
    TENANT_NOT_FOUND = "tenant_not_found", _("Microsoft does not know the organisation")
    SESSION_EXPIRED = "session_expired", _("The sign-in has to be repeated")
    TOKEN_REVOKED = "token_revoked", _("The connection was ended")
    THROTTLED_OR_TRANSIENT = "throttled_or_transient", _("Microsoft could not answer for a moment")
    ADMIN_LACKS_ROLE = "admin_lacks_role", _("This administrator may not approve")
    ALREADY_GRANTED_PROPAGATING = (
        "already_granted_propagating",
        _("Approved, and not visible everywhere yet"),
    )
    SCOPE_CHANGED_RECONSENT = (
        "scope_changed_reconsent",
        _("Approved earlier for fewer permissions"),
    )
    UNKNOWN = "unknown", _("Not known")


class Actor(models.TextChoices):
    """Who can end it."""

    END_USER = "end_user", _("The person")
    TENANT_ADMIN = "tenant_admin", _("An administrator of the organisation")
    VENDOR = "vendor", _("The maker of the app")
    NOBODY = "nobody", _("Nobody: it passes")


class Seen(models.TextChoices):
    """The picture that the person picked as what Microsoft showed."""

    NEED_ADMIN = "need_admin", _("“Need admin approval”")
    REQUEST_FORM = "request_form", _("“Approval required” with a box for a reason")
    ACCEPT_PAGE = "accept_page", _("“Permissions requested” with the button Accept")
    RISKY = "risky", _("A warning that the app may be risky")
    ERROR = "error", _("An error message")
    OTHER = "other", _("Something else")


class Confidence(models.TextChoices):
    """How sure a diagnosis is."""

    HIGH = "high", _("Sure")
    MEDIUM = "medium", _("Likely")
    LOW = "low", _("A guess")


class Audience(models.TextChoices):
    """Who reads an advice."""

    REQUESTER = "requester", _("Requester")
    ADMINISTRATOR = "administrator", _("Administrator")
    AGENT = "agent", _("Agent")
    DEVELOPER = "developer", _("Developer")


# Who ends a cause unless a code or the context names somebody else.
ACTORS: dict[Cause, Actor] = {
    Cause.ADMIN_CONSENT_REQUIRED: Actor.TENANT_ADMIN,
    Cause.USER_CONSENT_POSSIBLE: Actor.END_USER,
    Cause.USER_DECLINED: Actor.END_USER,
    Cause.USER_ASSIGNMENT_REQUIRED: Actor.TENANT_ADMIN,
    Cause.CONDITIONAL_ACCESS: Actor.TENANT_ADMIN,
    Cause.MFA_REQUIRED: Actor.END_USER,
    Cause.APP_DISABLED_IN_TENANT: Actor.TENANT_ADMIN,
    Cause.APP_NOT_FOUND_IN_TENANT: Actor.VENDOR,
    Cause.WRONG_TENANT_OR_ACCOUNT: Actor.END_USER,
    Cause.GUEST_ACCOUNT: Actor.TENANT_ADMIN,
    Cause.PERSONAL_ACCOUNT: Actor.END_USER,
    Cause.VENDOR_MISCONFIGURATION: Actor.VENDOR,
    Cause.VENDOR_SECRET_EXPIRED: Actor.VENDOR,
    Cause.RESOURCE_MISSING_OR_UNLICENSED: Actor.TENANT_ADMIN,
    Cause.TENANT_NOT_FOUND: Actor.VENDOR,
    Cause.SESSION_EXPIRED: Actor.END_USER,
    Cause.TOKEN_REVOKED: Actor.END_USER,
    Cause.THROTTLED_OR_TRANSIENT: Actor.NOBODY,
    Cause.ADMIN_LACKS_ROLE: Actor.TENANT_ADMIN,
    Cause.ALREADY_GRANTED_PROPAGATING: Actor.NOBODY,
    Cause.SCOPE_CHANGED_RECONSENT: Actor.TENANT_ADMIN,
    Cause.UNKNOWN: Actor.END_USER,
}

# Where an administrator's approval of the app is the remedy.
ENDED_BY_APPROVAL = frozenset(
    {Cause.ADMIN_CONSENT_REQUIRED, Cause.ADMIN_LACKS_ROLE, Cause.SCOPE_CHANGED_RECONSENT}
)
