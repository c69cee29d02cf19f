"""What goes wrong at our side by itself becomes an alarm, and ends by itself."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consent import upkeep
from consent.models import Alarm, Canary, OutboxMessage
from tenants.microsoft.credentials import Credential
from tenants.microsoft.permissions import EXCHANGE_ONLINE
from tenants.microsoft.registration import RegisteredCredential
from tests.factories import (
    AlarmFactory,
    CanaryFactory,
    RequiredPermissionFactory,
    seeded_app,
)
from tests.tenants.microsoft.stage import pem_pair

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
HOUR = 3600


@pytest.fixture
def app(microsoft):
    return seeded_app("acme-suite")


@pytest.fixture
def compare():
    """Compare so many seconds after noon; how many were compared."""

    def _compare(seconds=0):
        with time_machine.travel(NOON + timedelta(seconds=seconds), tick=False):
            return upkeep.compare_registrations()

    return _compare


def standing():
    return [(one.kind, one.detail) for one in Alarm.objects.filter(until=None).order_by("kind")]


@pytest.fixture
def register(microsoft):
    """Change the registration at Entra."""
    return lambda **settings: microsoft.control({"apps": {"acme-suite": settings}})


def names(app, *, without=(), more=()):
    """The registered permissions, as the lever room names them."""
    kept = [
        f"{row.kind} {row.value}"
        for row in app.required_permissions.all()
        if row.value not in without
    ]
    return [*kept, "delegated openid", "delegated profile", *more]


def test_registration_that_agrees_is_compared_once_a_day(app, compare):
    told = [compare(seconds) for seconds in (0, 24 * HOUR - 1, 24 * HOUR)]

    assert (told, standing()) == ([1, 0, 1], [])


@pytest.mark.parametrize(
    ("without", "more", "detail"),
    [
        (["Mail.ReadWrite"], [], "missing"),
        ([], ["delegated Files.Read"], "extra"),
        (["Mail.ReadWrite"], ["delegated Files.Read"], "missing_and_extra"),
    ],
)
def test_registration_that_differs_alarms(app, compare, register, without, more, detail):
    register(permissions=names(app, without=without, more=more))

    compare()

    assert standing() == [("drift", detail)]


def test_registration_that_sends_nobody_back_alarms_until_it_is_mended(app, compare, register):
    addresses = [f"http://localhost:8000/{path}/return/" for path in ("consent", "signin")]
    register(redirect_uris=addresses[:1], role_claim=False)
    compare()
    seen = [standing()]
    register(redirect_uris=addresses, role_claim=True)
    compare(600)
    seen.append(standing())

    assert seen == [[("setup", "address_and_roles")], []]


def test_drift_is_looked_at_again_soon_and_ends(app, compare, register):
    register(permissions=names(app, more=["delegated Files.Read"]))
    compare()
    register(permissions=names(app))

    told = [compare(599), compare(600), compare(601), compare(600 + 24 * HOUR)]

    assert (told, standing()) == ([0, 1, 0, 1], [])


def test_api_that_our_own_tenant_lacks_is_no_difference(app, compare, register, microsoft):
    RequiredPermissionFactory(
        app=app, of="application full_access_as_app", resource_client_id=EXCHANGE_ONLINE
    )
    of_exchange = f"{EXCHANGE_ONLINE} application full_access_as_app"
    register(permissions=names(app, without=["full_access_as_app"], more=[of_exchange]))
    microsoft.control({"tenants": {"acme.example": {"without_exchange": True}}})

    assert (compare(), standing()) == (1, [])


def test_registration_that_may_not_be_read_is_not_known_to_differ(
    app, compare, microsoft, register
):
    AlarmFactory(kind="drift", app=app, since=NOON)
    microsoft.control({"revoke": [{"tenant": "acme.example", "app": "acme-suite"}]})

    assert (compare(), standing()) == (1, [("drift", "")])
    assert Canary.objects.get().unread == "Authorization_RequestDenied"


def test_registration_that_may_be_read_again_says_so(app, compare):
    CanaryFactory(app=app, unread="Authorization_RequestDenied")

    compare()

    assert Canary.objects.get().unread == ""


def test_registration_that_cannot_be_asked_is_asked_again_soon(app, compare, microsoft):
    microsoft.control({"tenants": {"acme.example": {"faults": {"graph": {"503": 1.0}}}}})
    assert compare() == 1
    microsoft.control({"tenants": {"acme.example": {"faults": {}}}})

    assert [compare(1), compare(2)] == [1, 0]


def test_registration_compared_by_another_in_this_moment_is_left_to_him(app, compare, monkeypatch):
    def slow(row, now):
        return bool(Canary.objects.filter(pk=row.pk).update(compared_at=now))

    monkeypatch.setattr(upkeep, "_is_due", slow)

    assert compare() == 0


def test_credential_that_cannot_be_read_is_the_canarys_matter(app, compare, settings):
    settings.MICROSOFT_CREDENTIALS = {}

    assert (compare(), standing()) == (1, [])


def test_secret_is_announced_thirty_fourteen_seven_and_one_days_ahead(app, compare, register):
    seen = []
    for days in (31, 30, 15, 14, 7.5, 7, 2, 1, 0.5, -1, 400):
        register(secrets_end_in_days=[days])
        Canary.objects.update(compared_at=None)
        upkeep.compare_registrations()
        seen.append(standing())

    details = ["30", "30", "14", "14", "7", "7", "1", "1", "0"]
    assert seen == [[], *([("expiry", detail)] for detail in details), []]
    assert Alarm.objects.get().changes == 4


def test_certificate_of_ours_is_announced_where_entra_cannot_be_read(app, compare, settings):
    # It ends nine days from now, and Entra does not know it.
    settings.MICROSOFT_CREDENTIALS = {"acme_suite": {"certificate": "".join(pem_pair())}}

    upkeep.compare_registrations()

    assert standing() == [("expiry", "14")]


@pytest.mark.parametrize(
    "fault", ["throttled", "away", "not_allowed", "broken", "renewed_too_early", "unreadable"]
)
def test_alarm_of_an_end_stands_while_nothing_tells_the_end(
    app, compare, register, microsoft, settings, fault
):
    register(secrets_end_in_days=[5])
    compare()
    if fault in {"throttled", "away"}:
        kind = {"throttled": "429", "away": "503"}[fault]
        microsoft.control({"tenants": {"acme.example": {"faults": {"graph": {kind: 1.0}}}}})
    elif fault == "not_allowed":
        microsoft.control({"revoke": [{"tenant": "acme.example", "app": "acme-suite"}]})
    elif fault == "broken":
        microsoft.control({"tenants": {"acme.example": {"blocked": ["acme-suite"]}}})
    elif fault == "renewed_too_early":
        settings.MICROSOFT_CREDENTIALS = {"acme_suite": {"secret": "not yet known at Entra"}}
    else:
        settings.MICROSOFT_CREDENTIALS = {}

    assert (compare(600), standing()) == (1, [("expiry", "7")])
    assert list(OutboxMessage.objects.values_list("kind", flat=True)) == ["operators_alarm"]


def test_new_secret_ends_the_alarm_only_when_it_is_in_use(
    app, compare, register, microsoft, settings
):
    ours = settings.MICROSOFT_CREDENTIALS["acme_suite"]["secret"]
    register(secrets=[ours, "new, and better"], secrets_end_in_days=[5, 300])
    compare()
    seen = [standing()]
    settings.MICROSOFT_CREDENTIALS = {"acme_suite": {"secret": "new, and better"}}
    compare(600)
    seen.append(standing())

    assert seen == [[("expiry", "7")], []]


def ending(days, *, is_certificate=False, hint=""):
    at = datetime.now(UTC) + timedelta(days=days)
    return RegisteredCredential("key", is_certificate, at, hint)


class Found:
    """A registration, as far as it lists credentials."""

    def __init__(self, *credentials):
        self.credentials = credentials


@pytest.mark.parametrize(
    ("found", "left"),
    [
        (None, None),
        (Found(), None),
        (Found(ending(5)), 7),
        # A new one was made already; which of them is ours nothing tells.
        (Found(ending(300), ending(5)), 7),
        (Found(ending(300, hint="hus"), ending(5, hint="hus")), 7),
        (Found(ending(300, hint="new"), ending(5, hint="old")), 7),
        # Ours is told by its beginning.
        (Found(ending(300, hint="hus"), ending(5, hint="old")), None),
        (Found(ending(300, hint="new"), ending(5, hint="hus")), 7),
        (Found(ending(-1, hint="hus"), ending(300, hint="new")), 0),
        # One that has ended cannot be the one that still works, unless all have.
        (Found(ending(-40), ending(300)), None),
        (Found(ending(-40), ending(-1)), 0),
        (Found(ending(5, is_certificate=True)), None),
    ],
)
def test_end_of_a_secret_is_that_of_ours_or_else_of_the_first(found, left):
    assert upkeep._days_left(Credential("client", secret="hush"), found) == left


def test_end_of_a_certificate_is_the_nearer_of_both():
    key = Credential("client", certificate_pem="".join(pem_pair()))

    told = [
        upkeep._days_left(key, Found(ending(days, is_certificate=True), ending(0.1)))
        for days in (0.5, 300)
    ]

    assert told == [1, 14]


def test_end_of_a_certificate_that_entra_knows_is_its_own():
    key = Credential("client", certificate_pem="".join(pem_pair()))
    ours = RegisteredCredential("key", True, key.ends_at)
    found = Found(ending(0.5, is_certificate=True), ours)

    assert upkeep._days_left(key, found) == 14


def test_federated_assertion_has_no_end():
    key = Credential("client", assertion_file="/run/token")

    assert upkeep._days_left(key, Found(ending(1))) is None
