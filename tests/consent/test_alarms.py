"""One row, one mail and one line for each change of an alarm."""

import logging

import pytest

from consent import alarms, links, placing, tokens
from consent.actors import WORKER
from consent.errors import RegistrationDiffers
from consent.models import Alarm, ApprovalLink, OutboxMessage
from consent.outbox import delivery
from consent.outbox.rendering import NoLongerTrue, render
from tests.consent.rows_stage import mails
from tests.factories import (
    AlarmFactory,
    AppRegistrationFactory,
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
    seeded_app,
    seeded_tenant,
)

pytestmark = pytest.mark.django_db
Kind = Alarm.Kind


@pytest.fixture
def app():
    return AppRegistrationFactory(slug="acme-calendar")


@pytest.fixture(autouse=True)
def _operators(settings):
    settings.OPERATORS_EMAIL = "Operators@acme.example"


def rows():
    return list(Alarm.objects.order_by("pk").values_list("kind", "detail", "changes", "until"))


RAISED = ("operators_alarm", "operators@acme.example")
OVER = ("operators_alarm_over", "operators@acme.example")


def test_alarm_is_one_row_one_mail_and_one_line(app, caplog):
    caplog.set_level(logging.WARNING, logger="consent.alarms")

    first = alarms.sound(Kind.EXPIRY, app=app, detail="30")
    again = alarms.sound(Kind.EXPIRY, app=app, detail="30")

    assert (first, rows(), mails()) == (again, [("expiry", "30", 0, None)], [RAISED])
    assert [(r.levelname, r.getMessage(), r.alarm, r.app) for r in caplog.records] == [
        ("ERROR", "alarm: expiry 30", "expiry", "acme-calendar")
    ]


def test_alarm_that_becomes_another_is_told_each_time(app):
    for detail in ("30", "14", "30"):
        alarms.sound(Kind.EXPIRY, app=app, detail=detail)

    assert (rows(), mails()) == ([("expiry", "30", 2, None)], [RAISED] * 3)


def test_alarm_that_is_over_is_told_once(app):
    alarms.sound(Kind.EXPIRY, app=app, detail="7")

    ended = alarms.end(Kind.EXPIRY, app=app), alarms.end(Kind.EXPIRY, app=app)

    assert (ended, mails()) == ((True, False), [RAISED, OVER])
    assert list(alarms.standing()) == []


def test_alarm_after_one_that_is_over_is_a_new_one():
    for _time in range(2):
        alarms.sound(Kind.MAIL)
        alarms.end(Kind.MAIL)

    assert (Alarm.objects.count(), mails()) == (2, [RAISED, OVER] * 2)


def test_alarm_follows_what_holds():
    for holds in (False, True, True, False):
        alarms.sound_or_end(Kind.WORKER, holds=holds, detail="checks")

    assert mails() == [RAISED, OVER]


def test_alarms_of_two_apps_are_two(app):
    for one in (app, AppRegistrationFactory()):
        alarms.sound(Kind.DRIFT, app=one, detail="extra")

    assert len(alarms.standing()) == 2


def test_nobody_to_tell_leaves_the_row_and_the_line(app, settings):
    settings.OPERATORS_EMAIL = ""

    alarms.sound(Kind.DRIFT, app=app, detail="extra")

    assert (len(rows()), mails()) == (1, [])


def test_alarm_ended_by_another_in_this_moment_is_told_by_him_alone(app, monkeypatch):
    alarms.sound(Kind.DRIFT, app=app)
    stale = list(Alarm.objects.select_related("app"))
    alarms.end(Kind.DRIFT, app=app)

    class Late:
        @staticmethod
        def select_related(_name):
            return stale

    real = Alarm.objects.filter
    monkeypatch.setattr(
        Alarm.objects, "filter", lambda **where: Late() if "kind" in where else real(**where)
    )

    assert alarms.end(Kind.DRIFT, app=app) is False


DETAILS = [
    ("credential", "AADSTS7000222"),
    ("drift", "missing"),
    ("setup", "address_and_audience_and_roles_and_publisher"),
    ("expiry", "0"),
    ("expiry", "1"),
    ("expiry", "30"),
    ("worker", "checks_and_mail"),
    ("mail", ""),
    ("mail", "given_up"),
]


@pytest.mark.parametrize(("kind", "detail"), DETAILS)
def test_mails_of_an_alarm_say_what_and_what_to_do(app, kind, detail, mailoutbox):
    about = None if kind in {"worker", "mail"} else app
    alarms.sound(Kind(kind), app=about, detail=detail)
    delivery.deliver(OutboxMessage.objects.latest("pk").pk)
    alarms.end(Kind(kind), app=about)
    delivery.deliver(OutboxMessage.objects.latest("pk").pk)

    raised, over = mailoutbox
    name = ": Acme Calendar" if about else ""
    label = Kind(kind).label
    assert (raised.subject, over.subject) == (f"Alarm: {label}{name}", f"Over: {label}{name}")
    for mail in mailoutbox:
        html = mail.alternatives[0][0]
        assert "/desk/worker/" in mail.body
        assert "/desk/worker/" in html
        assert "Never write to me again" not in mail.body + html
        assert "List-Unsubscribe" not in mail.extra_headers
    assert "becomes another" not in over.body
    if detail not in {"0", "1", "missing", "", "given_up"} and kind != "setup":
        assert detail in raised.body


def test_mail_about_a_registration_names_all_that_needs_mending(app):
    alarms.sound(Kind.SETUP, app=app, detail="address_and_publisher")

    text = " ".join(render(OutboxMessage.objects.get()).text.split())

    said = [
        "An address of ours is not registered",
        "for our own organisation alone",
        "do not show an administrator's roles",
        "Microsoft says that it is not",
    ]
    assert [words in text for words in said] == [True, False, False, True]


def test_mail_of_an_alarm_that_is_over_does_not_leave(app):
    alarms.sound(Kind.DRIFT, app=app)
    raised = OutboxMessage.objects.get()
    alarms.end(Kind.DRIFT, app=app)
    raised.refresh_from_db()

    with pytest.raises(NoLongerTrue):
        render(raised)


def test_operators_who_stopped_customers_mails_still_hear_of_alarms(app):
    alarms.sound(Kind.DRIFT, app=app)
    mail = OutboxMessage.objects.get()
    mail.to.stopped_at = mail.created_at

    assert render(mail).to == "operators@acme.example"


@pytest.fixture
def drifted():
    """Contoso's request, for an app whose registration differs from our rows."""
    request = ConsentRequestFactory(
        app=seeded_app("acme-calendar"), tenant=seeded_tenant("contoso")
    )
    AlarmFactory(kind="drift", app=request.app, detail="extra")
    return request


def test_drift_stops_every_new_link(drifted):
    ticket = TicketFactory(request=drifted)
    ways = [
        lambda: links.send(drifted, to=ContactFactory(), by=WORKER),
        lambda: links.share(ticket),
        lambda: links.own(ticket),
    ]

    for way in ways:
        with pytest.raises(RegistrationDiffers):
            way()
    assert ApprovalLink.objects.count() == 0


def test_drift_leaves_links_that_are_there(drifted):
    link = ApprovalLinkFactory(request=drifted, recipient=ContactFactory())

    links.resend(link, by=WORKER)

    assert OutboxMessage.objects.filter(kind="approval_request").count() == 1


def test_drift_that_is_over_stops_nothing(drifted):
    alarms.end(Kind.DRIFT, app=drifted.app)

    assert links.send(drifted, to=ContactFactory(), by=WORKER).is_live


def test_ticket_placed_during_a_drift_waits_for_an_agent(drifted, microsoft):
    ticket = TicketFactory(
        app=drifted.app,
        contact__email="ana@contoso.example",
        administrator=ContactFactory(email="admin@contoso.example"),
    )

    assert placing.place(ticket)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.request, ApprovalLink.objects.count()) == ("open", drifted, 0)


def test_requester_reads_why_nobody_can_be_asked(drifted, client):
    ticket = TicketFactory(request=drifted)
    page = client.post(f"/t/{tokens.ticket_token(ticket)}/share/", follow=True)

    assert "Nobody can be asked right now" in page.content.decode()
