"""Where one code changes the next step that its cause would give."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.kinds import Audience, Cause

ADVICE: dict[tuple[Cause, str], dict[Audience, Promise]] = {
    (Cause.ADMIN_CONSENT_REQUIRED, "AADSTS90095"): {
        Audience.REQUESTER: _(
            "Ask for the approval here, or send Microsoft's own form from the page you saw; here "
            "you see how it goes on and hear of it when you can connect. Your organisation wants "
            "an administrator to approve the app once, for everybody."
        ),
    },
    (Cause.APP_DISABLED_IN_TENANT, "AADSTS500014"): {
        Audience.ADMINISTRATOR: _(
            "Renew the subscription of the service behind the app, or enable the service named in "
            "the text under Entra ID, Enterprise apps. Not the app but that service is switched "
            "off in your organisation."
        ),
    },
    (Cause.WRONG_TENANT_OR_ACCOUNT, "AADSTS50126"): {
        Audience.REQUESTER: _(
            "Connect again and type your name and password anew: Microsoft did not accept them "
            "together. If you have forgotten the password, use Microsoft's link to reset it."
        ),
    },
    (Cause.WRONG_TENANT_OR_ACCOUNT, "AADSTS50057"): {
        Audience.REQUESTER: _(
            "Ask your IT department: your account at Microsoft is switched off. The app needs no "
            "approval for that."
        ),
        Audience.ADMINISTRATOR: _(
            "Enable the person's account under Users, then let them connect again: it is switched "
            "off. If that is meant, there is nothing to do."
        ),
    },
    (Cause.THROTTLED_OR_TRANSIENT, "AADSTS50053"): {
        Audience.REQUESTER: _(
            "Wait half an hour, or reset the password, then connect again: your account is locked "
            "for a while, mostly after several wrong passwords."
        ),
    },
    (Cause.THROTTLED_OR_TRANSIENT, "AADSTS650051"): {
        Audience.ADMINISTRATOR: _(
            "Wait a quarter of an hour and approve once more: Microsoft could not store the "
            "approval because an older trace of the app is still there. If it fails again, delete "
            "the old entry under Entra ID, Enterprise apps first."
        ),
    },
    (Cause.SESSION_EXPIRED, "AADSTS50055"): {
        Audience.REQUESTER: _(
            "Set a new password at Microsoft or in your office, then connect again: the old one "
            "has run out."
        ),
    },
    (Cause.VENDOR_MISCONFIGURATION, "AADSTS500113"): {
        Audience.ADMINISTRATOR: _(
            "Look under Entra ID, Enterprise apps, the app, Permissions: your approval may have "
            "been stored all the same. The app has no address to come back to, which its maker "
            "has to repair."
        ),
    },
}
