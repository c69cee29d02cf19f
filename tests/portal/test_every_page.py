"""Rules that hold for every address: headers, cookies, methods, tokens against forgery."""

import re

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import get_resolver, resolve, reverse

from consent import tokens
from consent.models import Event, Ticket
from tests.factories import (
    ApprovalLinkFactory,
    AttachmentFactory,
    ConsentRequestFactory,
    ContactFactory,
    OutboxMessageFactory,
    TicketFactory,
    UserFactory,
    seeded_app,
    seeded_tenant,
)

#: Values for addresses that need no row.
SAMPLES = {"written": "AADSTS90094", "road": "two-requests", "slug": "acme-calendar"}
#: Its port is what the settings said when the pages were loaded.
TO_MICROSOFT = r"'self' http://localhost:\d+"


@pytest.fixture
def link(db):
    """A link at a request that waits, with a ticket."""
    request = ConsentRequestFactory(
        app=seeded_app("acme-calendar"), tenant=seeded_tenant("contoso"), asked=True
    )
    ticket = TicketFactory(request=request, waiting=True)
    return ApprovalLinkFactory(request=request, from_ticket=ticket)


@pytest.fixture
def addresses(link):
    """Every address of the public, the approval and the desk, by the methods it answers."""
    unconfirmed = TicketFactory(app=link.request.app, unconfirmed=True)
    ticket = link.from_ticket
    at_a, at_t = tokens.approval_token(link), tokens.ticket_token(ticket)
    stop = tokens.stop_token(ContactFactory())
    opened = ["/", "/ask/sent/", f"/t/{at_t}/", f"/t/{at_t}/status.json", "/healthz"]
    opened += [f"/a/{at_a}/", f"/a/{at_a}/result/", "/consent/return/", "/signin/return/"]
    opened += [f"/t/{tokens.ticket_token(unconfirmed)}/", "/readyz"]
    at_desk = ["/desk/", f"/desk/tickets/{ticket.number}/"]
    at_desk += [f"/desk/tenants/{ticket.tenant.pk}/", "/desk/codes/"]
    at_desk += [f"/desk/attachments/{AttachmentFactory(ticket=ticket).public_id}/"]
    posted = ["/start/", "/ask/", "/ask/again/"]
    below_t = ("confirm", "reply", "withdraw", "tried", "test", "share", "administrator")
    below_t += ("screenshot",)
    posted += [f"/t/{at_t}/{name}/" for name in below_t]
    below_a = ("continue", "prove", "decline", "undo", "later", "not-me", "ask", "forward", "saw")
    posted += [f"/a/{at_a}/{name}/" for name in below_a]
    acts = ("take", "reply", "note", "send", "check", "close", "agree", "move")
    posted += [f"/desk/tickets/{ticket.number}/{name}/" for name in acts]
    acts = ("resend", "rotate", "revoke", "answer")
    posted += [f"/desk/links/{link.pk}/{name}/" for name in acts]
    posted += [f"/desk/mails/{OutboxMessageFactory(sent=True, ticket=ticket).pk}/again/"]
    posted += [f"/desk/mails/{name}/" for name in ("stop", "resume", "all-again")]
    both = [f"/stop/{stop}/", "/desk/tickets/new/", "/linter/"]
    named = {resolve(address).view_name for address in opened + at_desk + posted + both}
    opened += [address for name, address in open_to_all().items() if name not in named]
    return {"opened": opened + at_desk, "posted": posted, "both": both}


def ours():
    """Every pattern of the public, the approval and the desk, by its name."""
    return {
        f"{included.app_name}:{pattern.name}": pattern
        for included in get_resolver().url_patterns
        if getattr(included, "app_name", None) in {"public", "approval", "desk"}
        for pattern in included.url_patterns
    }


def open_to_all():
    """Pages whose address needs no row: whatever stands there is held to the same rules."""
    return {
        name: reverse(name, kwargs={key: SAMPLES[key] for key in pattern.pattern.converters})
        for name, pattern in ours().items()
        if set(pattern.pattern.converters) <= set(SAMPLES)
    }


@pytest.fixture
def agents_browser(db):
    """A browser in which an agent is signed in, so that every page opens, CSRF checks on."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_every_address_of_ours_is_among_those_tested_here(addresses):
    tested = {address for several in addresses.values() for address in several}

    assert set(ours()) - {resolve(address).view_name for address in tested} == set()


def test_pages_to_open_refuse_posts(agents_browser, addresses):
    browser = Client()
    browser.cookies = agents_browser.cookies
    answers = {page: browser.post(page).status_code for page in addresses["opened"]}

    assert {page: status for page, status in answers.items() if status != 405} == {}


def test_forms_refuse_to_be_opened(agents_browser, addresses):
    browser = Client()
    browser.cookies = agents_browser.cookies
    answers = [
        (page, method(page).status_code)
        for page in addresses["posted"]
        for method in (browser.get, browser.head, browser.put)
    ]

    assert [one for one in answers if one[1] != 405] == []
    assert Event.objects.count() == 0


def test_forms_without_a_token_against_forgery_are_refused_in_words(agents_browser, addresses):
    for page in [*addresses["posted"], *addresses["both"]]:
        answer = agents_browser.post(page, {"message": "x", "worked": "yes", "reason": "other"})
        assert answer.status_code == 403, page
        assert "This form is out of date" in answer.content.decode(), page

    assert (Event.objects.count(), Ticket.objects.count()) == (0, 2)


def test_every_answer_carries_the_headers_that_protect_it(agents_browser, addresses):
    for page in [*addresses["opened"], *addresses["both"]]:
        answer = agents_browser.get(page)
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self'" in policy, page
        assert "'unsafe" not in policy, page
        assert "default-src 'none'" in policy, page
        assert "frame-ancestors 'none'" in policy, page
        assert "base-uri 'none'" in policy, page
        assert answer["Referrer-Policy"] == "same-origin", page
        assert answer["X-Content-Type-Options"] == "nosniff", page
        assert answer["X-Frame-Options"] == "DENY", page


def form_action(answer):
    """What the policy lets forms lead to."""
    directives = dict(
        part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";")
    )
    return directives["form-action"]


def test_pages_with_a_form_that_leads_to_microsoft_name_its_origin(client, link):
    at_a = f"/a/{tokens.approval_token(link)}/"
    at_t = f"/t/{tokens.ticket_token(link.from_ticket)}/"
    pages = [client.get(at_a), client.get(f"{at_a}result/"), client.get(at_t)]
    # The same pages with a form that was filled in wrongly.
    pages += [client.post(f"{at_a}{name}/") for name in ("decline", "later", "ask", "forward")]

    allowed = [form_action(page) for page in pages]
    assert [one for one in allowed if not re.fullmatch(TO_MICROSOFT, one)] == []


def test_status_page_after_a_wrong_form_still_leads_to_microsoft(client, link):
    at_t = f"/t/{tokens.ticket_token(link.from_ticket)}/"
    type(link.request).objects.update(news_at=link.sent_at)

    for answer in (client.post(f"{at_t}reply/"), client.post(f"{at_t}tried/")):
        assert 'id="test"' in answer.content.decode()
        assert re.fullmatch(TO_MICROSOFT, form_action(answer))


def test_other_pages_let_forms_lead_to_us_alone(agents_browser, client):
    assert form_action(client.get("/")) == "'self'"
    assert form_action(agents_browser.get("/desk/")) == "'self'"


def test_pages_whose_address_is_a_secret_are_never_stored(client, addresses, microsoft):
    secret = [
        page
        for several in addresses.values()
        for page in several
        if page.startswith(("/a/", "/t/", "/stop/"))
    ]
    assert len(secret) > 20
    answers = [client.get(page) for page in secret] + [client.post(page) for page in secret]
    answers += [client.get(page) for page in ("/consent/return/", "/signin/return/", "/ask/sent/")]
    answers += [client.get(f"/{kind}/broken/") for kind in ("a", "t", "stop")]

    assert {answer["Cache-Control"] for answer in answers} == {"no-store"}


def test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites(link, microsoft):
    browser = Client()
    browser.get("/")
    browser.post("/ask/", {"email": "ben@contoso.example", "app": "acme-calendar"})
    at_a = f"/a/{tokens.approval_token(link)}/"
    browser.get(at_a)
    browser.post(f"{at_a}continue/")
    browser.post(f"{at_a}prove/")
    user = UserFactory()
    user.set_password("a long enough one")
    user.save()
    browser.post("/accounts/login/", {"login": user.email, "password": "a long enough one"})

    cookies = {name.partition("trip_")[0]: morsel for name, morsel in browser.cookies.items()}
    assert {"portal_asker", "portal_", "portal_proof", "portal_session"} <= set(cookies)
    for name, morsel in browser.cookies.items():
        if not morsel.value:
            continue
        assert (name, morsel["httponly"], morsel["samesite"]) == (name, True, "Lax")


def test_cookies_are_secure_where_the_portal_is_served_by_https(client, link, settings):
    settings.IS_HTTPS = True

    client.post(f"/a/{tokens.approval_token(link)}/continue/")

    (trip,) = [morsel for name, morsel in client.cookies.items() if name.startswith("portal_trip_")]
    assert (trip["secure"], int(trip["max-age"])) == (True, 7200)


def test_error_pages_are_sentences(client, db, settings):
    settings.DEBUG = False
    client.raise_request_exception = False

    missing, malformed = client.get("/no-such-page/"), client.get("/", headers={"host": "evil"})

    assert (missing.status_code, malformed.status_code) == (404, 400)
    assert "There is nothing at this address" in missing.content.decode()
    assert "We cannot read this request" in malformed.content.decode()
    assert "script-src 'self'" in missing["Content-Security-Policy"]


def test_addresses_in_mails_and_redirects_never_follow_the_host_of_a_request(client, link):
    settings_host = {"host": "127.0.0.1"}
    at_t = f"/t/{tokens.ticket_token(link.from_ticket)}/"
    client.post(f"{at_t}share/", headers=settings_host)

    text = client.get(at_t, headers=settings_host).content.decode()

    assert '"http://localhost:8000/a/' in text
    assert "127.0.0.1" not in text
    assert django_settings.PORTAL_URL == "http://localhost:8000"


@pytest.mark.django_db
def test_page_for_a_browser_without_our_language_is_in_one_language(client):
    answer = client.get("/", headers={"accept-language": "he, de;q=0.5"})

    assert (answer.headers["Content-Language"], b'lang="en"' in answer.content) == ("en", True)
    assert b"dir=" not in answer.content
