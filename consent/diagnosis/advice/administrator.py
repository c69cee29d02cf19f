"""What an administrator of the organisation does next, with the menu names of Microsoft Entra."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.kinds import Cause

ADVICE: dict[Cause, Promise] = {
    Cause.ADMIN_CONSENT_REQUIRED: _(
        "Your organisation lets only administrators approve this app. The approval link shows who "
        "asks and what the app may do; the decision itself is made on Microsoft's own page and "
        "holds for everybody. You can withdraw it at any time under Enterprise applications."
    ),
    Cause.USER_CONSENT_POSSIBLE: _(
        "Your rules let people approve this app themselves. There is nothing for you to do, unless "
        "you prefer to approve it once for everybody."
    ),
    Cause.USER_DECLINED: _(
        "Microsoft's page was left without an approval, so nothing has changed. If that was not "
        "meant, open the approval link again and choose “Accept”. If it was, decline on our page, "
        "so that nobody goes on waiting."
    ),
    Cause.USER_ASSIGNMENT_REQUIRED: _(
        "The app is approved and reserved for assigned people. In Microsoft Entra open Enterprise "
        "applications, the app, Users and groups, and add the person or a group that holds them "
        "directly; nested groups do not count. Or set “Assignment required” to No under Properties."
    ),
    Cause.CONDITIONAL_ACCESS: _(
        "A sign-in rule stops this person. Find the attempt in the sign-in log by its correlation "
        "ID and time; the tab Conditional Access names the rule. Change the rule, exempt the app, "
        "or bring the device or network into line. Approving the app does not outweigh a rule."
    ),
    Cause.MFA_REQUIRED: _(
        "The person has to give a second factor in the browser. If they cannot set one up, open "
        "their account, Authentication methods, and require them to register anew. The app needs "
        "no approval for this."
    ),
    Cause.APP_DISABLED_IN_TENANT: _(
        "The app, or the service it uses, is switched off here. Under Enterprise applications, "
        "Properties, set “Enabled for users to sign-in” to Yes. If Microsoft itself has blocked "
        "it, or a subscription has ended, the switch stays without effect."
    ),
    Cause.APP_NOT_FOUND_IN_TENANT: _(
        "The app is not installed in your organisation under the identifier it used. If you have "
        "an approval link from us, opening it installs the app. If it was approved before, the "
        "maker has used a wrong identifier or the wrong organisation, and you need do nothing."
    ),
    Cause.WRONG_TENANT_OR_ACCOUNT: _(
        "The account that was used does not belong to the organisation that was asked. If it was "
        "you, open the link in a private browser window and sign in with your administrator's "
        "account of that organisation."
    ),
    Cause.GUEST_ACCOUNT: _(
        "The person's account comes from outside. Invite it as a guest under Users, or look at "
        "External Identities, Cross-tenant access settings, if the two organisations do not admit "
        "each other. Approving the app comes after that."
    ),
    Cause.PERSONAL_ACCOUNT: _(
        "A private Microsoft account was used. The person has to sign in with their account of "
        "your organisation; there is nothing to approve."
    ),
    Cause.VENDOR_MISCONFIGURATION: _(
        "The maker of the app has to repair a setting. Approving again does not help. An approval "
        "that you have already given stays, and you need not repeat it unless the maker asks for "
        "other permissions."
    ),
    Cause.VENDOR_SECRET_EXPIRED: _(
        "The app's own credential at Microsoft is wrong or too old. Only its maker can renew it. "
        "Your approval is not touched by that."
    ),
    Cause.RESOURCE_MISSING_OR_UNLICENSED: _(
        "The app uses a Microsoft service that is missing in your organisation. Check the licence "
        "under Billing and whether the service appears under Enterprise applications, then let "
        "the person connect again. Approving the app first would fail in the same way."
    ),
    Cause.TENANT_NOT_FOUND: _(
        "Microsoft finds no organisation under the name that was used. Check that the domain is "
        "verified in Microsoft Entra; if you live in a national cloud, tell the maker of the app "
        "which one."
    ),
    Cause.SESSION_EXPIRED: _(
        "The person's sign-in ran out. They sign in again; you need do nothing, unless your rule "
        "for the sign-in frequency is shorter than you meant."
    ),
    Cause.TOKEN_REVOKED: _(
        "The person's sessions were ended, by a new password or by “Revoke sessions”. They sign in "
        "again; your approval stands."
    ),
    Cause.THROTTLED_OR_TRANSIENT: _(
        "Microsoft could not answer for a moment. Try again in a quarter of an hour. Your settings "
        "are not the reason."
    ),
    Cause.ADMIN_LACKS_ROLE: _(
        "Your role does not suffice for what this app asks. Permissions for a signed-in person "
        "need a Cloud Application Administrator; permissions of Microsoft Graph without one need a "
        "Global or Privileged Role Administrator. Forward the approval link to a colleague who is "
        "one, or activate the role first."
    ),
    Cause.ALREADY_GRANTED_PROPAGATING: _(
        "Your approval was probably stored and is not visible everywhere yet, even if the last "
        "page showed an error. Look under Enterprise applications, the app, Permissions. There is "
        "no need to approve again; give it a few minutes."
    ),
    Cause.SCOPE_CHANGED_RECONSENT: _(
        "You approved this app earlier, and it asks for more now. The approval link shows the "
        "whole list. What was approved before stays part of it, so approve the complete list "
        "rather than single permissions."
    ),
    Cause.UNKNOWN: _(
        "The text does not say what stopped the person. The sign-in log in Microsoft Entra does: "
        "look for the person and the time, and read the failure reason."
    ),
}
