import pytest
from django.db import IntegrityError
from django.utils import timezone

from consent.models import ApprovalLink, InvalidTransition
from tests.factories import ApprovalLinkFactory, ConsentRequestFactory

pytestmark = pytest.mark.django_db

CLOSED = ["declined", "not_me", "revoked", "expired"]
STATES = ["live", *CLOSED]
DOORS = {
    "live": ["declined"],
    **{closed: ["live"] for closed in CLOSED},
    "revoked": ["live", "declined"],
}


def link_in(state, **fields):
    return ApprovalLinkFactory(**({} if state == "live" else {state: True}), **fields)


def fields_for(state):
    if state == "live":
        return {"closed_at": None, "decline_reason": ""}
    reason = {"decline_reason": "too_broad"} if state == "declined" else {}
    return {"closed_at": timezone.now(), "decline_reason": "", **reason}


@pytest.mark.parametrize("state", STATES)
def test_link_can_stand_in_every_state(state):
    link = link_in(state)

    assert (link.state, link.is_live) == (state, state == "live")


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("was", STATES)
def test_link_moves_through_its_doors_alone(was, to):
    link = link_in(was)

    if was in DOORS[to]:
        link.move(to, **fields_for(to))
        assert link.state == to
    else:
        with pytest.raises(InvalidTransition, match=f"ApprovalLink {link.pk}: {was} -> {to}"):
            link.move(to, **fields_for(to))
        link.refresh_from_db()
        assert link.state == was


def test_link_held_by_two_is_closed_once():
    link = link_in("live")
    mine, yours = (ApprovalLink.objects.get(pk=link.pk) for _ in range(2))

    mine.move("declined", **fields_for("declined"))
    with pytest.raises(InvalidTransition):
        yours.move("expired", **fields_for("expired"))

    link.refresh_from_db()
    assert (link.state, link.decline_reason) == ("declined", "too_broad")


def test_link_live_in_a_slot_taken_is_refused():
    link = link_in("live", slot=2)

    with pytest.raises(IntegrityError):
        link_in("live", request=link.request, slot=2)


def test_link_closed_leaves_its_slot_to_others():
    request = ConsentRequestFactory(asked=True)
    for state in [*CLOSED, "live"]:
        link_in(state, request=request, slot=1)

    assert request.links.filter(slot=1).count() == 5


@pytest.mark.parametrize("slot", [0, 4])
def test_link_beyond_three_slots_is_refused(slot):
    with pytest.raises(IntegrityError, match="link_at_most_three_slots"):
        link_in("live", slot=slot)


def test_link_declined_without_reason_is_refused():
    with pytest.raises(IntegrityError, match="link_reason_exactly_when_declined"):
        link_in("declined", decline_reason="")


@pytest.mark.parametrize("state", ["live", "not_me", "revoked", "expired"])
def test_link_not_declined_with_a_reason_is_refused(state):
    with pytest.raises(IntegrityError, match="link_reason_exactly_when_declined"):
        link_in(state, decline_reason="other")


@pytest.mark.parametrize("state", CLOSED)
def test_link_closed_without_date_is_refused(state):
    with pytest.raises(IntegrityError, match="link_closed_exactly_when_not_live"):
        link_in(state, closed_at=None)


def test_link_live_with_a_closing_date_is_refused():
    with pytest.raises(IntegrityError, match="link_closed_exactly_when_not_live"):
        link_in("live", closed_at=timezone.now())


@pytest.mark.parametrize("way", ["mailed", "forwarded", "self"])
def test_link_for_nobody_is_refused_unless_shared(way):
    with pytest.raises(IntegrityError, match="link_has_a_recipient_unless_shared"):
        ApprovalLinkFactory(way=way, recipient=None)


def test_link_shared_is_for_nobody_by_name():
    link = ApprovalLinkFactory(shared=True)

    assert (link.recipient, str(link)) == (None, link.public_id)


def test_link_forwarded_a_fourth_time_is_refused():
    with pytest.raises(IntegrityError, match="link_at_most_three_forwards"):
        ApprovalLinkFactory(forwards=4)


def test_link_with_a_public_id_taken_is_refused():
    ApprovalLinkFactory(public_id="abcdefghjkmn")

    with pytest.raises(IntegrityError):
        ApprovalLinkFactory(public_id="abcdefghjkmn")
