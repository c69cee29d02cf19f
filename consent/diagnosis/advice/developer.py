"""What a developer of the vendor looks at."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.kinds import Cause

ADVICE: dict[Cause, Promise] = {
    Cause.ADMIN_CONSENT_REQUIRED: _(
        "Send people to the portal instead of repeating the request; leave `prompt=consent` out; "
        "ask for fewer scopes where you can, and verify your publisher. The tenant reserves "
        "consent for administrators, or one of the scopes does."
    ),
    Cause.USER_CONSENT_POSSIBLE: _(
        "Repair nothing: user consent works in this tenant for these scopes."
    ),
    Cause.USER_DECLINED: _(
        "Offer to try again and show the way to the portal. `access_denied` with 65004 or the "
        "subcode `cancel` is what a blocked user brings back too; do not treat it as a refusal."
    ),
    Cause.USER_ASSIGNMENT_REQUIRED: _(
        "Show the user who can assign them: the service principal has "
        "`appRoleAssignmentRequired`. Retrying or consenting changes nothing."
    ),
    Cause.CONDITIONAL_ACCESS: _(
        "Return the `claims` challenge in a new interactive request where there is one, use the "
        "system browser or the broker on devices, and pass the correlation ID on to the customer. "
        "A policy refuses the token."
    ),
    Cause.MFA_REQUIRED: _(
        "Start an interactive sign-in when the token endpoint answers `interaction_required`. Do "
        "not use password or silent flows where a second factor can be asked for."
    ),
    Cause.APP_DISABLED_IN_TENANT: _(
        "Look at the registration's state and stop retrying for this tenant. The service "
        "principal of the app or of its resource has `accountEnabled` false, or Microsoft "
        "disabled the registration."
    ),
    Cause.APP_NOT_FOUND_IN_TENANT: _(
        "Check client ID, tenant and cloud of the request. The registration must be multi-tenant. "
        "For app-only tokens this is the normal answer before the first approval."
    ),
    Cause.WRONG_TENANT_OR_ACCOUNT: _(
        "Send a `login_hint` and the tenant, or `prompt=select_account`, so that the browser's "
        "first account is not taken by itself."
    ),
    Cause.GUEST_ACCOUNT: _(
        "Sign guests in at the tenant that holds the data: use its ID as authority instead of "
        "`common`."
    ),
    Cause.PERSONAL_ACCOUNT: _(
        "Use `organizations` instead of `common`, or register the app for personal accounts too: "
        "the registration admits work accounts only."
    ),
    Cause.VENDOR_MISCONFIGURATION: _(
        "Check redirect addresses and their platform, scopes and resource, authority and tenant, "
        "client ID, and whether the request carries `prompt=consent`: the request or the "
        "registration is wrong. Run `check_app` for the registration."
    ),
    Cause.VENDOR_SECRET_EXPIRED: _(
        "Renew the credential in the registration and roll it out everywhere. Use the secret's "
        "value, not its ID; better a certificate or a federated credential with an alarm before it "
        "ends."
    ),
    Cause.RESOURCE_MISSING_OR_UNLICENSED: _(
        "Check the resource's address: it has no service principal in this tenant. If the address "
        "is right, make its permissions optional for tenants without that service."
    ),
    Cause.TENANT_NOT_FOUND: _(
        "Resolve the domain through the OpenID metadata first, and use the hosts of the tenant's "
        "own cloud: the authority names no tenant of this one."
    ),
    Cause.SESSION_EXPIRED: _(
        "Drop the stored token and start an interactive sign-in: refresh failed for good. After "
        "`prompt=none` this is the normal answer of a browser without a session."
    ),
    Cause.TOKEN_REVOKED: _(
        "Drop the stored tokens and ask the user to connect again; do not retry. The grant is void."
    ),
    Cause.THROTTLED_OR_TRANSIENT: _(
        "Honour `Retry-After`, back off with jitter, cache tokens, and keep the correlation ID for "
        "a support case."
    ),
    Cause.ADMIN_LACKS_ROLE: _(
        "Drop application permissions where delegated ones would do: then a Cloud Application "
        "Administrator suffices. Application permissions of Microsoft Graph need a Global or "
        "Privileged Role Administrator."
    ),
    Cause.ALREADY_GRANTED_PROPAGATING: _(
        "Ask for a fresh token and retry for a few minutes before you report a failure. Grants "
        "need a while to reach every replica, and a cached token keeps its old permissions."
    ),
    Cause.SCOPE_CHANGED_RECONSENT: _(
        "Keep registered and requested scopes equal, announce a change, and let the administrator "
        "approve the whole set again: the request names scopes that the old grant lacks."
    ),
    Cause.UNKNOWN: _(
        "Log `error`, `error_subcode`, `error_codes`, correlation ID and time of the failing "
        "answer, without tokens. With these the cause can be told."
    ),
}
