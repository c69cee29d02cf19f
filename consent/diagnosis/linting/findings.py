"""Everything that can be said of a part of a sign-in address, in our own words.

Names stand between backticks. Where a sentence ends in a colon, a remark's names follow.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.diagnosis.linting.remarks import Finding, Grade


def ok(words: Promise) -> Finding:
    """Nothing to do."""
    return Finding(Grade.OK, words)


def warn(words: Promise) -> Finding:
    """It works, with a drawback that the sentence names."""
    return Finding(Grade.WARN, words)


def bad(words: Promise) -> Finding:
    """It fails, or stops people, or gives something away."""
    return Finding(Grade.BAD, words)


# The address as a whole
NO_ADDRESS = bad(_("There is no address in this text. Paste it whole, from `https://` to its end."))
AUTHORIZE = ok(_("A sign-in address: it signs a person in and, where needed, asks for consent."))
ADMINCONSENT = ok(
    _("An admin consent address: an administrator approves the app for the whole organisation.")
)
CALLBACK = ok(_("Not a request but an answer: Microsoft sent a browser back to the app with it."))
NYLAS = ok(
    _(
        "A hosted sign-in of Nylas. It leads on to Microsoft, with the app registration of the "
        "Nylas connector; paste the address of Microsoft's page to have that one read."
    )
)
UNKNOWN_PATH = bad(
    _(
        "The host is Microsoft's, the path is not one that asks for consent. Expected is "
        "`/{tenant}/oauth2/v2.0/authorize` or `/{tenant}/v2.0/adminconsent`."
    )
)
V1_AUTHORIZE = warn(
    _(
        "The old sign-in address, without `v2.0`. It takes one `resource`, ignores `scope`, and "
        "asks for everything in the registration. Use `/oauth2/v2.0/authorize`."
    )
)
V1_ADMINCONSENT = warn(
    _(
        "The old admin consent address, without `v2.0`. It asks for everything in the registration "
        "and does not say on the way back what was granted. Use `/v2.0/adminconsent`."
    )
)
NOT_HTTPS = bad(_("Without `https` anybody on the way can read and change it."))
PASSWORD_IN_FRONT = bad(
    _("A name or password stands before the host. Take it out; browsers warn of such addresses.")
)
LOOKS_LIKE_MICROSOFT = bad(
    _("This host looks like Microsoft's sign-in and is another one. Do not sign in there.")
)
NOT_MICROSOFT = bad(
    _("This host is not Microsoft's sign-in, and nothing here looks like an answer from it.")
)
OLD_HOST = warn(_("An older host, still answered. Use the present one of your cloud."))
TWICE = bad(_("It stands there twice. Microsoft refuses a request with a repeated parameter."))
SECRET = bad(
    _(
        "A secret stands in this address. We do not repeat or keep it. Addresses end up in "
        "histories, logs and mails: treat it as known, replace it, and send it in the body of a "
        "request from your server instead."
    )
)
SIGN_IN_CODE = warn(
    _(
        "A sign-in code. We do not repeat or keep it. It works once and for some minutes; until "
        "then it is as good as a password, so paste such addresses nowhere."
    )
)
OTHER_PARAMETER = warn(_("Microsoft does not know this parameter and ignores it."))
HINT = ok(_("Tells Microsoft which account is meant. A wrong one leads people astray."))

# The tenant
TENANT_COMMON_ADMIN = bad(
    _(
        "`common` has no place in an admin consent address: private accounts cannot approve "
        "anything. Put the customer's tenant ID there."
    )
)
TENANT_ORGANIZATIONS_ADMIN = warn(
    _(
        "With `organizations` the approval lands in whichever organisation the administrator "
        "happens to be signed in to. Put the customer's tenant ID there."
    )
)
TENANT_CONSUMERS = bad(
    _("This admits private accounts only. They have no administrator and no company mailbox.")
)
TENANT_COMMON = warn(
    _(
        "`common` also admits private accounts. For work accounts alone use `organizations`, and "
        "in a link for one customer their tenant ID."
    )
)
TENANT_ORGANIZATIONS = ok(
    _("Work accounts of any organisation. In a link for one customer put their tenant ID.")
)
TENANT_GUID = ok(_("One organisation, by its tenant ID."))
TENANT_DOMAIN = ok(
    _("One organisation, by a domain. The tenant ID is safer: domains move to other tenants.")
)
TENANT_PLACEHOLDER = bad(_("A placeholder that nobody filled in. Put the tenant ID there."))
TENANT_MISSING = bad(_("No tenant is named. Put the customer's tenant ID before the path."))
TENANT_ODD = bad(_("Neither a tenant ID nor a domain."))

# The app
CLIENT_MISSING = bad(_("No app is named. Add `client_id` with the application (client) ID."))
CLIENT_ODD = bad(
    _(
        "Not an application (client) ID, which is a GUID. It stands on the registration's overview "
        "page; the app's name, a secret or an address will not do."
    )
)
CLIENT_RESOURCE = bad(
    _("This is one of Microsoft's own services, not an app. Put your app's client ID there.")
)
CLIENT_OURS = ok(_("An app of ours."))
CLIENT_FOREIGN = bad(
    _(
        "None of the apps that are registered here. If it should be one of them, an administrator "
        "would approve the wrong app and people would stay blocked."
    )
)
CLIENT_OTHER_CLOUD = bad(
    _("An app of ours, registered in another cloud of Microsoft's than this host belongs to.")
)
CLIENT_UNCHECKED = warn(
    _("No app is registered here, so we cannot say whether it is the right one.")
)

# The permissions
SCOPE_MISSING = bad(_("No permission is asked for. Add `scope`."))
SCOPE_AT_V1 = warn(_("Ignored at the old address, which takes a `resource` instead."))
SCOPE_COMMAS = bad(_("Separate permissions by blanks (`%20`), not by commas or semicolons."))
SCOPE_MIXED = bad(
    _(
        "`.default` stands beside named permissions; Microsoft refuses that (AADSTS70011). Use "
        "`.default` alone, or names alone."
    )
)
SCOPE_DEFAULT = ok(_("`.default` asks for everything in the registration at once."))
SCOPE_DEFAULT_AT_SIGN_IN = warn(
    _(
        "With `.default` at a sign-in Microsoft asks nothing as soon as any permission of that API "
        "is granted, so that missing ones go unnoticed. Name the permissions."
    )
)
SCOPE_DEFAULT_NEEDED = bad(
    _(
        "The registration has application permissions, which cannot be named. Ask with `.default`, "
        "or these stay ungranted:"
    )
)
SCOPE_UNKNOWN = bad(_("Microsoft Graph has no permission of this name:"))
SCOPE_APPLICATION = bad(
    _("These exist as application permissions only and cannot be asked for by name:")
)
SCOPE_BEYOND = bad(
    _(
        "Asked for here and not registered with us. The approval we fetch does not cover them, so "
        "people meet the wall again:"
    )
)
SCOPE_FEWER = warn(
    _(
        "Registered with us and not asked for here. An approval of fewer permissions can take away "
        "what was granted before. Always ask for the whole set:"
    )
)
SCOPE_AS_REGISTERED = ok(_("Exactly what is registered with us."))
SCOPE_WITHIN = ok(_("All of it is registered with us."))
SCOPE_NEEDS_ADMIN = warn(_("By their definition only an administrator can approve these:"))
SCOPE_MANAGED = warn(
    _("Organisations that leave the rule to Microsoft keep these from users, so they are stopped:")
)
SCOPE_READABLE = ok(_("Nothing is wrong with these names."))
RESOURCE = bad(
    _("The v2.0 address refuses `resource` (AADSTS901002). Name permissions in `scope` instead.")
)

# How it asks and answers
PROMPT_CONSENT = bad(
    _(
        "It asks for consent every time. Whoever may not consent is stopped again, however often "
        "an administrator has approved. Leave `prompt` out, or use `select_account`."
    )
)
PROMPT_ADMIN = bad(
    _("`admin_consent` belongs to the old address. Send administrators to `/v2.0/adminconsent`.")
)
PROMPT_IGNORED = warn(_("Ignored here: the admin consent page is always shown."))
PROMPT_NONE = ok(_("Never shows a page. Fit for a silent test, not for a link that people open."))
PROMPT_FINE = ok(_("Changes how people sign in, not whether they are asked for consent."))
PROMPT_ODD = bad(_("Microsoft knows `login`, `none`, `select_account` and `consent` only."))
REDIRECT_MISSING = warn(
    _(
        "No return address. Microsoft takes a registered one or shows an error after the decision, "
        "and the app may never hear of it."
    )
)
REDIRECT_NOT_HTTPS = bad(_("A return address needs `https`, except on `localhost`."))
REDIRECT_FRAGMENT = bad(_("A return address has no `#` part and no `*`."))
REDIRECT_OURS = ok(_("One of our own return addresses."))
REDIRECT_HOST_OURS = ok(
    _("On a host of the app's maker. It has to stand in the registration, to the last character.")
)
REDIRECT_NYLAS = ok(_("The return address of Nylas, for apps that connect through it."))
REDIRECT_LOCAL = warn(_("Leads to the reader's own computer. Fit for a developer alone."))
REDIRECT_FOREIGN = bad(
    _("None of the return addresses that belong to this app. Microsoft refuses it (AADSTS50011).")
)
REDIRECT_UNCHECKED = ok(_("It has to stand in that app's registration, to the last character."))
STATE_MISSING = bad(
    _("Without `state` the app cannot tell its own answer from one that was foisted on it.")
)
STATE_SHORT = warn(_("So short that it can be guessed. Use at least 128 random bits."))
STATE_TELLS = warn(
    _("It seems to carry an address or data of a person. Put a random value there, kept by you.")
)
STATE_FINE = ok(_("Present. It should be random, work once, and only in the browser that left."))
NONCE_MISSING = warn(
    _("An ID token is asked for without `nonce`, so an old one could be replayed.")
)
NONCE_FINE = ok(_("Present."))
PKCE_MISSING = warn(
    _("Without `code_challenge` (PKCE) a code that leaks can be used by whoever finds it.")
)
PKCE_PLAIN = warn(_("PKCE with `plain` protects little. Use `code_challenge_method=S256`."))
PKCE_FINE = ok(_("PKCE with `S256`."))
TYPE_MISSING = bad(_("Nothing is asked for. Add `response_type=code`."))
TYPE_CODE = ok(_("Asks for a code, which your server exchanges."))
TYPE_IMPLICIT = warn(
    _("Tokens come back in the address. Use `response_type=code` with PKCE instead.")
)
TYPE_ODD = bad(_("Microsoft knows `code`, `id_token` and `token`, and their combinations."))
MODE_QUERY = ok(_("The answer comes in the query, which keeps a `SameSite=Lax` cookie working."))
MODE_QUERY_TOKEN = bad(_("Tokens are not allowed in the query. Use `form_post` or `fragment`."))
MODE_FORM_POST = warn(
    _(
        "The answer comes as a POST from another site. Browsers leave `SameSite=Lax` cookies out "
        "of it, so the check of `state` fails unless your cookie is made for that."
    )
)
MODE_FRAGMENT = warn(_("The answer comes behind `#`, which never reaches a server."))
MODE_ODD = bad(_("Microsoft knows `query`, `form_post` and `fragment` only."))

# An answer
ANSWER_CLAIM = warn(
    _(
        "A claim, not a proof: anybody can type it. Ask Microsoft before you believe that the "
        "approval happened."
    )
)
ANSWER_TRUE_AND_ERROR = bad(
    _("`admin_consent=True` stands beside an error. It means nothing then: read `error` first.")
)
ANSWER_ERROR = warn(_("Something went wrong at Microsoft. The code says what."))
ANSWER_CODES = warn(_("What Microsoft's code means:"))
ANSWER_CANCEL = warn(
    _(
        "Somebody went back without a consent: by “Cancel”, by the link on the wall, or after "
        "having sent Microsoft's own request form."
    )
)
ANSWER_TENANT = warn(
    _("A claim as well: compare it with the tenant you sent people to, and trust neither alone.")
)
ANSWER_WITHOUT_STATE = warn(
    _("Without `state` it belongs to no request of yours. Take it as a hint to look, no more.")
)
