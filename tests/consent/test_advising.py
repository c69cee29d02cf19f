"""Which permissions stop users, since when, and which narrower set would not."""

import pytest

from consent.advising import Cause, Wall, advise, wall_of
from consent.checking.registration import examine
from consent.narrower_permissions import APPLICATION, DELEGATED, replacement
from tenants.microsoft.permissions import EXCHANGE_ONLINE, GRAPH, Kind, Permission, is_known
from tests.consent.witness_stage import witness_of
from tests.factories import AppRegistrationFactory, RequiredPermissionFactory, permission

REASON = "Shows meetings beside their mails."
UNKNOWN_API = "11111111-2222-4333-8444-555555555555"
SENDS_ONLY = "The app can send mail and no longer read or change any."


def app(*needs, **more):
    return AppRegistrationFactory(needs=list(needs), publisher_verified=True, **more)


def names(permissions):
    return [f"{each.kind} {each.name}" for each in permissions]


@pytest.mark.parametrize(
    ("asked", "wall"),
    [
        ("User.Read", Wall.NOWHERE),
        ("offline_access", Wall.NOWHERE),
        ("Mail.Send", Wall.NOWHERE),
        ("Mail.Read", Wall.MANAGED),
        ("Calendars.ReadBasic", Wall.EVERYWHERE),
        ("Group.Read.All", Wall.EVERYWHERE),
        ("application Mail.Read", Wall.EVERYWHERE),
        ("Nothing.Known", Wall.UNKNOWN),
    ],
)
def test_wall_of_one_permission(asked, wall):
    assert wall_of(permission(asked)) == wall


@pytest.mark.django_db
def test_set_that_stops_nobody():
    advice = advise(app("User.Read", "Mail.Send", "offline_access"))

    assert (advice.wall, advice.since, advice.causes, advice.is_worth_it) == (
        Wall.NOWHERE,
        "",
        (),
        False,
    )
    assert names(advice.free) == [
        "delegated User.Read",
        "delegated Mail.Send",
        "delegated offline_access",
    ]
    assert advice.narrower == advice.free == advice.asked


@pytest.mark.django_db
def test_set_that_a_narrower_one_would_free():
    advice = advise(app("User.Read", "Mail.ReadWrite", "Contacts.ReadWrite"))

    first, second = advice.causes
    assert (first.permission, first.wall, first.since, first.reason, str(first.loses)) == (
        permission("Mail.ReadWrite"),
        Wall.MANAGED,
        "2025-11",
        REASON,
        SENDS_ONLY,
    )
    assert (second.since, names(second.instead)) == ("2026-07", ["delegated Contacts.Read"])
    assert names(advice.narrower) == [
        "delegated User.Read",
        "delegated Mail.Send",
        "delegated Contacts.Read",
    ]
    assert (advice.wall, advice.since, advice.narrower_wall, advice.is_worth_it) == (
        Wall.MANAGED,
        "2025-11",
        Wall.NOWHERE,
        True,
    )


@pytest.mark.django_db
def test_set_that_nothing_narrower_frees():
    advice = advise(app("Calendars.ReadWrite"))

    assert advice.causes == (
        Cause(permission("Calendars.ReadWrite"), Wall.MANAGED, REASON, "2025-11"),
    )
    assert (advice.narrower, advice.is_worth_it) == (advice.asked, False)


@pytest.mark.django_db
def test_application_permission_has_a_delegated_way_and_a_smaller_role():
    advice = advise(app("application Mail.Read"))

    assert (advice.wall, advice.since, advice.narrower_wall, advice.is_worth_it) == (
        Wall.EVERYWHERE,
        "",
        Wall.MANAGED,
        True,
    )
    assert names(advice.narrower) == ["delegated Mail.Read"]
    assert (advice.role, advice.narrower_role) == (
        "privileged_role_administrator",
        "cloud_application_administrator",
    )


@pytest.mark.django_db
def test_replacements_that_meet_stand_there_once():
    advice = advise(app("User.ReadBasic.All", "User.Read.All", "application Directory.Read.All"))

    assert names(advice.narrower) == ["delegated User.ReadBasic.All"]


@pytest.mark.django_db
def test_permission_of_another_api_is_not_known_and_has_no_replacement():
    registration = app("User.Read")
    RequiredPermissionFactory(
        app=registration,
        of="Mail.ReadWrite",
        resource_client_id=UNKNOWN_API,
    )

    advice = advise(registration)

    assert [(each.wall, each.instead, each.loses) for each in advice.causes] == [
        (Wall.UNKNOWN, (), "")
    ]
    assert (advice.wall, advice.is_worth_it) == (Wall.UNKNOWN, False)


@pytest.mark.django_db
def test_permission_of_exchange_is_known():
    registration = app()
    RequiredPermissionFactory(
        app=registration, of="IMAP.AccessAsUser.All", resource_client_id=EXCHANGE_ONLINE
    )

    advice = advise(registration)

    assert [(each.wall, each.since) for each in advice.causes] == [(Wall.MANAGED, "2025-11")]


@pytest.mark.django_db
def test_witness_stops_nobody():
    registration = app("User.Read")
    witness_of(registration)

    advice = advise(registration)

    assert (names(advice.asked), advice.wall) == (["delegated User.Read"], Wall.NOWHERE)


@pytest.mark.django_db
def test_only_the_present_version_counts():
    registration = app("Mail.Read")
    registration.permission_version = 2
    registration.save()
    RequiredPermissionFactory(app=registration, of="User.Read")

    assert names(advise(registration).asked) == ["delegated User.Read"]


@pytest.mark.django_db
def test_app_without_permissions_stops_nobody():
    advice = advise(AppRegistrationFactory(needs=[]))

    assert (advice.wall, advice.narrower, advice.is_unverified) == (Wall.NOWHERE, (), True)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Kind.DELEGATED, name) for name in DELEGATED]
    + [(Kind.APPLICATION, name) for name in APPLICATION],
)
def test_replacement_exists_at_microsoft_and_stops_fewer_people(kind, name):
    order = [Wall.NOWHERE, Wall.MANAGED, Wall.EVERYWHERE]
    wide = Permission(GRAPH, kind, name)
    instead, loses = replacement(wide)
    narrow = [Permission(GRAPH, Kind.DELEGATED, each) for each in instead]

    assert [is_known(each) for each in (wide, *narrow)] == [True] * (1 + len(narrow))
    assert max(order.index(wall_of(each)) for each in narrow) < order.index(wall_of(wide))
    assert str(loses).endswith(".")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("needs", "where"),
    [
        ("delegated Mail.Read", "under Microsoft's own rule, since 2025-11"),
        ("application Mail.Send", "in every organisation"),
    ],
)
def test_check_before_going_live_says_whom_the_set_stops(needs, where):
    kind, name = needs.split()

    found = [item.found for item in examine(app(needs, credential=""))]

    assert found[:2] == [
        "Every permission of Microsoft Graph exists there.",
        f"An administrator has to approve {where}, because of {name} ({kind}).",
    ]


@pytest.mark.django_db
def test_check_before_going_live_says_that_the_set_stops_nobody():
    found = [item.found for item in examine(app("User.Read", credential=""))]

    assert found[1] == "Users may approve every permission themselves."


@pytest.mark.django_db
def test_check_before_going_live_says_nothing_of_what_it_does_not_know():
    registration = app(credential="")
    RequiredPermissionFactory(app=registration, of="x", resource_client_id=UNKNOWN_API)

    assert [item.found for item in examine(registration)][:1] == [
        "Every permission of Microsoft Graph exists there."
    ]
    assert [item for item in examine(registration) if "approve" in item.found] == []
