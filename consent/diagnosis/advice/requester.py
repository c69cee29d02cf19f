"""What a blocked person does next. Never something that only an administrator can do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.kinds import Cause

ADVICE: dict[Cause, Promise] = {
    Cause.ADMIN_CONSENT_REQUIRED: _(
        "Ask for the approval here: we write to your administrator, check with Microsoft and tell "
        "you when you can connect. Your organisation wants an administrator to approve the app "
        "once, for everybody. It is not a fault of yours or ours."
    ),
    Cause.USER_CONSENT_POSSIBLE: _(
        "Go back to the app, connect again, read what Microsoft lists and choose “Accept”. You "
        "may approve this yourself; nobody else has to do anything."
    ),
    Cause.USER_DECLINED: _(
        "Connect again and choose “Accept”: Microsoft tells us that the consent page was left "
        "without it. If the page says that you need an administrator instead, come back and tell "
        "us that you saw it."
    ),
    Cause.USER_ASSIGNMENT_REQUIRED: _(
        "Write to your IT department: “Assign me to this app under Enterprise apps, Users and "
        "groups.” Then connect again. Microsoft lets in only people who are assigned to this app, "
        "and you are not yet; an approval alone would not change that."
    ),
    Cause.CONDITIONAL_ACCESS: _(
        "Send your IT department the text you pasted here, with its time and correlation ID; they "
        "see in their sign-in log which rule stopped you, for example because of your device or "
        "network. An approval of the app would not change it."
    ),
    Cause.MFA_REQUIRED: _(
        "Connect again in your browser and follow Microsoft's steps to the end: it wants a second "
        "proof that it is you, such as a code from your phone. If you have no second proof set "
        "up, or lost it, and cannot set one up yourself, your IT department helps."
    ),
    Cause.APP_DISABLED_IN_TENANT: _(
        "Tell your IT department that you need the app, and send them the text you pasted: the "
        "app, or a service behind it, is switched off for your organisation. Connect again when "
        "they have switched it on."
    ),
    Cause.APP_NOT_FOUND_IN_TENANT: _(
        "Send us the text you pasted, and we find out whether the app or the organisation was "
        "named wrongly. They do not know each other under the names that were used; there is "
        "nothing for you to repair."
    ),
    Cause.WRONG_TENANT_OR_ACCOUNT: _(
        "Open a private browser window, connect again and sign in with the work address whose "
        "mailbox you want to connect. Microsoft was given an account that does not fit, or a name "
        "or password was mistyped. If it says that the account is locked or switched off, ask "
        "your IT department."
    ),
    Cause.GUEST_ACCOUNT: _(
        "Sign in with your work account of the right organisation, if you have one: the account "
        "you used comes from another, which is not admitted here. Otherwise its IT department has "
        "to invite you first; an approval of the app does not replace the invitation."
    ),
    Cause.PERSONAL_ACCOUNT: _(
        "Open a private browser window, connect again and sign in with your work address. You "
        "used a personal account, and the app needs a work or school account."
    ),
    Cause.VENDOR_MISCONFIGURATION: _(
        "Send us the text you pasted, and we write to you when it is done. The app asks Microsoft "
        "in a way that cannot succeed; neither you nor your administrator can repair that. It is "
        "our task."
    ),
    Cause.VENDOR_SECRET_EXPIRED: _(
        "Send us the text you pasted and try again later. The app could not prove to Microsoft "
        "who it is, which is our task and concerns everybody at the moment, not only you."
    ),
    Cause.RESOURCE_MISSING_OR_UNLICENSED: _(
        "Send your IT department the text you pasted: the app needs a Microsoft service that your "
        "organisation has not set up, or has no licence for. When the service is there, connect "
        "again."
    ),
    Cause.TENANT_NOT_FOUND: _(
        "Look whether your address is written rightly, and whether it is the one you sign in with "
        "at Microsoft, which finds no organisation under the name that was used. If both are so, "
        "send us the text you pasted."
    ),
    Cause.SESSION_EXPIRED: _(
        "Sign out, connect again and sign in anew: your sign-in ran out or was interrupted. No "
        "approval is needed for that."
    ),
    Cause.TOKEN_REVOKED: _(
        "Connect again and sign in with your present password. Microsoft ended the connection, "
        "mostly because the password changed or all sign-ins were ended. No approval is needed "
        "for that."
    ),
    Cause.THROTTLED_OR_TRANSIENT: _(
        "Wait a quarter of an hour and connect again: Microsoft could not answer for a moment. "
        "Nobody has to approve anything; if it stays, send us the text with its time."
    ),
    Cause.ADMIN_LACKS_ROLE: _(
        "Ask for the approval here and name a colleague with a higher role: a Cloud Application "
        "Administrator, or a Global or Privileged Role Administrator where the app works without "
        "a signed-in person. The approval was tried, but the administrator's role does not "
        "suffice for this app."
    ),
    Cause.ALREADY_GRANTED_PROPAGATING: _(
        "Wait five minutes, sign out and connect again. It looks as if the approval is there and "
        "not yet visible everywhere at Microsoft. If it still fails after an hour, tell us."
    ),
    Cause.SCOPE_CHANGED_RECONSENT: _(
        "Ask for the approval here: we write to your administrator and tell you when you can "
        "connect. Your organisation approved the app earlier, for fewer permissions than it asks "
        "for now, so an administrator has to approve it once more."
    ),
    Cause.UNKNOWN: _(
        "Connect once more, copy everything on Microsoft's last page, also what stands under "
        "“Troubleshooting details”, and paste it here. We cannot tell yet what stopped you. Or "
        "send us what you have, and a person reads it."
    ),
}
