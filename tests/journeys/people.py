"""The people of a journey: each with a browser that knows the portal and Microsoft alike.

The portal answers through Django's test client with CSRF checks on, the simulated Microsoft over
plain HTTP; cookies, forms and redirects are the browser's own business, as in real life.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests
from django.test import Client

PORTAL = "http://localhost:8000"
#: Microsoft's own way back, then at most eight redirects of ours.
MOST_REDIRECTS = 9
#: Goes into every free text; no page and no mail may carry it unescaped.
MARKUP = "<script>alert(1)</script>"


class Forms(HTMLParser):
    """The forms of a page by their id, with the fields that a browser would send untouched."""

    def __init__(self, body):
        super().__init__()
        self.found, self._form, self._area, self._select = {}, None, None, None
        self.feed(body)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            self._form = {"action": given.get("action", ""), "fields": {}}
            self.found[given.get("id", "")] = self._form
        elif self._form is None or not name:
            if tag == "option" and self._select and self._form is not None:
                self._option(given)
        elif tag == "input":
            self._input(given, name, value)
        elif tag == "textarea":
            self._area = name
            self._form["fields"][name] = ""
        elif tag == "select":
            self._select = name

    def _input(self, given, name, value):
        kind = given.get("type", "text")
        chosen = kind not in {"radio", "checkbox"} or "checked" in given
        if chosen and kind not in {"submit", "button"}:
            self._form["fields"][name] = value

    def _option(self, given):
        if "selected" in given or self._select not in self._form["fields"]:
            self._form["fields"][self._select] = given.get("value") or ""

    def handle_data(self, data):
        if self._area:
            self._form["fields"][self._area] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None


@dataclass(frozen=True)
class Page:
    """What a browser shows: where it is, the status, and the text."""

    url: str
    status: int
    text: str
    headers: dict[str, str] = field(repr=False)

    @property
    def path(self):
        return urlsplit(self.url).path

    @property
    def forms(self):
        return Forms(self.text).found

    def form_to(self, ending):
        """The id of the form that posts to an address with that ending."""
        return next(key for key, form in self.forms.items() if form["action"].endswith(ending))


class Browser:
    """One person's browser."""

    def __init__(self, microsoft_url):
        self.microsoft_url = microsoft_url
        self.client = Client(enforce_csrf_checks=True, headers={"host": "localhost:8000"})
        self.session = requests.Session()
        self.session.trust_env = False

    def open(self, url, *, follow=True):
        """GET that address, and whatever it leads to."""
        return self._arrive(self._call("GET", urljoin(PORTAL, url)), follow=follow)

    def submit(self, page, form_id, *, follow=True, **fields):
        """Fill in that form and send it."""
        form = page.forms[form_id]
        url = urljoin(page.url, form["action"] or page.url)
        return self._arrive(self._call("POST", url, {**form["fields"], **fields}), follow=follow)

    def _arrive(self, page, *, follow):
        redirects = 0
        while follow and 300 <= page.status < 400:
            redirects += 1
            assert redirects <= MOST_REDIRECTS, f"still not there at {page.url}"
            page = self._call("GET", urljoin(page.url, page.headers["Location"]))
        assert MARKUP not in page.text, f"{page.url} carries a script that somebody typed"
        return page

    def _call(self, method, url, fields=None):
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if origin == self.microsoft_url:
            answer = self.session.request(method, url, data=fields, allow_redirects=False)
            return Page(url, answer.status_code, answer.text, dict(answer.headers))
        assert origin == PORTAL, f"sent to a stranger: {url}"
        path = url.removeprefix(PORTAL)
        if method == "GET":
            answer = self.client.get(path)
        else:
            answer = self.client.post(path, fields, headers={"Origin": origin, "Referer": url})
        return Page(url, answer.status_code, answer.content.decode(), dict(answer.headers))

    def at_microsoft(self, page, account, decision="accept"):
        """Sign in and decide where asked, until Microsoft lets us go or shows a wall."""
        for _step in range(8):
            if "signin" in page.forms:
                page = self.submit(page, "signin", account=account)
            elif "consent" in page.forms:
                assert "/authorize" not in page.url, "the proof showed a consent page"
                page = self.submit(page, "consent", decision=decision)
            else:
                return page
        raise AssertionError(f"lost on Microsoft's pages at {page.url}")


class Requester(Browser):
    """A blocked user. `url` is the status page, known once the confirmation was mailed."""

    def __init__(self, world, address):
        super().__init__(world.microsoft.url)
        self.world, self.address, self.url = world, address, ""

    def ask(self, admin="", app="acme-calendar", pasted="AADSTS90094: Need admin approval"):
        """Go from the first page to the one that says that a mail is on its way."""
        page = self.submit(
            self.open("/"), "start", email=self.address, pasted=pasted + MARKUP, app=app
        )
        note = f"We want our calendars in sync. {MARKUP}"
        name = self.address.partition("@")[0].title()
        return self.submit(page, "ask", name=name, admin_email=admin, note=note)

    def confirm(self):
        """Open the mailed link in the browser that asked, and press the button."""
        mail = self.world.mails(self.address, "confirm_request")[-1]
        self.url = link_in(mail, "/t/")
        return self.submit(self.open(self.url), "confirm")

    def status(self):
        """What status.json says."""
        told = self.client.get(f"{urlsplit(self.url).path}status.json")
        assert "@" not in told.content.decode()
        return told.json()

    def request(self, *names):
        """The named facts of the request, as status.json says them."""
        told = self.status()["request"]
        return tuple(told[name] for name in names)

    def press(self, form_id, **fields):
        """Open the status page and send that form."""
        return self.submit(self.open(self.url), form_id, **fields)


class Administrator(Browser):
    """Whoever opens an approval link."""

    def __init__(self, world, address, link):
        super().__init__(world.microsoft.url)
        self.world, self.address, self.link = world, address, link

    def leave(self):
        """Press *Continue*, and stand on the first of Microsoft's pages."""
        return self.press("continue")

    def approve(self, decision="accept"):
        """The whole trip to Microsoft and back."""
        return self.at_microsoft(self.leave(), self.address, decision)

    def press(self, form_id, **fields):
        """Open the emailed link and send that form."""
        return self.submit(self.open(self.link), form_id, **fields)

    def result(self):
        """The result page, with whatever it does by itself."""
        return self.open(f"{self.link}result/")


def link_in(mail, part):
    """The first link of a mail with that part."""
    return next(link for link in mail["links"] if part in link)
