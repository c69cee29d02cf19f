"""What was true of an approval that ended says nothing of the next one."""

import pytest

from consent.models import ConsentRequest, OutboxMessage
from tests.consent.rows_stage import fresh
from tests.consent.verification.look_stage import GRANTED, NOON, SET, finding, look, proof
from tests.consent.witness_stage import witness_of
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    EvidenceFactory,
    RequiredPermissionFactory,
    TicketFactory,
    guid,
)

pytestmark = pytest.mark.django_db
ABSENT, PRESENT = finding("absent"), finding()
DAY = 24 * 60


def good_news():
    return list(OutboxMessage.objects.filter(kind="consent_granted").values_list("key", flat=True))


def revoked(found=ABSENT, **more):
    """Granted by an administrator's sign-in at noon, and withdrawn on the next day."""
    request = ConsentRequestFactory(asked=True, **more)
    proof(request)
    look(request, PRESENT)
    assert (request.state, request.rung) == ("granted", "sign_in")
    for minutes in (DAY, DAY + 8, DAY + 16):
        look(request, found, minutes=minutes)
    assert request.state == "revoked"
    return request


def test_old_sign_in_does_not_grant_again_what_was_withdrawn():
    request = revoked()

    look(request, PRESENT, minutes=DAY + 22)

    assert (ConsentRequest.objects.get(), good_news()) == (request, [])


def test_sign_in_after_the_withdrawal_counts():
    request = revoked()
    for person in ("ana", "ben"):
        EvidenceFactory(
            request=request, coverage=True, person=guid(person), covers=SET, at=request.closed_at
        )
        request.evidence.update(at=request.closed_at.replace(day=request.closed_at.day + 1))

    look(request, PRESENT, minutes=3 * DAY)

    assert request.successors.get().state == "granted"


@pytest.mark.parametrize("shut", [ABSENT, finding("disabled")])
def test_app_deleted_or_switched_off_before_the_grant_takes_the_sign_ins_along(shut):
    request = ConsentRequestFactory(asked=True)
    proof(request)
    look(request, shut, minutes=30)

    look(request, PRESENT, minutes=60)

    assert request.state == "asked"


def test_conditional_access_against_the_app_itself_takes_no_persons_sign_in_away():
    request = ConsentRequestFactory(asked=True)
    proof(request)
    look(request, finding("disabled", code="AADSTS53003"), minutes=30)

    look(request, PRESENT, minutes=60)

    assert (request.state, request.rung) == ("granted", "sign_in")


def test_replica_that_lags_for_minutes_takes_no_sign_in_away():
    request = ConsentRequestFactory(asked=True)
    proof(request)
    look(request, ABSENT, minutes=14)

    look(request, PRESENT, minutes=16)

    assert (request.state, request.rung) == ("granted", "sign_in")


def test_older_set_that_ended_grants_no_newer_one():
    app = AppRegistrationFactory(
        permission_version=2, needs=["User.Read", "Mail.Read", "Mail.Send"]
    )
    for name in SET:
        RequiredPermissionFactory(app=app, version=1, of=name)
    request = ConsentRequestFactory(
        expired=True, app=app, permission_version=1, closed_at=NOON, expires_at=NOON
    )
    TicketFactory(request=request)

    look(request, GRANTED, minutes=60)

    assert (ConsentRequest.objects.get().state, good_news()) == ("expired", [])


def test_who_came_back_before_the_withdrawal_hears_of_the_next_approval():
    request = ConsentRequestFactory(granted=True, granted_at=NOON)
    back = TicketFactory(request=request, told_version=1)
    for minutes in (0, 8, 16):
        look(request, ABSENT, minutes=minutes)
    assert (fresh(request).state, fresh(back).told_version) == ("revoked", 0)

    look(request, GRANTED, minutes=DAY)

    assert fresh(back).state == "ready"
    assert [key.split(":")[1] for key in good_news()] == [str(back.pk)]


def test_news_after_a_withdrawal_are_told_again_whatever_came_between():
    request = ConsentRequestFactory(granted=True, granted_at=NOON)
    ticket = TicketFactory(request=request, waiting=True)
    look(request, GRANTED)
    assert len(good_news()) == 1
    for minutes in (DAY, DAY + 8, DAY + 16):
        look(request, ABSENT, minutes=minutes)
    between = ConsentRequestFactory(
        declined=True, closed_at=request.closed_at, tenant=request.tenant, app=request.app
    )
    type(ticket).objects.update(request=between)
    last = ConsentRequestFactory(
        asked=True, tenant=request.tenant, app=request.app, previous=between
    )
    type(ticket).objects.update(request=last)

    look(last, GRANTED, minutes=2 * DAY)

    assert (last.state, fresh(ticket).state, len(good_news())) == ("granted", "ready", 2)


def witnessed(app, *, seen=True):
    return {**PRESENT, "application": frozenset({app.witness()} if seen else ())}


def test_witness_that_was_seen_tells_of_the_withdrawal_whatever_proved_first():
    request = ConsentRequestFactory(asked=True)
    ConsentRequest.objects.update(created_at=NOON)
    witness_of(request.app)
    app = type(request.app).objects.get(pk=request.app.pk)
    proof(request)
    look(request, witnessed(app))
    assert (request.state, request.rung) == ("granted", "sign_in")

    for minutes in (DAY, DAY + 8, DAY + 16):
        look(request, witnessed(app, seen=False), minutes=minutes)

    assert (request.state, request.missing) == ("revoked", sorted(SET))
    look(request, witnessed(app, seen=False), minutes=2 * DAY)
    assert ConsentRequest.objects.get() == request
