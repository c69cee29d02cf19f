"""Microsoft's refusals of our own app at home, each with its fix."""

from consent.checking.items import Grade, Item
from consent.models import AppRegistration
from tenants.microsoft.credentials import CredentialUnreadable
from tenants.microsoft.errors import (
    BlockedByTenant,
    MicrosoftError,
    NotAllowed,
    NotFound,
    NotYetGranted,
    OwnCredentialBroken,
    TenantUnknown,
)


def credential_variable(app: AppRegistration) -> str:
    """The environment variable that holds the app's secret; its other forms have an ending more."""
    return f"MICROSOFT_CREDENTIAL_{app.credential.upper().replace('-', '_')}"


def no_token(app: AppRegistration, error: MicrosoftError | CredentialUnreadable) -> Item:
    """Why the app gets no token in its home tenant."""
    variable = credential_variable(app)
    code = getattr(error, "code", None) or type(error).__name__
    if isinstance(error, CredentialUnreadable):
        return Item(Grade.FAILED, str(error), f"Set {variable} or one of its _FILE forms.")
    if isinstance(error, OwnCredentialBroken):
        found = f"Microsoft refuses the credential ({code})."
        fix = f"Make a new secret or certificate for the app at Entra and put it into {variable}."
    elif isinstance(error, NotYetGranted):
        found = f"The app is not installed in its home tenant, or the client ID is wrong ({code})."
        fix = "Compare client_id with Entra; then approve the app once in your own tenant."
    elif isinstance(error, BlockedByTenant):
        found = f"The app is switched off, or a policy of your own tenant stops it ({code})."
        fix = "Switch it on at Entra: App registrations, then Enterprise apps in your own tenant."
    elif isinstance(error, TenantUnknown):
        found = f"There is no tenant {app.home_tenant_id} ({code})."
        fix = "Set home_tenant_id to the tenant in which the app is registered."
    else:
        found = f"Microsoft could not be asked ({code})."
        fix = "Try again in a few minutes."
    return Item(Grade.FAILED, found, fix)


def no_registration(error: MicrosoftError) -> Item:
    """Why its registration could not be read there."""
    if isinstance(error, NotAllowed):
        return Item(
            Grade.FAILED,
            "The app may not read its own registration, so the rest could not be compared.",
            "Assign Application.Read.All to its service principal in your own tenant alone. In the "
            "registration it would be asked of every customer.",
        )
    if isinstance(error, NotFound):
        return Item(
            Grade.FAILED,
            "The home tenant knows no such registration.",
            "Set home_tenant_id to the tenant in which the app is registered.",
        )
    code = error.code or type(error).__name__
    return Item(Grade.FAILED, f"Microsoft could not be asked ({code}).", "Try again later.")
