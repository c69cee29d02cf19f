"""The sandbox's own pages: the mailbox, and beginning anew."""

import pytest
from django.apps import apps
from django.test import Client

from consent import tokens
from consent.models import AppRegistration, OutboxMessage, RequiredPermission, Ticket, Watch
from consent.verification import checker
from portal.sandbox import fresh
from portal.sandbox.models import SandboxMail
from tenants.microsoft.transport import ask
from tenants.models import User
from tests.factories import (
    AlarmFactory,
    ApprovalLinkFactory,
    AttachmentFactory,
    CallCountFactory,
    CanaryFactory,
    CheckFactory,
    ConsentAttemptFactory,
    ConsentRequestFactory,
    EventFactory,
    EvidenceFactory,
    GrantFactory,
    MailStopFactory,
    OutboxMessageFactory,
    RateCountFactory,
    ReplyFactory,
    TenantDomainFactory,
    TicketFactory,
    UnknownCodeFactory,
    WatchFactory,
)

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def browser():
    """A browser on this machine."""
    return Client(headers={"host": "localhost:8000"})


def mail(to="ana@contoso.example", **more):
    """A mail in the mailbox."""
    text = "Open http://localhost:8000/t/x.1.y/ now (or http://localhost:8000/stop/z/)."
    given = {"kind": "confirm_request", "subject": f"Confirm {MARKUP}", "text": text, "html": "<p>"}
    return SandboxMail.objects.create(to=to, **{**given, **more})


def test_mailbox_tells_every_mail_newest_first(browser, db):
    first, second = mail(), mail(to="ben@contoso.example", kind="consent_granted")

    told = browser.get("/sandbox/mailbox.json").json()

    assert told == [
        {
            "id": one.pk,
            "kind": one.kind,
            "to": one.to,
            "subject": f"Confirm {MARKUP}",
            "text": one.text,
            "html": "<p>",
            "links": ["http://localhost:8000/t/x.1.y/", "http://localhost:8000/stop/z/"],
            "sent_at": one.sent_at.isoformat(),
        }
        for one in (second, first)
    ]


def test_mailbox_of_one_address_whatever_its_case(browser, db):
    mail()
    other = mail(to="ben@contoso.example")

    told = browser.get("/sandbox/mailbox.json", {"to": "Ben@Contoso.example"}).json()

    assert [one["id"] for one in told] == [other.pk]


def test_pages_show_mails_without_running_them(browser, db):
    shown = mail(html=f"<p>{MARKUP}</p>")

    pages = [browser.get(page) for page in ("/sandbox/", "/sandbox/mailbox/")]
    pages.append(browser.get(f"/sandbox/mailbox/{shown.pk}/"))
    assert {page.status_code for page in pages} == {200}
    assert [page for page in pages if MARKUP in page.content.decode()] == []

    framed = browser.get(f"/sandbox/mailbox/{shown.pk}/html/")
    policy = framed["Content-Security-Policy"]
    assert ("default-src 'none'" in policy, "sandbox" in policy) == (True, True)
    assert "allow-scripts" not in policy
    assert framed["X-Frame-Options"] == "SAMEORIGIN"


def test_mail_that_does_not_exist_is_not_found(browser, db):
    assert browser.get("/sandbox/mailbox/99999/").status_code == 404
    assert browser.get("/sandbox/mailbox/99999/html/").status_code == 404


@pytest.mark.parametrize("host", ["testserver", "portal.example.com", "localhost.evil.example"])
def test_sandbox_answers_on_the_loopbacks_own_names_alone(db, settings, host):
    settings.ALLOWED_HOSTS = ["*"]
    stranger = Client(headers={"host": host})
    pages = ["/sandbox/", "/sandbox/mailbox/", "/sandbox/mailbox.json"]
    pages += [f"/sandbox/mailbox/{mail().pk}/", f"/sandbox/mailbox/{mail().pk}/html/"]

    assert {stranger.get(page).status_code for page in pages} == {403}
    assert stranger.post("/sandbox/reset/").status_code == 403
    assert SandboxMail.objects.count() == 2


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost:8001", "null", "http://localhost"]
)
def test_reset_refuses_a_foreign_page(browser, db, origin):
    mail()

    assert browser.post("/sandbox/reset/", headers={"Origin": origin}).status_code == 403
    assert SandboxMail.objects.count() == 1


def test_reset_refuses_to_be_opened(browser, db):
    mail()

    assert (browser.get("/sandbox/reset/").status_code, SandboxMail.objects.count()) == (405, 1)


def fill():
    """A row of everything that people and the worker leave behind."""
    link = ApprovalLinkFactory()
    ticket = TicketFactory(request=link.request, waiting=True)
    ConsentRequestFactory(previous=link.request, tenant=link.request.tenant)
    TenantDomainFactory(tenant=link.request.tenant)
    attempt = ConsentAttemptFactory(link=link)
    EvidenceFactory(request=link.request, attempt=attempt, ticket=ticket)
    ReplyFactory(ticket=ticket)
    OutboxMessageFactory(ticket=ticket, link=link)
    MailStopFactory()
    GrantFactory(tenant=link.request.tenant, app=link.request.app)
    CheckFactory(watch=WatchFactory(of=link.request))
    EventFactory(ticket_id=ticket.pk)
    RateCountFactory()
    CallCountFactory()
    OutboxMessageFactory(alarm=AlarmFactory(app=link.request.app))
    CanaryFactory(app=link.request.app)
    UnknownCodeFactory()
    AttachmentFactory(ticket=ticket)
    mail()


def rows():
    """How many rows of each of our models there are."""
    ours = [apps.get_app_config(name).get_models() for name in ("consent", "tenants", "sandbox")]
    return {model: model.objects.count() for models in ours for model in models}


def test_reset_empties_everything_but_the_vendors_own(browser, microsoft, db):
    fresh.plant()
    seed = rows()
    fill()
    left = {model for model, count in rows().items() if count <= seed[model]}
    assert left == {User, apps.get_model("consent.Pulse")}
    apps_of_fill = AppRegistration.objects.count() - seed[AppRegistration]

    answer = browser.post("/sandbox/reset/", headers={"Origin": "http://localhost:8000"})

    assert (answer.status_code, answer["Location"]) == (302, "/sandbox/")
    after = rows()
    assert after.pop(AppRegistration) == seed.pop(AppRegistration) + apps_of_fill
    assert after.pop(RequiredPermission) == seed.pop(RequiredPermission) + 2 * apps_of_fill
    assert after == seed


def test_reset_puts_the_simulated_microsoft_back_to_its_seed_with_new_keys(browser, microsoft, db):
    before = microsoft.state()
    microsoft.control(
        {
            "grants": [{"tenant": "contoso.example", "app": "acme-calendar"}],
            "tenants": {"relecloud.example": {"replication_delay_s": 9}},
            "faults": {"graph": {"503": 1.0}},
        }
    )
    keys = keys_of(microsoft)
    assert differing(before, microsoft.state()) >= {"tenants", "faults"}

    browser.post("/sandbox/reset/")

    assert differing(before, microsoft.state()) <= {"key_id", "since", "calls"}
    assert keys_of(microsoft) != keys


def keys_of(microsoft):
    """The ids of the keys that sign tokens now."""
    answer = ask("GET", f"{microsoft.url}/common/discovery/v2.0/keys")
    return [key["kid"] for key in answer.body["keys"]]


def differing(one, other):
    """Which parts of the state differ."""
    return {name for name in one if one[name] != other.get(name)}


def test_reset_twice_and_with_nothing_there_is_fine(browser, microsoft, db):
    assert browser.post("/sandbox/reset/").status_code == 302
    assert browser.post("/sandbox/reset/").status_code == 302


def test_work_goes_on_after_a_reset(world_after_reset, browser):
    browser.post("/ask/", {"email": "ana@contoso.example", "app": "acme-calendar"})
    browser.post("/ask/again/")
    ticket = Ticket.objects.get()

    page = browser.post(f"/t/{tokens.ticket_token(ticket)}/confirm/")

    assert page.status_code == 303
    ticket.refresh_from_db()
    assert (ticket.tenant.domain, ticket.request.state) == ("contoso.example", "triage")
    assert Watch.objects.get().checks.get().outcome == "absent"


@pytest.fixture
def world_after_reset(microsoft, run_tasks, browser):
    """The demo's apps; a look with tokens of the old keys; then a reset."""
    fresh.plant()
    app = AppRegistration.objects.get(slug="acme-calendar")
    watch = WatchFactory(of=ConsentRequestFactory(app=app, tenant__tenant_id=app.home_tenant_id))
    run_tasks("consent.look", watch.pk)
    browser.post("/sandbox/reset/")


def test_tasks_that_find_their_row_gone_end_quietly(run_tasks, microsoft, browser):
    request = ConsentRequestFactory(asked=True)
    watch = WatchFactory(of=request)
    message = OutboxMessageFactory()
    (errand,) = checker.claim(only=watch.pk)
    browser.post("/sandbox/reset/")

    for name, *keys in (
        ("consent.look", watch.pk),
        ("outbox.deliver", message.pk),
        ("consent.look_at_due",),
        ("outbox.sweep",),
        ("consent.sweep",),
    ):
        run_tasks(name, *keys)

    assert (OutboxMessage.objects.count(), Watch.objects.count()) == (0, 0)
    assert errand.watch_id == watch.pk


def test_seed_may_be_planted_as_often_as_one_likes(db):
    for _time in range(2):
        fresh.plant()

    assert sorted(AppRegistration.objects.values_list("slug", "permission_version")) == [
        ("acme-archive", 1),
        ("acme-calendar", 1),
        ("acme-suite", 1),
    ]
    agents = User.objects.order_by("email").values_list("email", "is_staff", "is_superuser")
    assert list(agents) == [
        ("agent@acme.example", True, False),
        ("lead@acme.example", True, True),
    ]
    assert User.objects.get(email="agent@acme.example").check_password("demo")
    assert fresh.registered()


@pytest.mark.django_db
def test_nothing_is_registered_before_the_seed():
    assert fresh.registered() is False
