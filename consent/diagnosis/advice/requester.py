"""What a blocked person does next. Never something that only an administrator can do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.kinds import Cause

ADVICE: dict[Cause, Promise] = {
    Cause.ADMIN_CONSENT_REQUIRED: _(
        "Your organisation wants an administrator to approve the app once, for everybody. It is "
        "not a fault of yours or ours. Ask for the approval here: we write to your administrator, "
        "check with Microsoft and tell you when you can connect."
    ),
    Cause.USER_CONSENT_POSSIBLE: _(
        "You may approve this yourself. Go back to the app, connect again, read what Microsoft "
        "lists and choose “Accept”. Nobody else has to do anything."
    ),
    Cause.USER_DECLINED: _(
        "Microsoft tells us that the consent page was left without “Accept”. Connect again and "
        "choose “Accept”. If the page says that you need an administrator instead, come back and "
        "tell us that you saw it."
    ),
    Cause.USER_ASSIGNMENT_REQUIRED: _(
        "The app is approved for chosen people only, and you are not among them yet. Write to your "
        "IT department: “Assign me to this app under Enterprise applications, Users and groups.” "
        "Then connect again. Another approval would not change this."
    ),
    Cause.CONDITIONAL_ACCESS: _(
        "A sign-in rule of your organisation stops you, for example because of your device or "
        "network. Send your IT department the text you pasted here, with its time and correlation "
        "ID; they see in their sign-in log which rule it was. An approval of the app would not "
        "change it."
    ),
    Cause.MFA_REQUIRED: _(
        "Microsoft wants a second proof that it is you, such as a code from your phone. Connect "
        "again in your browser and follow Microsoft's steps to the end. If you have no second "
        "proof set up and cannot do it yourself, your IT department helps."
    ),
    Cause.APP_DISABLED_IN_TENANT: _(
        "The app, or a service behind it, is switched off for your organisation. You cannot change "
        "that yourself. Tell your IT department that you need it and send them the text you "
        "pasted; connect again when they have switched it on."
    ),
    Cause.APP_NOT_FOUND_IN_TENANT: _(
        "Your organisation and the app do not know each other under the names that were used. "
        "There is nothing for you to repair. Send us the text you pasted, and we find out whether "
        "the app or the organisation was named wrongly."
    ),
    Cause.WRONG_TENANT_OR_ACCOUNT: _(
        "You are signed in at Microsoft with an account that does not fit, or a name or password "
        "was mistyped. Open a private browser window, connect again and sign in with the work "
        "address whose mailbox you want to connect."
    ),
    Cause.GUEST_ACCOUNT: _(
        "The account you used comes from another organisation, which is not admitted here. If you "
        "have a work account of the right organisation, sign in with that one. Otherwise its IT "
        "department has to invite you first; an approval of the app does not replace the "
        "invitation."
    ),
    Cause.PERSONAL_ACCOUNT: _(
        "You used a private Microsoft account, and the app needs a work or school account. Open a "
        "private browser window, connect again and sign in with your work address."
    ),
    Cause.VENDOR_MISCONFIGURATION: _(
        "The app asks Microsoft in a way that cannot succeed. Neither you nor your administrator "
        "can repair that: it is our task. Send us the text you pasted, and we write to you when it "
        "is done."
    ),
    Cause.VENDOR_SECRET_EXPIRED: _(
        "The app could not prove to Microsoft who it is. That is our task and concerns everybody "
        "at the moment, not only you. Send us the text you pasted and try again later."
    ),
    Cause.RESOURCE_MISSING_OR_UNLICENSED: _(
        "The app needs a Microsoft service that your organisation has not set up, or has no "
        "licence for. Send your IT department the text you pasted; it names the service. When the "
        "service is there, connect again."
    ),
    Cause.TENANT_NOT_FOUND: _(
        "Microsoft finds no organisation under the name that was used. Look whether your address "
        "is written rightly, and whether it is the one you sign in with at Microsoft. If both are "
        "so, send us the text you pasted."
    ),
    Cause.SESSION_EXPIRED: _(
        "Your sign-in ran out or was interrupted. Sign out, connect again and sign in anew. No "
        "approval is needed for that."
    ),
    Cause.TOKEN_REVOKED: _(
        "Microsoft ended the connection, mostly because your password changed. Connect again and "
        "sign in with the new one. No approval is needed for that."
    ),
    Cause.THROTTLED_OR_TRANSIENT: _(
        "Microsoft could not answer for a moment. Wait a quarter of an hour and connect again. "
        "Nobody has to approve anything; if it stays, send us the text with its time."
    ),
    Cause.ADMIN_LACKS_ROLE: _(
        "The approval was tried, but the administrator's role does not suffice for this app. Ask "
        "for the approval here and name a colleague with a higher role: a Cloud Application "
        "Administrator, or a Global or Privileged Role Administrator where the app works without a "
        "signed-in person."
    ),
    Cause.ALREADY_GRANTED_PROPAGATING: _(
        "It looks as if the approval is there and not yet visible everywhere at Microsoft. Wait "
        "five minutes, sign out and connect again. If it still fails after an hour, tell us."
    ),
    Cause.SCOPE_CHANGED_RECONSENT: _(
        "Your organisation approved the app earlier, for fewer permissions than it asks for now. "
        "An administrator has to approve it once more. Ask for that here: we write to your "
        "administrator and tell you when you can connect."
    ),
    Cause.UNKNOWN: _(
        "We cannot tell from this what stopped you. Connect once more, copy everything on "
        "Microsoft's last page, also what stands under “Troubleshooting details”, and paste it "
        "here. Or send us what you have, and a person reads it."
    ),
}
