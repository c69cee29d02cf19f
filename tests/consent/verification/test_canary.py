"""What looks like an app that nobody approved may be our own registration, gone."""

import time

import pytest

from consent import canaries
from consent.models import Check
from consent.verification import canary, checker
from tests.consent.rows_stage import fresh
from tests.factories import ConsentRequestFactory, WatchFactory, seeded_app, seeded_tenant
from tests.tenants.microsoft.stage import grant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("microsoft")]


@pytest.fixture
def watch():
    return WatchFactory(tenant=seeded_tenant("contoso"), app=seeded_app("acme-calendar"))


@pytest.fixture
def look(watch):
    """Look now, there or at another watch; gives back what it found."""

    def _look(at=watch):
        type(at).objects.filter(pk=at.pk).update(next_check_at=at.app.created_at)
        assert checker.look_at_due(only=at.pk) == 1
        return Check.objects.latest("pk").outcome

    return _look


@pytest.fixture
def later(monkeypatch):
    """So many seconds pass for the canary."""
    passed = []

    def _later(seconds):
        passed.append(seconds)
        monkeypatch.setattr(canary, "time", _Clock(sum(passed)))

    return _later


class _Clock:
    """A clock that is so many seconds ahead."""

    def __init__(self, ahead):
        self._ahead = ahead

    def monotonic(self):
        return time.monotonic() + self._ahead


def test_canary_that_sings_leaves_an_absent_app_absent(microsoft, look):
    assert look() == "absent"
    assert microsoft.state()["calls"]["acme.example"]["token"] == 1


def test_canary_is_believed_for_a_while(microsoft, look):
    assert [look(), look()] == ["absent", "absent"]
    assert microsoft.state()["calls"]["acme.example"]["token"] == 1


def test_looks_at_once_share_one_canary(microsoft, watch):
    for name in ("fabrikam", "northwind", "adatum"):
        WatchFactory(tenant=seeded_tenant(name), app=watch.app)

    assert checker.look_at_due() == 4

    assert {check.outcome for check in Check.objects.all()} == {"absent"}
    assert microsoft.state()["calls"]["acme.example"]["token"] == 1


def test_canary_that_is_silent_means_us_and_not_the_customer(microsoft, look):
    microsoft.control({"tenants": {"acme.example": {"blocked": ["acme-calendar"]}}})

    assert look() == "credential"


def throttle(microsoft, **faults):
    """What home answers to whoever wants a token; nothing of the kind from now on without any."""
    table = {"token": faults} if faults else {}
    microsoft.control({"tenants": {"acme.example": {"faults": table}}})


@pytest.mark.parametrize("fault", ["429", "503"])
def test_canary_that_cannot_be_heard_leaves_it_open(microsoft, watch, look, fault):
    """What home says of itself, AADSTS90055 here, is not about the customer."""
    other = WatchFactory(tenant=watch.tenant, app=seeded_app("acme-suite"))
    throttle(microsoft, **{fault: 1.0, "retry_after": 117.5})

    assert look() == "unreachable"

    assert Check.objects.get().code == canary.UNHEARD
    assert (fresh(watch).not_before, fresh(other).not_before) == (None, None)


@pytest.mark.parametrize(
    ("faults", "rest_s"),
    [({"429": 1.0, "retry_after": 117.5}, 117.5), ({"503": 1.0, "retry_after": 30}, 30)],
)
def test_canary_that_cannot_be_heard_is_left_alone_as_long_as_home_says(
    microsoft, look, later, faults, rest_s
):
    throttle(microsoft, **faults)
    told = [look()]
    throttle(microsoft)
    told.append(look())
    later(rest_s - 1)
    told.append(look())
    assert microsoft.state()["calls"]["acme.example"]["token"] == 1

    later(1)

    assert [*told, look()] == ["unreachable", "unreachable", "unreachable", "absent"]
    assert microsoft.state()["calls"]["acme.example"]["token"] == 2


def test_canary_that_cannot_be_heard_is_left_alone_a_moment_where_home_says_nothing(
    microsoft, look, later
):
    throttle(microsoft, **{"503": 1.0})
    told = [look()]
    throttle(microsoft)
    told.append(look())
    later(10)

    assert [*told, look()] == ["unreachable", "unreachable", "absent"]


@pytest.mark.parametrize(("seconds", "found"), [(14, "absent"), (15, "credential")])
def test_absence_that_is_new_needs_a_canary_heard_just_now(
    microsoft, watch, look, later, seconds, found
):
    look()
    later(seconds)
    microsoft.control({"tenants": {"acme.example": {"blocked": ["acme-calendar"]}}})
    new = WatchFactory(of__tenant=seeded_tenant("fabrikam"), of__app=watch.app)

    assert look(new) == found


def test_absence_that_confirms_what_was_settled_believes_the_canary_for_minutes(
    microsoft, watch, look, later
):
    of = ConsentRequestFactory(asked=True, tenant=watch.tenant, app=watch.app)
    told = [look() for _ in range(3)]
    asked = [microsoft.state()["calls"]["acme.example"]["token"]]
    for seconds in (299, 1):
        later(seconds)
        told.append(look())
        asked.append(microsoft.state()["calls"]["acme.example"]["token"])

    of.refresh_from_db()
    assert (set(told), asked, of.state) == ({"absent"}, [1, 1, 2], "asked")


def test_loss_of_what_was_settled_as_present_is_news(microsoft, watch, look, later):
    ConsentRequestFactory(asked=True, tenant=watch.tenant, app=watch.app)
    microsoft.control(grant("contoso", "acme-calendar"))
    told = [look() for _ in range(3)]
    look(WatchFactory(of__tenant=seeded_tenant("fabrikam"), of__app=watch.app))
    later(15)
    switches = {"blocked": ["acme-calendar"]}
    microsoft.control({"tenants": {"acme.example": switches, "contoso.example": switches}})

    assert [*told, look()] == ["present", "present", "present", "credential"]


def test_canary_that_cannot_be_heard_takes_back_nothing_that_was_heard(microsoft, watch, look):
    look()
    throttle(microsoft, **{"503": 1.0})
    canaries.listen()

    assert look() == "absent"


def test_canary_of_a_registration_without_home_is_none(microsoft, watch, look):
    type(watch.app).objects.update(home_tenant_id="")

    assert look() == "absent"
    assert "acme.example" not in microsoft.state()["calls"]
