import pytest

from consent import attempts
from consent.models import Pulse
from tests.factories import ApprovalLinkFactory, OutboxMessageFactory, WatchFactory, seeded_app

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def watch():
    """Due, for an app that asks Microsoft nothing."""
    return WatchFactory(of__app__credential="")


def pulses():
    return sorted(Pulse.objects.values_list("name", flat=True))


def test_look_that_was_rung_for_looks_at_that_watch(run_tasks, watch):
    run_tasks("consent.look", watch.pk)
    run_tasks("consent.look", 404)

    watch.refresh_from_db()
    assert (watch.last_look_at is not None, pulses()) == (True, [])


def test_looks_that_are_due_are_made_and_the_part_is_alive(run_tasks, watch):
    run_tasks("consent.look_at_due")
    run_tasks("consent.look_at_due")

    watch.refresh_from_db()
    assert (watch.last_look_at is not None, pulses()) == (True, ["checks"])


def test_return_that_nobody_knows_brings_the_look_of_its_tenant_forward(run_tasks):
    link = ApprovalLinkFactory()
    watch = WatchFactory(of=link.request)

    attempts.hint({"tenant": link.request.tenant.tenant_id.upper()})

    watch.refresh_from_db()
    assert watch.signals == 1


def test_mail_is_delivered_and_swept(run_tasks, mailoutbox):
    mail = OutboxMessageFactory()

    run_tasks("outbox.deliver", mail.pk)
    run_tasks("outbox.deliver", 404)
    run_tasks("outbox.sweep")

    assert (len(mailoutbox), pulses()) == (1, ["mail"])


def test_deadlines_are_kept(run_tasks):
    run_tasks("consent.sweep")

    assert pulses() == ["default"]


def test_our_own_apps_are_listened_to_and_compared(run_tasks, microsoft):
    app = seeded_app("acme-calendar")

    run_tasks("consent.listen")
    run_tasks("consent.compare_registrations")

    assert (app.canary.sang_at is not None, app.canary.compared_at is not None) == (True, True)
