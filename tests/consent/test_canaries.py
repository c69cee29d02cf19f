"""Our own app broken: two silences at home stop all its looks, its song starts them again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import canaries, requests
from consent.models import Alarm, Canary, OutboxMessage, Watch
from consent.verification import canary, checker
from tests.factories import (
    AppRegistrationFactory,
    CanaryFactory,
    CheckFactory,
    ConsentRequestFactory,
    TicketFactory,
    WatchFactory,
    guid,
    seeded_app,
    seeded_tenant,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def at():
    """So many seconds after noon."""
    return lambda seconds: time_machine.travel(NOON + timedelta(seconds=seconds), tick=False)


@pytest.fixture
def listen(at):
    """Listen so many seconds after noon; how many were asked, and what is known of each since."""

    def _listen(seconds):
        with at(seconds):
            asked = canaries.listen()
        (row,) = Canary.objects.all()
        instants = (row.sang_at, row.silent_since, row.stopped_at)
        told = tuple(None if one is None else (one - NOON).total_seconds() for one in instants)
        return asked, *told, row.code

    return _listen


@pytest.fixture
def app(microsoft):
    return seeded_app("acme-calendar")


@pytest.fixture
def break_secret(microsoft, settings):
    """Microsoft refuses the secret from now on, or takes it again."""

    ours = settings.MICROSOFT_CREDENTIALS["acme_calendar"]["secret"]

    def _break(is_broken=True):
        taken = "another" if is_broken else ours
        microsoft.control({"apps": {"acme-calendar": {"secrets": [taken]}}})

    return _break


REFUSED = "AADSTS7000215"


def test_canary_that_sings_is_asked_once_an_hour(app, microsoft, listen):
    told = [listen(seconds) for seconds in (0, 3599, 3600)]

    assert told == [
        (1, 0, None, None, ""),
        (0, 0, None, None, ""),
        (1, 3600, None, None, ""),
    ]
    assert microsoft.state()["calls"]["acme.example"]["token"] == 2
    assert Alarm.objects.count() == 0


def test_canary_that_is_silent_twice_stops_the_looks_until_it_sings(app, listen, break_secret):
    break_secret()
    told = [listen(0), listen(59), listen(60), listen(61), listen(120)]
    break_secret(False)
    told += [listen(181), listen(182)]

    assert told == [
        (1, None, 0, None, REFUSED),
        (0, None, 0, None, REFUSED),
        (1, None, 0, 60, REFUSED),
        (0, None, 0, 60, REFUSED),
        (1, None, 0, 60, REFUSED),
        (1, 181, None, None, ""),
        (0, 181, None, None, ""),
    ]
    assert [(a.kind, a.app, a.detail, a.is_standing) for a in Alarm.objects.order_by("pk")] == [
        ("credential", app, REFUSED, False)
    ]
    assert list(OutboxMessage.objects.order_by("pk").values_list("kind", flat=True)) == [
        "operators_alarm",
        "operators_alarm_over",
    ]


def test_canary_that_is_silent_once_alarms_nobody(app, listen, break_secret):
    break_secret()
    listen(0)
    break_secret(False)

    assert listen(60) == (1, 60, None, None, "")
    assert Alarm.objects.count() == 0


def test_canary_is_doubted_after_a_look_that_met_a_refusal(app, listen, at, break_secret):
    listen(0)
    break_secret()
    CheckFactory(watch__app=app, outcome="absent", at=NOON + timedelta(seconds=5))
    assert listen(6)[0] == 0
    CheckFactory(watch__app=app, outcome="credential", at=NOON + timedelta(seconds=7))

    assert [listen(8), listen(9)] == [(1, 0, 8, None, REFUSED), (0, 0, 8, None, REFUSED)]


def test_canary_that_cannot_be_heard_changes_nothing(app, microsoft, listen, break_secret):
    break_secret()
    listen(0)
    microsoft.control({"tenants": {"acme.example": {"faults": {"token": {"503": 1.0}}}}})

    assert listen(60) == (1, None, 0, None, REFUSED)
    assert Alarm.objects.count() == 0


def test_credential_that_cannot_be_read_is_a_silence(app, listen, settings):
    settings.MICROSOFT_CREDENTIALS = {}

    assert [listen(0), listen(60)] == [
        (1, None, 0, None, "unreadable"),
        (1, None, 0, 60, "unreadable"),
    ]


def test_canary_asked_by_another_in_this_moment_is_left_to_him(app, listen, monkeypatch):
    Canary.objects.create(app=app, asked_at=NOON - timedelta(hours=2))
    real = canaries._is_due

    def slow(row, now):
        Canary.objects.update(asked_at=now)
        return real(row, now)

    monkeypatch.setattr(canaries, "_is_due", slow)

    assert listen(0)[0] == 0


def test_apps_of_somebody_else_or_without_a_home_have_no_canary():
    AppRegistrationFactory(credential="")
    AppRegistrationFactory(home_tenant_id="")

    assert (canaries.listen(), Canary.objects.count()) == (0, 0)


def test_home_that_is_no_tenant_is_a_silence(app, listen):
    type(app).objects.update(home_tenant_id=guid("nobody"))

    assert listen(0) == (1, None, 0, None, "AADSTS90002")


@pytest.fixture
def watch(app):
    """Contoso, where nobody has approved; somebody waits."""
    request = ConsentRequestFactory(app=app, tenant=seeded_tenant("contoso"), asked=True)
    TicketFactory(request=request, waiting=True)
    return WatchFactory(of=request, next_check_at=NOON)


def looked(watch):
    watch.refresh_from_db()
    return list(watch.checks.order_by("pk").values_list("outcome", flat=True))


def test_stopped_app_is_not_looked_at_and_others_are(watch, at, microsoft):
    CanaryFactory(app=watch.app, silent_since=NOON, stopped_at=NOON)
    other = WatchFactory(app=seeded_app("acme-suite"), tenant=watch.tenant, next_check_at=NOON)

    with at(1):
        counted = checker.look_at_due(), checker.look_at_due(only=watch.pk)

    assert (counted, looked(watch), looked(other)) == ((1, 0), [], ["absent"])


def test_broken_credential_tells_no_customer_and_looks_go_on_when_it_is_well(
    watch, at, listen, break_secret
):
    break_secret()
    with at(0):
        checker.look_at_due()
    told = [listen(1), listen(61)]
    Watch.objects.update(next_check_at=NOON)
    with at(62):
        checker.look_at_due()
    assert (looked(watch), [one[3] for one in told]) == (["credential"], [None, 61])

    break_secret(False)
    listen(130)
    with at(131):
        checker.look_at_due()

    assert looked(watch) == ["credential", "absent"]
    kinds = set(OutboxMessage.objects.values_list("kind", flat=True))
    assert kinds == {"operators_alarm", "operators_alarm_over"}
    assert requests.lock(watch.app.requests.get()).state == "asked"


def test_secret_renewed_in_its_file_is_taken_up_without_a_restart(
    watch, at, microsoft, settings, tmp_path
):
    file = tmp_path / "secret"
    file.write_text("the old one\n")
    settings.MICROSOFT_CREDENTIALS = {"acme_calendar": {"secret_file": str(file)}}
    microsoft.control({"apps": {"acme-calendar": {"secrets": ["the new one"]}}})
    with at(0):
        checker.look_at_due()

    file.write_text("the new one\n")
    Watch.objects.update(next_check_at=NOON)
    with at(1):
        checker.look_at_due()

    assert looked(watch) == ["credential", "absent"]


@pytest.mark.parametrize(("also", "outcome"), [([], "disabled"), (["acme.example"], "credential")])
def test_app_switched_off_at_home_as_well_says_nothing_of_a_customer(
    app, microsoft, at, also, outcome
):
    for tenant in ("litware.example", *also):
        microsoft.control({"tenants": {tenant: {"disabled": True}}})
    request = ConsentRequestFactory(app=app, tenant=seeded_tenant("litware"), asked=True)
    watch = WatchFactory(of=request, next_check_at=NOON)

    with at(0):
        checker.look_at_due()

    request.refresh_from_db()
    assert list(watch.checks.values_list("outcome", "code")) == [(outcome, "AADSTS7000112")]
    assert bool(request.disabled_at) == (not also)


def test_canary_heard_anew_forgets_what_was_believed(app, break_secret):
    canary._sang[app.cloud, app.client_id, None] = (1e12, frozenset())
    break_secret()

    canaries.listen()

    assert canary._sang == {}
