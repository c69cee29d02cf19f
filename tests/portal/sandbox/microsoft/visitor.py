"""A person's browser, and an app's own calls, against the simulated Microsoft."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import requests

from portal.sandbox.microsoft import seed

PORTAL = "http://localhost:8000"
CONSENT_RETURN = PORTAL + seed.CONSENT_RETURN_PATH
SIGNIN_RETURN = PORTAL + seed.SIGNIN_RETURN_PATH
CALENDAR, ARCHIVE, SUITE = seed.APPS
CALENDAR_SCOPES = (
    "openid profile User.Read Calendars.ReadWrite Mail.Read Mail.Send Contacts.Read offline_access"
)
GRAPH_DEFAULT = "https://graph.microsoft.com/.default"
TENANT_IDS = {tenant.domain: tenant.tenant_id for tenant in seed.TENANTS}


class Forms(HTMLParser):
    """The forms of a page by id, with their fields as a browser would send them."""

    def __init__(self, body):
        super().__init__()
        self.forms, self._open = {}, None
        self.feed(body)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self._open = self.forms.setdefault(
                attrs.get("id", ""), {"action": attrs.get("action", ""), "fields": {}, "boxes": []}
            )
        elif tag == "input" and self._open and attrs.get("name"):
            if attrs.get("type") == "checkbox":
                self._open["boxes"].append((attrs["name"], "checked" in attrs))
            else:
                self._open["fields"][attrs["name"]] = attrs.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None


def forms(page):
    """The forms on that page by id."""
    return Forms(page.text).forms


def came_back(answer):
    """The query with which the app got the browser back, and where."""
    parts = urlsplit(answer.headers["Location"])
    return {"to": f"{parts.scheme}://{parts.netloc}{parts.path}", **dict(parse_qsl(parts.query))}


class Visitor:
    """One browser: cookies, forms, and no step further than one answer."""

    def __init__(self, url):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def open(self, path, **query):
        query = {name: value for name, value in query.items() if value is not None}
        address = f"{self.url}{path}?{urlencode(query)}" if query else self.url + path
        return self.session.get(address, allow_redirects=False)

    def submit(self, page, form_id, **fields):
        form = forms(page)[form_id]
        return self.session.post(
            urljoin(page.url, form["action"] or page.url),
            {**form["fields"], **fields},
            allow_redirects=False,
        )

    def sign_in(self, page, account):
        return self.submit(page, "signin", account=account)

    def consent_page(self, domain, scope=CALENDAR_SCOPES, app=CALENDAR, **query):
        return self.open(
            f"/{TENANT_IDS.get(domain, domain)}/v2.0/adminconsent",
            **{
                "client_id": app.client_id,
                "redirect_uri": CONSENT_RETURN,
                "scope": scope,
                "state": "s-1",
                **query,
            },
        )

    def authorize(self, domain, scope="openid profile", app=CALENDAR, **query):
        return self.open(
            f"/{TENANT_IDS.get(domain, domain)}/oauth2/v2.0/authorize",
            **{
                "client_id": app.client_id,
                "redirect_uri": SIGNIN_RETURN,
                "response_type": "code",
                "scope": scope,
                "state": "s-2",
                "nonce": "n-1",
                **query,
            },
        )

    def silent(self, domain, scope="openid profile", app=CALENDAR, **query):
        """What a silent sign-in comes back with; it never shows a page."""
        answer = self.authorize(domain, scope, app, prompt="none", **query)
        assert answer.status_code == 303
        return came_back(answer)

    def approve(self, domain, account, scope=CALENDAR_SCOPES, app=CALENDAR):
        """Approve for everyone at the administrator's page."""
        page = self.consent_page(domain, scope, app)
        if "signin" in forms(page):
            page = self.sign_in(page, account)
        return came_back(self.submit(page, "consent", decision="accept"))


class Program:
    """The vendor's own calls."""

    def __init__(self, url):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def token(self, domain, app=CALENDAR, **form):
        return self.session.post(
            f"{self.url}/{TENANT_IDS.get(domain, domain)}/oauth2/v2.0/token",
            {
                "grant_type": "client_credentials",
                "client_id": app.client_id,
                "client_secret": app.secret,
                "scope": GRAPH_DEFAULT,
                **form,
            },
        )

    def redeem(self, domain, code, app=CALENDAR, **form):
        return self.token(
            domain,
            app,
            **{
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": SIGNIN_RETURN,
                "scope": "",
                **form,
            },
        )

    def graph(self, token, path):
        return self.session.get(
            f"{self.url}/v1.0{path}" if path.startswith("/") else path,
            headers={"Authorization": f"Bearer {token}"},
        )

    def batch(self, token, *requests_inside):
        return self.session.post(
            f"{self.url}/v1.0/$batch",
            json={"requests": list(requests_inside)},
            headers={"Authorization": f"Bearer {token}"},
        )


def refused(answer):
    """Status, word and number of a refusal at metadata or token endpoint."""
    body = answer.json()
    return answer.status_code, body["error"], *body["error_codes"]


def own(app, rest=""):
    """Graph's path to the app's own service principal."""
    return f"/servicePrincipals(appId='{app.client_id}'){rest}"


def app_token(microsoft, program, app=CALENDAR, domain="contoso.example", **row):
    """A token of the app as itself, after an approval in Microsoft's own portal."""
    microsoft.control({"grants": [{"tenant": domain, "app": app.slug, **row}]})
    return program.token(domain, app).json()["access_token"]


def directory(microsoft, domain):
    """What is granted in that tenant: delegated grants, and roles."""
    tenant = microsoft.state()["tenants"][domain]
    return tenant["grants"], tenant["roles"]
