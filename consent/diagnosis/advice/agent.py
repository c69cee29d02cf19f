"""What a support agent of the vendor does next."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.kinds import Cause

ADVICE: dict[Cause, Promise] = {
    Cause.ADMIN_CONSENT_REQUIRED: _(
        "Send the approval link to an administrator of the tenant, or let the requester pass it "
        "on. Look first whether the tenant is already granted, and whether the link to try again "
        "forces the consent page."
    ),
    Cause.USER_CONSENT_POSSIBLE: _(
        "Send no link; tell the person to choose “Accept”, which they may do alone. If they do "
        "not want to, an approval for everybody is still possible on request."
    ),
    Cause.USER_DECLINED: _(
        "Ask what the page showed that was left: “Accept” means try again, “Need admin approval” "
        "means send the link. If an administrator left it, offer the link again or take the "
        "decline as one."
    ),
    Cause.USER_ASSIGNMENT_REQUIRED: _(
        "Send no link: the app asks for assignment, which an approval does not replace. Give the "
        "requester the words for their IT department, and ask which people or group were assigned."
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
        "Find out which tenant holds the mailbox: the approval belongs there. The account is a "
        "guest or a stranger in the tenant that was asked."
    ),
    Cause.PERSONAL_ACCOUNT: _(
        "Ask for the work address, or say that the app does not serve private mailboxes. A "
        "personal account has no administrator, so a link goes nowhere."
    ),
    Cause.VENDOR_MISCONFIGURATION: _(
        "Hand the text with its code to the developers, tell the requester so, and do not trouble "
        "the administrator: it is ours to repair. Look whether other customers show the same "
        "since the last release."
    ),
    Cause.VENDOR_SECRET_EXPIRED: _(
        "Raise the alarm, tell those who wait, and do not trouble any administrator. It is ours, "
        "and urgent: every customer is affected."
    ),
    Cause.RESOURCE_MISSING_OR_UNLICENSED: _(
        "Tell the customer's IT which service the text names: they lack it, and we use it. If "
        "they cannot have it, ask the developers for a smaller set of permissions."
    ),
    Cause.TENANT_NOT_FOUND: _(
        "Ask for the address used at Microsoft, since there is no tenant under that name; look "
        "for a typing mistake, another mail provider, or a national cloud."
    ),
    Cause.SESSION_EXPIRED: _(
        "Send no link: the person connects again. If it comes often, ask whether the customer has "
        "a rule for the sign-in frequency."
    ),
    Cause.TOKEN_REVOKED: _("Send no link: the person connects again with the new password."),
    Cause.THROTTLED_OR_TRANSIENT: _(
        "Wait and try again later; nobody has to act. If several customers report it, look at "
        "Microsoft's service health."
    ),
    Cause.ADMIN_LACKS_ROLE: _(
        "Ask for a Global or Privileged Role Administrator where our set has application "
        "permissions, else for a Cloud Application Administrator, and send the link to them. It "
        "was the right link and the wrong role."
    ),
    Cause.ALREADY_GRANTED_PROPAGATING: _(
        "Send no second link. Check the tenant now; if our look says granted, ask the person to "
        "sign out and try again. If nothing is visible after an hour, the approval went elsewhere."
    ),
    Cause.SCOPE_CHANGED_RECONSENT: _(
        "Compare the tenant's older set with the present version, then send the link for the "
        "whole set and say what is new."
    ),
    Cause.UNKNOWN: _(
        "Ask for everything on Microsoft's last page, including “Troubleshooting details”, or a "
        "screenshot, and look at the tenant's story. Send no link on suspicion."
    ),
}
