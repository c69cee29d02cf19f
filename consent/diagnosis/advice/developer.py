"""What a developer of the vendor looks at."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.kinds import Cause

ADVICE: dict[Cause, Promise] = {
    Cause.ADMIN_CONSENT_REQUIRED: _(
        "The tenant reserves consent for administrators, or one of the scopes does. Send people to "
        "the portal instead of repeating the request; leave `prompt=consent` out; ask for fewer "
        "scopes where you can, and verify your publisher."
    ),
    Cause.USER_CONSENT_POSSIBLE: _(
        "User consent works in this tenant for these scopes. Nothing to repair."
    ),
    Cause.USER_DECLINED: _(
        "`access_denied` with 65004 or the subcode `cancel` is what a blocked user brings back "
        "too. Do not treat it as a refusal: offer to try again and show the way to the portal."
    ),
    Cause.USER_ASSIGNMENT_REQUIRED: _(
        "The service principal has `appRoleAssignmentRequired`. Show the user who can assign them; "
        "retrying or consenting changes nothing."
    ),
    Cause.CONDITIONAL_ACCESS: _(
        "A policy refuses the token. Return the `claims` challenge in a new interactive request "
        "where there is one, use the system browser or the broker on devices, and pass the "
        "correlation ID on to the customer."
    ),
    Cause.MFA_REQUIRED: _(
        "Start an interactive sign-in when the token endpoint answers `interaction_required`. Do "
        "not use password or silent flows where a second factor can be asked for."
    ),
    Cause.APP_DISABLED_IN_TENANT: _(
        "The service principal of the app or of its resource has `accountEnabled` false, or "
        "Microsoft disabled the registration. Look at the registration's state; stop retrying for "
        "this tenant."
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
        "The registration admits work accounts only. Use `organizations` instead of `common`, or "
        "register the app for private accounts too."
    ),
    Cause.VENDOR_MISCONFIGURATION: _(
        "The request or the registration is wrong. Check redirect addresses and their platform, "
        "scopes and resource, authority and tenant, client ID, and whether the request carries "
        "`prompt=consent`. Run `check_app` for the registration."
    ),
    Cause.VENDOR_SECRET_EXPIRED: _(
        "Renew the credential in the registration and roll it out everywhere. Use the secret's "
        "value, not its ID; better a certificate or a federated credential with an alarm before it "
        "ends."
    ),
    Cause.RESOURCE_MISSING_OR_UNLICENSED: _(
        "The resource has no service principal in this tenant. Check the resource's address; if it "
        "is right, make its permissions optional for tenants without that service."
    ),
    Cause.TENANT_NOT_FOUND: _(
        "The authority names no tenant of this cloud. Resolve the domain through the OpenID "
        "metadata first, and use the hosts of the tenant's own cloud."
    ),
    Cause.SESSION_EXPIRED: _(
        "Refresh failed for good. Drop the stored token and start an interactive sign-in; after "
        "`prompt=none` this is the normal answer of a browser without a session."
    ),
    Cause.TOKEN_REVOKED: _(
        "The grant is void. Drop the stored tokens and ask the user to connect again; do not retry."
    ),
    Cause.THROTTLED_OR_TRANSIENT: _(
        "Honour `Retry-After`, back off with jitter, cache tokens, and keep the correlation ID for "
        "a support case."
    ),
    Cause.ADMIN_LACKS_ROLE: _(
        "Application permissions of Microsoft Graph need a Global or Privileged Role "
        "Administrator. Where delegated permissions would do, drop the application ones: then a "
        "Cloud Application Administrator suffices."
    ),
    Cause.ALREADY_GRANTED_PROPAGATING: _(
        "Grants need a while to reach every replica, and a cached token keeps its old permissions. "
        "Ask for a fresh token and retry for a few minutes before you report a failure."
    ),
    Cause.SCOPE_CHANGED_RECONSENT: _(
        "The request names scopes that the old grant lacks. Keep registered and requested scopes "
        "equal, announce a change, and let the administrator approve the whole set again."
    ),
    Cause.UNKNOWN: _(
        "Log `error`, `error_subcode`, `error_codes`, correlation ID and time of the failing "
        "answer, without tokens. With these the cause can be told."
    ),
}
