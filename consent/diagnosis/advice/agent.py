"""What a support agent of the vendor does next."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.kinds import Cause

ADVICE: dict[Cause, Promise] = {
    Cause.ADMIN_CONSENT_REQUIRED: _(
        "The wall: send the approval link to an administrator of the tenant, or let the requester "
        "pass it on. First look whether the tenant is already granted, and whether the link to try "
        "again forces the consent page."
    ),
    Cause.USER_CONSENT_POSSIBLE: _(
        "The person may accept alone. Send no link; tell them to choose “Accept”. If they do not "
        "want to, an approval for everybody is still possible on request."
    ),
    Cause.USER_DECLINED: _(
        "The consent page was left. Ask what it showed: “Accept” means try again, “Need admin "
        "approval” means send the link. If an administrator left it, offer the link again or take "
        "the decline as one."
    ),
    Cause.USER_ASSIGNMENT_REQUIRED: _(
        "Send no link: the app is approved and asks for assignment. Give the requester the words "
        "for their IT department, and ask which people or group were assigned."
    ),
    Cause.CONDITIONAL_ACCESS: _(
        "Send no link. Pass correlation ID and time to the customer's IT; their sign-in log names "
        "the rule. Offer our network addresses if the rule is about the place."
    ),
    Cause.MFA_REQUIRED: _(
        "Send no link. The person signs in again in the browser and completes the second factor. "
        "If it comes back every time, our sign-in runs where it cannot show a page: tell the "
        "developers."
    ),
    Cause.APP_DISABLED_IN_TENANT: _(
        "Send no link: an approval does not switch the app on. Tell the administrator where the "
        "switch is. If Microsoft disabled the app everywhere, raise an alarm with the developers."
    ),
    Cause.APP_NOT_FOUND_IN_TENANT: _(
        "Compare the identifier in the text with our registration and the tenant with the "
        "customer's. If both are right and nobody has approved, the link installs the app; "
        "otherwise it is ours to repair."
    ),
    Cause.WRONG_TENANT_OR_ACCOUNT: _(
        "Send nobody a link yet. Ask for the work address that the person signs in with at "
        "Microsoft, and let them try in a private window. If an administrator used the wrong "
        "account, their link still works."
    ),
    Cause.GUEST_ACCOUNT: _(
        "The account is a guest or a stranger in that tenant. Find out which tenant holds the "
        "mailbox: the approval belongs there."
    ),
    Cause.PERSONAL_ACCOUNT: _(
        "A private account has no administrator, so a link goes nowhere. Ask for the work address, "
        "or say that the app does not serve private mailboxes."
    ),
    Cause.VENDOR_MISCONFIGURATION: _(
        "Ours to repair. Hand the text with its code to the developers, tell the requester so, and "
        "do not trouble the administrator. Look whether other customers show the same since the "
        "last release."
    ),
    Cause.VENDOR_SECRET_EXPIRED: _(
        "Ours, and urgent: every customer is affected. Raise the alarm, tell those who wait, and "
        "do not trouble any administrator."
    ),
    Cause.RESOURCE_MISSING_OR_UNLICENSED: _(
        "The customer lacks a service that we use. Tell their IT which one the text names. If they "
        "cannot have it, ask the developers for a smaller set of permissions."
    ),
    Cause.TENANT_NOT_FOUND: _(
        "No tenant under that name. Ask for the address used at Microsoft; look for a typing "
        "mistake, another mail provider, or a national cloud."
    ),
    Cause.SESSION_EXPIRED: _(
        "The person connects again; no link. If it comes often, ask whether the customer has a "
        "rule for the sign-in frequency."
    ),
    Cause.TOKEN_REVOKED: _("The person connects again with the new password; no link."),
    Cause.THROTTLED_OR_TRANSIENT: _(
        "Wait and try again later; nobody has to act. If several customers report it, look at "
        "Microsoft's service health."
    ),
    Cause.ADMIN_LACKS_ROLE: _(
        "Right link, wrong role. Ask for a Global or Privileged Role Administrator where our set "
        "has application permissions, else for a Cloud Application Administrator, and send the "
        "link to them."
    ),
    Cause.ALREADY_GRANTED_PROPAGATING: _(
        "Send no second link. Check the tenant now; if our look says granted, ask the person to "
        "sign out and try again. If nothing is visible after an hour, the approval went elsewhere."
    ),
    Cause.SCOPE_CHANGED_RECONSENT: _(
        "The tenant approved an older set. Compare it with the present version, then send the link "
        "for the whole set and say what is new."
    ),
    Cause.UNKNOWN: _(
        "Not recognised. Ask for everything on Microsoft's last page, including “Troubleshooting "
        "details”, or a screenshot, and look at the tenant's story. Send no link on suspicion."
    ),
}
