"""What an administrator of the organisation does next, with the menu names of Microsoft Entra."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.kinds import Cause

ADVICE: dict[Cause, Promise] = {
    Cause.ADMIN_CONSENT_REQUIRED: _(
        "Open the approval link: it shows who asks and what the app may do. Your organisation "
        "lets only administrators approve this app; the decision is made on Microsoft's own page "
        "and holds for everybody. You can withdraw it at any time under Entra ID, Enterprise "
        "apps."
    ),
    Cause.USER_CONSENT_POSSIBLE: _(
        "Leave it to the person: your rules let people approve this app themselves. There is "
        "nothing for you to do, unless you prefer to approve it once for everybody."
    ),
    Cause.USER_DECLINED: _(
        "Open the approval link again and choose “Accept”, if you left Microsoft's page by "
        "mistake: nothing has changed there. If you meant it, decline on our page, so that nobody "
        "goes on waiting."
    ),
    Cause.USER_ASSIGNMENT_REQUIRED: _(
        "Open Entra ID, Enterprise apps, the app, Users and groups, and add the person or a group "
        "that holds them directly; nested groups do not count. Or set “Assignment required?” to No "
        "under Properties. Your organisation lets only assigned people into this app, whether or "
        "not it is approved."
    ),
    Cause.CONDITIONAL_ACCESS: _(
        "Find the attempt in the sign-in logs of Microsoft Entra by its correlation ID and time; "
        "the tab Conditional Access names the rule that stopped it. Change the rule, exempt the "
        "app, or bring the device or network into line. Approving the app does not outweigh a "
        "rule."
    ),
    Cause.MFA_REQUIRED: _(
        "Let the person give the second factor in the browser. If they cannot set one up, open "
        "their account, Authentication methods, and require them to register anew. The app needs "
        "no approval for this."
    ),
    Cause.APP_DISABLED_IN_TENANT: _(
        "Open Entra ID, Enterprise apps, the app, Properties, and set “Enabled for users to "
        "sign-in?” to Yes: the app, or the service it uses, is switched off here. If Microsoft "
        "itself has blocked it, or a subscription has ended, the switch stays without effect."
    ),
    Cause.APP_NOT_FOUND_IN_TENANT: _(
        "Open the approval link, if you have one from us: that installs the app, which is not in "
        "your organisation under the identifier it used. If it was approved before, its maker has "
        "used a wrong identifier or the wrong organisation, and you need do nothing."
    ),
    Cause.WRONG_TENANT_OR_ACCOUNT: _(
        "Open the link in a private browser window, if it was you, and sign in with your "
        "administrator's account of the organisation that was asked. If it was somebody else, "
        "look under Users whether the account exists and is enabled."
    ),
    Cause.GUEST_ACCOUNT: _(
        "Invite the person as a guest under Users, since the account comes from outside, or look "
        "at External Identities, Cross-tenant access settings, if the two organisations do not "
        "admit each other. Approving the app comes after that."
    ),
    Cause.PERSONAL_ACCOUNT: _(
        "Let the person sign in with their account of your organisation: a personal "
        "account was used. There is nothing to approve."
    ),
    Cause.VENDOR_MISCONFIGURATION: _(
        "Wait for the maker of the app, who has to repair a setting. Approving again does not "
        "help. An approval that you have already given stays, and you need not repeat it unless "
        "the maker asks for other permissions."
    ),
    Cause.VENDOR_SECRET_EXPIRED: _(
        "Wait for the maker of the app, who alone can renew its credential at Microsoft. Your "
        "approval is not touched by that."
    ),
    Cause.RESOURCE_MISSING_OR_UNLICENSED: _(
        "Check the licence under Billing in the Microsoft 365 admin center, and whether the "
        "service appears under Entra ID, Enterprise apps; then let the person connect again. The "
        "app uses a Microsoft service that is missing in your organisation, so approving the app "
        "first would fail in the same way."
    ),
    Cause.TENANT_NOT_FOUND: _(
        "Check under Entra ID, Domain names, that the domain is verified: Microsoft finds no "
        "organisation under the name that was used. If you live in a national cloud, tell the "
        "maker of the app which one."
    ),
    Cause.SESSION_EXPIRED: _(
        "Let the person sign in again: their sign-in ran out. You need do nothing, unless your "
        "rule for the sign-in frequency is shorter than you meant."
    ),
    Cause.TOKEN_REVOKED: _(
        "Let the person sign in again: their sessions were ended, by a new password or by “Revoke "
        "sessions”. Your approval stands."
    ),
    Cause.THROTTLED_OR_TRANSIENT: _(
        "Try again in a quarter of an hour: Microsoft could not answer for a moment. Your "
        "settings are not the reason."
    ),
    Cause.ADMIN_LACKS_ROLE: _(
        "Forward the approval link to a colleague with a higher role, or activate the role first. "
        "Permissions for a signed-in person need a Cloud Application Administrator; permissions "
        "of Microsoft Graph without one need a Global or Privileged Role Administrator."
    ),
    Cause.ALREADY_GRANTED_PROPAGATING: _(
        "Look under Entra ID, Enterprise apps, the app, Permissions: your approval was probably "
        "stored and is not visible everywhere yet, even if the last page showed an error. There "
        "is no need to approve again; give it a few minutes."
    ),
    Cause.SCOPE_CHANGED_RECONSENT: _(
        "Open the approval link, which shows the whole list, and approve that rather than single "
        "permissions. You approved this app earlier, and it asks for more now; what was approved "
        "before stays part of it."
    ),
    Cause.UNKNOWN: _(
        "Look in the sign-in logs of Microsoft Entra for the person and the time, and read the "
        "failure reason. The text itself does not say what stopped the person."
    ),
}
