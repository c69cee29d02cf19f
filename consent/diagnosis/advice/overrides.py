"""Where one code changes the next step that its cause would give."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.kinds import Audience, Cause

ADVICE: dict[tuple[Cause, str], dict[Audience, Promise]] = {
    (Cause.ADMIN_CONSENT_REQUIRED, "AADSTS90095"): {
        Audience.REQUESTER: _(
            "Your organisation wants an administrator to approve the app once, for everybody. You "
            "can send Microsoft's own form from the page you saw, or ask here; here you see how it "
            "goes on and hear of it when you can connect."
        ),
    },
    (Cause.APP_DISABLED_IN_TENANT, "AADSTS500014"): {
        Audience.ADMINISTRATOR: _(
            "Not the app but the service behind it is switched off in your organisation, mostly "
            "since a subscription ended. Renew the subscription, or enable the service named in "
            "the text under Enterprise applications."
        ),
    },
    (Cause.WRONG_TENANT_OR_ACCOUNT, "AADSTS50126"): {
        Audience.REQUESTER: _(
            "Microsoft did not accept your name and password together. Connect again and type them "
            "anew; if you have forgotten the password, use Microsoft's link to reset it."
        ),
    },
    (Cause.WRONG_TENANT_OR_ACCOUNT, "AADSTS50057"): {
        Audience.REQUESTER: _(
            "Your account at Microsoft is switched off. Ask your IT department about it; the app "
            "needs no approval for that."
        ),
        Audience.ADMINISTRATOR: _(
            "The person's account is switched off. If that is not meant, enable it under Users, "
            "then let them connect again."
        ),
    },
    (Cause.THROTTLED_OR_TRANSIENT, "AADSTS50053"): {
        Audience.REQUESTER: _(
            "Your account is locked for a while, mostly after several wrong passwords. Wait half "
            "an hour, or reset the password, then connect again."
        ),
    },
    (Cause.THROTTLED_OR_TRANSIENT, "AADSTS650051"): {
        Audience.ADMINISTRATOR: _(
            "Microsoft could not store the approval because an older trace of the app is still "
            "there. Wait a quarter of an hour and approve once more. If it fails again, delete "
            "the old entry under Enterprise applications first."
        ),
    },
    (Cause.SESSION_EXPIRED, "AADSTS50055"): {
        Audience.REQUESTER: _(
            "Your password has run out. Set a new one at Microsoft or in your office, then connect "
            "again."
        ),
    },
    (Cause.VENDOR_MISCONFIGURATION, "AADSTS500113"): {
        Audience.ADMINISTRATOR: _(
            "The app has no address to come back to, which its maker has to repair. Your approval "
            "may have been stored all the same: look under Enterprise applications, Permissions."
        ),
    },
}
