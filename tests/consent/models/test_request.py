import pytest
from django.db import IntegrityError
from django.utils import timezone

from consent.models import ConsentRequest, InvalidTransition
from tests.factories import ConsentRequestFactory, TenantFactory

pytestmark = pytest.mark.django_db

OPEN = ["triage", "asked", "claimed"]
CLOSED = ["declined", "expired", "withdrawn", "superseded", "revoked"]
STATES = [*OPEN, "granted", *CLOSED]
#: Where each state is reached from (design.md, section 4).
DOORS = {
    "triage": ["asked"],
    "asked": ["triage", "claimed"],
    "claimed": ["asked"],
    "granted": OPEN,
    "declined": OPEN,
    "expired": OPEN,
    "withdrawn": OPEN,
    "superseded": [*OPEN, "granted"],
    "revoked": ["granted"],
}


def request_in(state, **fields):
    return ConsentRequestFactory(**({} if state == "triage" else {state: True}), **fields)


def fields_for(state):
    now = timezone.now()
    return {
        "claimed": {"claimed_at": now},
        "granted": {"granted_at": now, "reach": "everyone", "rung": "directory"},
        **{closed: {"closed_at": now} for closed in CLOSED},
    }.get(state, {})


@pytest.mark.parametrize("state", STATES)
def test_request_can_stand_in_every_state(state):
    assert request_in(state).state == state


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("was", STATES)
def test_request_moves_through_its_doors_alone(was, to):
    request = request_in(was)

    if was in DOORS[to]:
        request.move(to, **fields_for(to))
        assert request.state == to
    else:
        with pytest.raises(InvalidTransition, match=f"ConsentRequest {request.pk}: {was} -> {to}"):
            request.move(to, **fields_for(to))
        assert ConsentRequest.objects.values().get(pk=request.pk) == values_of(request)


def values_of(request):
    return {field.attname: getattr(request, field.attname) for field in request._meta.fields}


def test_request_held_by_two_moves_once():
    request = request_in("asked")
    mine, yours = (ConsentRequest.objects.get(pk=request.pk) for _ in range(2))

    mine.move("declined", **fields_for("declined"))
    with pytest.raises(InvalidTransition):
        yours.move("granted", **fields_for("granted"))

    request.refresh_from_db()
    assert (request.state, request.rung, request.granted_at) == ("declined", "none", None)


def test_request_moved_knows_what_the_database_knows():
    request = request_in("asked")
    ConsentRequest.objects.filter(pk=request.pk).update(looks_approved=True)

    request.move("declined", **fields_for("declined"))

    assert request.looks_approved is True


@pytest.mark.parametrize("first", OPEN)
@pytest.mark.parametrize("second", OPEN)
def test_request_beside_an_open_one_is_refused(first, second):
    open_one = request_in(first)

    with pytest.raises(IntegrityError):
        request_in(second, tenant=open_one.tenant, app=open_one.app)


def test_request_granted_beside_a_granted_one_is_refused():
    granted = request_in("granted")

    with pytest.raises(IntegrityError):
        request_in("granted", tenant=granted.tenant, app=granted.app)


def test_request_stands_beside_a_granted_one_and_closed_ones():
    granted = request_in("granted")
    for state in ["asked", *CLOSED, *CLOSED]:
        request_in(state, tenant=granted.tenant, app=granted.app)

    assert granted.app.requests.count() == 12


def test_request_of_another_tenant_or_app_stands_beside_an_open_one():
    request = request_in("asked")
    request_in("asked", tenant=request.tenant)
    request_in("asked", app=request.app, tenant=TenantFactory())

    assert ConsentRequest.objects.filter(state="asked").count() == 3


@pytest.mark.parametrize(
    "lacking",
    [
        {"granted_at": None, "reach": ""},
        {"reach": ""},
        {"reach": "nobody"},
        {"rung": "none"},
        {"rung": "claimed"},
        {"rung": "installed"},
    ],
)
def test_request_granted_without_date_reach_or_proof_is_refused(lacking):
    with pytest.raises(IntegrityError, match="request_granted_with_date_reach_and_proof"):
        request_in("granted", **lacking)


@pytest.mark.parametrize("state", [*OPEN, "declined"])
def test_request_with_a_reach_and_no_grant_is_refused(state):
    with pytest.raises(IntegrityError, match="request_reach_only_once_granted"):
        request_in(state, reach="everyone")


def test_request_claimed_without_date_is_refused():
    with pytest.raises(IntegrityError, match="request_claimed_with_date"):
        request_in("claimed", claimed_at=None)


@pytest.mark.parametrize("state", CLOSED)
def test_request_closed_without_date_is_refused(state):
    with pytest.raises(IntegrityError, match="request_closed_exactly_with_date"):
        request_in(state, closed_at=None)


@pytest.mark.parametrize("state", [*OPEN, "granted"])
def test_request_not_closed_with_a_closing_date_is_refused(state):
    with pytest.raises(IntegrityError, match="request_closed_exactly_with_date"):
        request_in(state, closed_at=timezone.now())


@pytest.mark.parametrize("closed_at", [None, timezone.now()])
def test_request_in_an_unknown_state_is_refused(closed_at):
    with pytest.raises(IntegrityError, match="request_closed_exactly_with_date"):
        ConsentRequestFactory(state="limbo", closed_at=closed_at)


@pytest.mark.parametrize("rung", ["witness", "sign_in", "directory", "in_use"])
def test_request_granted_on_a_rung_that_proves_stands(rung):
    assert request_in("granted", rung=rung).rung == rung


def test_request_on_an_unknown_rung_is_refused():
    with pytest.raises(IntegrityError, match="request_rung_is_known"):
        ConsentRequestFactory(rung="believed")


def test_request_with_a_public_id_taken_is_refused():
    ConsentRequestFactory(public_id="abcdefghjkmn")

    with pytest.raises(IntegrityError):
        ConsentRequestFactory(public_id="abcdefghjkmn")


@pytest.mark.parametrize("state", STATES)
def test_request_says_whether_it_is_open_or_granted(state):
    request = ConsentRequest(state=state)

    assert (request.is_open, request.is_granted) == (state in OPEN, state == "granted")


def test_request_is_called_by_app_and_tenant():
    request = ConsentRequestFactory(app__name="Acme Calendar", tenant__name="Contoso")

    assert str(request) == "Acme Calendar for Contoso"
