"""Good addresses that a test changes, and what is said of them."""

from urllib.parse import quote

from consent.diagnosis.linting import Registered, lint
from tenants.microsoft.permissions import GRAPH, Kind, Permission

CLIENT = "11111111-2222-4333-8444-555555555555"
OTHER = "99999999-2222-4333-8444-555555555555"
TENANT = "446b460f-e49d-4af2-9b4b-0b1a106594d2"
BACK = "https://portal.acme.example/consent/return/"
STATE = "Zb3kq0v9T2m8Ylw5Rj1x7A"
SECRET = "abc8Q~AbcdefghijklmnopqrstuvwxyzAbcdefghijk"
GRAPH_HOST = "https://graph.microsoft.com"


def registered(*texts, **more):
    """Our app with these permissions, written `Mail.Read` or `application Mail.Read`."""
    permissions = frozenset(
        Permission(GRAPH, Kind(kind or "delegated"), name)
        for kind, _blank, name in (text.rpartition(" ") for text in texts)
    )
    plain = {
        "name": "Acme Calendar",
        "client_id": CLIENT,
        "login_host": "login.microsoftonline.com",
        "permissions": permissions,
        "redirects": frozenset({BACK}),
        "hosts": frozenset({"portal.acme.example", "app.acme.example"}),
    }
    return Registered(**{**plain, **more})


OURS = registered("User.Read", "Mail.Read", "offline_access")
MIXED = registered("Mail.Read", "application Mail.Read", "application Directory.Read.All")


def query(**parameters):
    """Encoded, without those that are empty."""
    return "&".join(
        f"{name}={quote(value, safe='')}" for name, value in parameters.items() if value
    )


def adminconsent(tenant=TENANT, *, path="v2.0/adminconsent", **changes):
    """A good admin consent address, with these parts changed; None leaves one out."""
    good = {"client_id": CLIENT, "scope": "User.Read Mail.Read", "redirect_uri": BACK}
    told = {**good, "state": STATE, **changes}
    return f"https://login.microsoftonline.com/{tenant}/{path}?{query(**told)}"


def authorize(tenant="organizations", *, path="oauth2/v2.0/authorize", **changes):
    """A good sign-in address, with these parts changed; None leaves one out."""
    good = {
        "client_id": CLIENT,
        "response_type": "code",
        "redirect_uri": "https://app.acme.example/back",
        "scope": "User.Read offline_access",
        "state": STATE,
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    return f"https://login.microsoftonline.com/{tenant}/{path}?{query(**{**good, **changes})}"


def said(url, *apps):
    """Part and finding of every remark."""
    return [(remark.part, remark.finding) for remark in lint(url, registrations=apps or (OURS,))]


def of(part, url, *apps):
    """What is said of one part, with its names."""
    remarks = lint(url, registrations=apps or (OURS,))
    return [(each.finding, *each.names) for each in remarks if each.part == part]
