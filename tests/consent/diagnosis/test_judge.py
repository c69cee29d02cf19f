"""Who must act, by kind of paste. The sentences are ours, in the manner of Microsoft's pages."""

import pytest

from consent.diagnosis import Seen, diagnose

# Cause, actor, and whether an approval link is the remedy.
WALL = ("admin_consent_required", "tenant_admin", True)
ASSIGNMENT = ("user_assignment_required", "tenant_admin", False)
POLICY = ("conditional_access", "tenant_admin", False)
SECOND_FACTOR = ("mfa_required", "end_user", False)
DISABLED = ("app_disabled_in_tenant", "tenant_admin", False)
VENDOR = ("vendor_misconfiguration", "vendor", False)
SECRET = ("vendor_secret_expired", "vendor", False)
SERVICE = ("resource_missing_or_unlicensed", "tenant_admin", False)
SESSION = ("session_expired", "end_user", False)
REVOKED = ("token_revoked", "end_user", False)
PASSES = ("throttled_or_transient", "nobody", False)
NOT_FOUND = ("app_not_found_in_tenant", "tenant_admin", True)
UNKNOWN = ("unknown", "end_user", False)
ACCEPT = ("user_consent_possible", "end_user", False)
DECLINED = ("user_declined", "end_user", False)
PERSONAL = ("personal_account", "end_user", False)
DISABLED_BY_VENDOR = ("app_disabled_in_tenant", "vendor", False)
ACCOUNT = ("wrong_tenant_or_account", "end_user", False)
ROLE = ("admin_lacks_role", "tenant_admin", True)
WAIT = ("already_granted_propagating", "nobody", False)
CHANGED = ("scope_changed_reconsent", "tenant_admin", True)
DECLINED_BY_ADMIN = ("user_declined", "tenant_admin", True)
ACCOUNT_BY_ADMIN = ("wrong_tenant_or_account", "tenant_admin", True)
GUEST = ("guest_account", "tenant_admin", False)
NOT_FOUND_BY_VENDOR = ("app_not_found_in_tenant", "vendor", False)
NO_TENANT = ("tenant_not_found", "vendor", False)
SESSION_BY_ITSELF = ("session_expired", "nobody", False)


def judged(pasted, seen=""):
    found = diagnose(pasted, seen=seen)
    return found.cause.value, found.actor.value, found.approval_link_helps


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        # Of today, not of yesterday, whatever the weight.
        ("Yesterday AADSTS90094, solved. Now AADSTS50076: x", SECOND_FACTOR),
        ("gestern kam AADSTS50105: x\nund dann AADSTS50076: x", SECOND_FACTOR),
        ("hier AADSTS53003, aujourd'hui AADSTS90094", WALL),
        # The newest mail, if it knows more than what it quotes.
        ("It is AADSTS50105: x now\n> AADSTS90094: x\n>> AADSTS700016: y", ASSIGNMENT),
        ("Can you help?\n> AADSTS50105: x\n>> AADSTS90094: x", ASSIGNMENT),
        ("Your admin must approve the app\n> AADSTS50105: x", ASSIGNMENT),
        ("thanks\n\nOn Monday Ana Example wrote:\nAADSTS90094: x", WALL),
        (
            "our device policy: bedingter Zugriff\nVon: Ana\nGesendet: heute\nneed admin approval",
            POLICY,
        ),
        # Approved, and then something else.
        ("admin has approved, need admin approval is gone, but authenticator", SECOND_FACTOR),
        ("admin has approved a minute ago, blocked by conditional access", POLICY),
        ("your account is locked", ("wrong_tenant_or_account", "tenant_admin", False)),
        # The name of an error without its number.
        ("status: BlockedByConditionalAccess (sign-in log)", POLICY),
        ("failure reason=DelegationDoesNotExist", WALL),
        ("failure reason InvalidScope", UNKNOWN),
        ("AADSTS999999: BlockedByConditionalAccess", UNKNOWN),
        # Approved, but not this app.
        ("IT approved the wrong app, need admin approval still shows", WALL),
        # Approved by somebody who is no administrator of Microsoft's.
        ("the meeting room needs approval from an admin", UNKNOWN),
        # A code's own row.
        ("AADSTS90094: x", WALL),
        ("AADSTS65001: x", WALL),
        ("AADSTS50105: x", ASSIGNMENT),
        ("AADSTS53003: x", POLICY),
        ("AADSTS50076: x", SECOND_FACTOR),
        ("AADSTS7000112: x", DISABLED),
        ("AADSTS50011: x", VENDOR),
        ("AADSTS7000222: x", SECRET),
        ("AADSTS650052: x", SERVICE),
        ("AADSTS70043: x", SESSION),
        ("AADSTS50173: x", REVOKED),
        ("AADSTS90033: x", PASSES),
        ("AADSTS7000229: x", NOT_FOUND),
        # Several codes: the one that tells wins, wherever it stands.
        ("AADSTS50199 and AADSTS53003", POLICY),
        ("AADSTS50126 then AADSTS50079", SECOND_FACTOR),
        ("AADSTS999999 and AADSTS50105", ASSIGNMENT),
        # Unknown.
        ("AADSTS999999: something new", UNKNOWN),
        (
            "AADSTS999999: something new, invalid_client",
            VENDOR,
        ),
        ("", UNKNOWN),
        ("it does not work", UNKNOWN),
        ("error=access_denied", UNKNOWN),
        ("error=server_error", UNKNOWN),
    ],
)
def test_judge_of_codes(pasted, expected):
    assert judged(pasted) == expected


@pytest.mark.parametrize(
    "pasted",
    [
        "Need admin approval",
        "it wants ADMIN CONSENT REQUIRED, nothing else on the page",
        "Approval required. Enter justification for requesting this app",
        "Planner needs permission to see things that only an admin can grant.",
        "Microsoft says my administrator has to approve it first",
        "this app may be risky. If you trust this app, please ask your admin",
        "Da steht: „Administratorgenehmigung erforderlich“",
        "Ich brauche wohl die Zustimmung vom Admin, was tun?",
        "… auf die nur ein Administrator Zugriff erteilen darf, Berechtigungen erteilen",
        "Approbation de l’administrateur requise",
        "une autorisation que seul un administrateur peut donner",
        "Microsoft veut l'accord de mon administrateur",
        "Necesita la aprobación de un administrador",
        "permisos que solo un administrador puede conceder",
        "Precisa da aprovação do administrador",
        "permissão que apenas um administrador pode conceder",
        "È necessaria l'approvazione dell'amministratore",
        "risorse che solo un amministratore può concedere",
        "Goedkeuring van de beheerder vereist",
        "Wymagana jest zgoda administratora",
        "管理者の承認が必要です",
        "需要管理员批准",
        "logged in at Microsoft with my university account, and it never returns to the app",
        "error=access_denied&error_subcode=cancel&state=1",
    ],
)
def test_judge_of_the_wall_in_words(pasted):
    assert judged(pasted) == WALL


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("Permissions requested. Accept / Cancel. May I?", ACCEPT),
        ("Angeforderte Berechtigungen, Akzeptieren", ACCEPT),
        ("I clicked Cancel by mistake", DECLINED),
        ("Habe auf Abbrechen geklickt", DECLINED),
        ("he is not assigned to a role for the application", ASSIGNMENT),
        ("You can't sign in here with a personal account", PERSONAL),
        ("the service is not available in your organisation", SERVICE),
        ("reply URL does not match", VENDOR),
        ("our client secret has expired", SECRET),
        ("the application has been disabled", DISABLED),
        ("this app was disabled by Microsoft", DISABLED_BY_VENDOR),
        ("You can't get there from here", POLICY),
        ("Selected user account does not exist in tenant 'X'", ACCOUNT),
        ("More information required", SECOND_FACTOR),
        ("429 Too Many Requests", PASSES),
        ("your session has expired", SESSION),
        ("?error=consent_required", WALL),
        ("?error=login_required", SESSION),
        ("?error=temporarily_unavailable", PASSES),
        ("?error=permission_denied&error_description=canceled", DECLINED),
        ("Cloud admin here: Grant admin consent is greyed out", ROLE),
        ("I'm not a Global Administrator, AADSTS90094", ROLE),
    ],
)
def test_judge_of_words(pasted, expected):
    assert judged(pasted) == expected


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        # prompt=consent brings the wall back.
        ("https://login.microsoftonline.com/x/authorize?prompt=consent", VENDOR),
        ("AADSTS90094 at …?prompt=consent&scope=x", VENDOR),
        ("AADSTS50105 at …?prompt=consent", ASSIGNMENT),
        # Approved, and blocked all the same.
        ("the admin just approved, and now AADSTS65001", WAIT),
        ("our admin approved it; a second time it works", WAIT),
        ("they accepted, saw an error, but it appears in Enterprise applications", WAIT),
        ("Our admin approved it and it still says need admin approval", WAIT),
        ("Our admin approved it, still unhappy", UNKNOWN),
        ("we approved the app in spring. Since last week: Need admin approval", CHANGED),
        ("admin granted everything, we go round in a loop", VENDOR),
        ("We have granted consent, and AADSTS50105", ASSIGNMENT),
        ("we approved the app", UNKNOWN),
        ("I accepted and then it said Need admin approval", WALL),
        # 65004
        ("AADSTS65004", DECLINED),
        ("AADSTS65004&admin_consent=True", DECLINED_BY_ADMIN),
        ("error_subcode=cancel&error_description=AADSTS65004", WALL),
        ("error_subcode=cancel AADSTS65004, I pressed cancel", DECLINED),
        # 50020
        ("AADSTS50020: account from identity provider 'live.com'", PERSONAL),
        ("AADSTS50020&admin_consent=True", ACCOUNT_BY_ADMIN),
        ("AADSTS50020: account from elsewhere", GUEST),
        # 700016
        ("AADSTS700016: Application with identifier 'bob' was not found", VENDOR),
        (
            "AADSTS700016: Application with identifier '5b1f6a0c-4d0e-4c39-9a83-1f6a2c1d7e10'",
            NOT_FOUND_BY_VENDOR,
        ),
        ("AADSTS700016 for our client_credentials request", NOT_FOUND),
        # The others.
        ("AADSTS90002: Tenant 9188040d-6c67-4c5b-b112-36a304b66dad not found", PASSES),
        ("AADSTS90002: Tenant 'contoso' not found", NO_TENANT),
        ("AADSTS65005: … is not available in your organization", SERVICE),
        ("AADSTS65005: misconfigured", VENDOR),
        ("renewToken failed: AADSTS50058", VENDOR),
        ("AADSTS50058: silent sign-in", SESSION),
        ("AADSTS16000: session is invalid", SESSION),
        ("AADSTS16000: several accounts", ACCOUNT),
        ("admin accepted, then AADSTS900561", WAIT),
        ("AADSTS900561: does not accept GET", SESSION_BY_ITSELF),
        ("Need admin approval. AADSTS50000", WALL),
        ("AADSTS50000: issuing failed", PASSES),
    ],
)
def test_judge_of_context(pasted, expected):
    assert judged(pasted) == expected


@pytest.mark.parametrize(
    ("pasted", "seen", "expected"),
    [
        ("", Seen.NEED_ADMIN, WALL),
        ("", Seen.REQUEST_FORM, WALL),
        ("", Seen.RISKY, WALL),
        ("", Seen.ACCEPT_PAGE, ACCEPT),
        ("", Seen.ERROR, UNKNOWN),
        ("", Seen.OTHER, UNKNOWN),
        ("", "nonsense", UNKNOWN),
        ("AADSTS90094", Seen.ACCEPT_PAGE, ACCEPT),
        ("AADSTS50105", Seen.ACCEPT_PAGE, ASSIGNMENT),
        ("AADSTS50105", Seen.NEED_ADMIN, ASSIGNMENT),
        ("AADSTS65004", Seen.NEED_ADMIN, WALL),
        ("?prompt=consent", Seen.NEED_ADMIN, WALL),
        ("?prompt=consent, admin approved", Seen.NEED_ADMIN, VENDOR),
    ],
)
def test_judge_of_what_was_seen(pasted, seen, expected):
    assert judged(pasted, seen) == expected
