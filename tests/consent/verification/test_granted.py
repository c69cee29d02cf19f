"""After a grant: told once, superseded, switched off, revoked; and grants that are found late."""

from datetime import timedelta

import pytest

from consent.models import ConsentRequest, OutboxMessage
from consent.verification import telling
from tests.consent.rows_stage import kinds, mails, state_of
from tests.consent.verification.look_stage import GRANTED, NOON, finding, look
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    RequiredPermissionFactory,
    TicketFactory,
)

pytestmark = pytest.mark.django_db

ABSENT, PRESENT, DISABLED = finding("absent"), finding(), finding("disabled")
LOST = finding(everyone=["User.Read"])


@pytest.fixture
def granted(db):
    """Granted at noon, proved by the directory."""
    return ConsentRequestFactory(granted=True, granted_at=NOON)


def test_everybody_is_told_once_however_often_one_looks():
    request = ConsentRequestFactory(asked=True)
    tickets = TicketFactory.create_batch(2, request=request, waiting=True)
    for minutes in range(3):
        look(request, GRANTED, minutes=minutes)

    assert mails() == [("consent_granted", ticket.contact.email) for ticket in tickets]


def test_newcomer_to_a_granted_tenant_is_told_by_the_next_look(granted):
    ticket = TicketFactory(request=granted, waiting=True)

    look(granted, PRESENT)

    assert (state_of(ticket), mails()) == ("ready", [("consent_granted", ticket.contact.email)])


def test_newcomer_is_not_told_by_a_look_that_failed(granted):
    ticket = TicketFactory(request=granted, waiting=True)

    look(granted, finding("unreachable"))

    assert (state_of(ticket), mails()) == ("waiting", [])


def test_who_said_still_blocked_is_not_told_again(granted):
    TicketFactory(request=granted, told_version=1)

    look(granted, PRESENT)

    assert mails() == []


def test_monitors_ticket_is_nobody_who_waits(granted):
    ticket = TicketFactory(request=granted, contact=None, opened_by="monitor")

    look(granted, PRESENT)

    assert (state_of(ticket), mails()) == ("open", [])


def test_ten_are_told_at_once():
    request = ConsentRequestFactory(asked=True)
    TicketFactory.create_batch(10, request=request, waiting=True)

    look(request, GRANTED)

    assert len(mails()) == 10


def test_eleven_are_told_after_a_second_look_a_minute_later():
    request = ConsentRequestFactory(asked=True)
    TicketFactory.create_batch(11, request=request, waiting=True)

    told = [len(mails()) for m in (0, 0.5, 0.8) if look(request, GRANTED, minutes=m)]
    watch = look(request, GRANTED, minutes=0.9)
    assert (told, len(mails()), watch.next_check_at) == ([0, 0, 0], 0, NOON + timedelta(minutes=1))

    look(request, GRANTED, minutes=1)
    assert (len(mails()), request.confirmed_again_at) == (11, NOON + timedelta(minutes=1))


@pytest.mark.parametrize("bad", [DISABLED, ABSENT, LOST, finding("unreachable")])
def test_eleven_are_not_told_by_a_second_look_that_does_not_see_it(bad):
    request = ConsentRequestFactory(asked=True)
    TicketFactory.create_batch(11, request=request, waiting=True)
    look(request, GRANTED)

    look(request, bad, minutes=1)

    assert (mails(), request.confirmed_again_at) == ([], None)


def test_second_look_comes_sooner_at_a_faster_pace(settings):
    settings.CHECK_PACE = 60
    request = ConsentRequestFactory(asked=True)
    TicketFactory.create_batch(11, request=request, waiting=True)

    watch = look(request, GRANTED)

    assert watch.next_check_at == NOON + timedelta(seconds=2)


def test_disabled_after_the_grant_is_a_flag_and_nobody_is_told_while_it_stands(granted):
    ticket = TicketFactory(request=granted, waiting=True)

    look(granted, DISABLED)
    assert (granted.state, granted.disabled_at, mails()) == ("granted", NOON, [])

    look(granted, PRESENT, minutes=1)
    assert (granted.disabled_at, state_of(ticket), len(mails())) == (None, "ready", 1)


def test_nobody_is_told_to_try_where_only_named_people_get_in():
    request = ConsentRequestFactory(granted=True, reach="named")
    TicketFactory(request=request, waiting=True)

    look(request, PRESENT)

    assert mails() == []


def test_nobody_is_told_of_what_is_not_granted():
    request = ConsentRequestFactory(asked=True)
    TicketFactory(request=request, waiting=True)

    assert (telling.tell(request), telling.second_look_due_at(request)) == (0, None)


@pytest.mark.parametrize("gone", [ABSENT, LOST])
def test_revoked_after_three_looks_over_a_quarter_of_an_hour(granted, gone):
    for minutes in (0, 7, 14.9):
        look(granted, gone, minutes=minutes)
    assert granted.state == "granted"

    watch = look(granted, gone, minutes=15)

    assert (granted.state, granted.closed_at) == ("revoked", NOON + timedelta(minutes=15))
    assert (watch.negatives, watch.first_negative_at) == (0, None)
    assert (kinds(), mails()) == (["request_revoked", "ticket_found"], [])


def test_revoked_needs_three_looks_however_long_it_takes(granted):
    look(granted, ABSENT)
    look(granted, ABSENT, minutes=60)
    assert granted.state == "granted"

    look(granted, ABSENT, minutes=61)
    assert granted.state == "revoked"


def test_one_good_look_makes_the_bad_ones_forgotten(granted):
    for minutes, found in [(0, ABSENT), (10, ABSENT), (11, PRESENT), (16, ABSENT), (17, ABSENT)]:
        watch = look(granted, found, minutes=minutes)

    assert (granted.state, watch.negatives) == ("granted", 2)


@pytest.mark.parametrize("other", [DISABLED, finding("credential"), finding("throttled")])
def test_looks_that_do_not_say_that_it_is_gone_never_revoke(granted, other):
    for minutes in (0, 10, 20, 30):
        look(granted, other, minutes=minutes)

    assert granted.state == "granted"


def test_grant_of_an_app_that_is_not_ours_is_never_seen_revoked():
    app = AppRegistrationFactory(credential="")
    request = ConsentRequestFactory(granted=True, app=app)
    ticket = TicketFactory(request=request, waiting=True)

    for minutes in (0, 10, 20):
        look(request, finding(None), minutes=minutes)

    assert (request.state, state_of(ticket)) == ("granted", "ready")


def newer(granted, *needs):
    """The next version of the app's set, asked for beside the old grant."""
    app = granted.app
    app.permission_version = 2
    app.save()
    for text in needs:
        RequiredPermissionFactory(app=app, version=2, of=text)
    return ConsentRequestFactory(asked=True, tenant=granted.tenant, app=app)


def test_grant_of_a_newer_version_supersedes_the_older_and_takes_its_tickets_along(granted):
    waits, ready = (TicketFactory(request=granted, **{s: True}) for s in ("waiting", "ready"))
    request = newer(granted, "Mail.Send")

    look(request, finding(everyone=["User.Read", "Mail.Read", "Mail.Send"]))

    assert (state_of(request), state_of(granted)) == ("granted", "superseded")
    assert [state_of(one) for one in (waits, ready)] == ["ready", "ready"]
    assert {waits.request, ready.request} == {request}
    assert mails() == [("consent_granted", waits.contact.email)]


def test_grant_of_a_narrower_version_while_the_older_is_gone_is_one_story(granted):
    request = newer(granted, "User.Read")
    look(granted, ABSENT)
    look(granted, ABSENT, minutes=10)

    watch = look(request, finding(everyone=["User.Read"]), minutes=20)

    assert (state_of(request), watch.negatives) == ("granted", 0)
    assert state_of(granted) in {"revoked", "superseded"}


@pytest.mark.parametrize("state", ["declined", "expired"])
def test_grant_found_late_opens_a_successor_that_is_granted(state):
    closed = ConsentRequestFactory(**{state: True}, closed_at=NOON)
    ticket = TicketFactory(request=closed)

    look(closed, GRANTED, minutes=24 * 60)

    successor = closed.successors.get()
    assert (successor.state, successor.rung, closed.state) == ("granted", "directory", state)
    assert (state_of(ticket), ticket.request) == ("ready", successor)
    assert mails() == [("consent_granted", ticket.contact.email)]


def test_closed_request_is_looked_after_daily_for_ninety_days():
    closed = ConsentRequestFactory(expired=True, closed_at=NOON)

    watch = look(closed, ABSENT, minutes=24 * 60 * 89)
    assert 21 < (watch.next_check_at - watch.last_look_at).total_seconds() / 3600 < 27

    watch = look(closed, GRANTED, minutes=24 * 60 * 90)
    assert (watch.next_check_at, ConsentRequest.objects.count()) == (None, 1)


def test_closed_request_writes_its_looks_into_no_evidence():
    closed = ConsentRequestFactory(expired=True, closed_at=NOON, absent_at=NOON)

    for days in (1, 2, 3):
        look(closed, PRESENT, minutes=24 * 60 * days)

    assert (closed.evidence.count(), closed.rung, kinds()) == (0, "none", [])


@pytest.mark.parametrize("state", ["withdrawn", "superseded"])
def test_request_that_was_withdrawn_or_replaced_is_not_looked_after(state):
    closed = ConsentRequestFactory(**{state: True}, closed_at=NOON)

    watch = look(closed, GRANTED)

    assert (closed.state, watch.next_check_at) == (state, None)


def test_good_news_held_back_while_switched_off_goes_out_when_it_is_on_again():
    request = ConsentRequestFactory(asked=True)
    first, second = TicketFactory.create_batch(2, request=request, waiting=True)
    look(request, GRANTED)
    sent = OutboxMessage.objects.get(ticket=first)
    sent.move("sending", claimed_at=NOON)
    sent.move("sent", sent_at=NOON)
    look(request, finding("disabled"), minutes=1)
    OutboxMessage.objects.get(ticket=second).move("dropped", error="no longer true")

    look(request, GRANTED, minutes=2)

    told = OutboxMessage.objects.filter(kind="consent_granted").order_by("ticket_id")
    assert list(told.values_list("ticket", "state")) == [
        (first.pk, "sent"),
        (second.pk, "queued"),
    ]
