"""Permissions compare, are asked for, and are known as Microsoft means them."""

import pytest
from django.utils import translation

from tenants.microsoft import clouds, permissions
from tenants.microsoft.permissions import (
    EXCHANGE_ONLINE,
    GRAPH,
    Kind,
    Permission,
    asked_scopes,
    by_resource,
    covers,
    fully_qualified,
    may_consent,
    parse_scopes,
    plain_words,
    role_needed,
)
from tests.tenants.microsoft.stage import permissions_of

SANDBOX, CHINA = clouds.cloud("sandbox"), clouds.cloud("china")
OTHER_API = "5f1b2c3d-0000-4000-8000-0123456789ab"


def delegated(value: str, resource: str = GRAPH) -> Permission:
    return Permission(resource, Kind.DELEGATED, value)


def application(value: str, resource: str = GRAPH) -> Permission:
    return Permission(resource, Kind.APPLICATION, value)


@pytest.mark.parametrize(
    "other",
    [
        delegated("mail.READ"),
        delegated("https://graph.microsoft.com/Mail.Read"),
        Permission(GRAPH.upper(), Kind.DELEGATED, "Mail.Read"),
    ],
)
def test_permission_compares_without_case_and_address(other):
    assert other == delegated("Mail.Read")
    assert {other} == {delegated("Mail.Read")}


@pytest.mark.parametrize(
    "other",
    [
        application("Mail.Read"),
        delegated("Mail.Read", EXCHANGE_ONLINE),
        delegated("Mail.ReadWrite"),
        "Mail.Read",
    ],
)
def test_permission_of_other_kind_api_or_name_differs(other):
    assert other != delegated("Mail.Read")


def test_permission_keeps_its_value_and_prints_its_name():
    written = delegated("https://graph.microsoft.com/Mail.Read")

    assert (written.value, str(written)) == (
        "https://graph.microsoft.com/Mail.Read",
        "Mail.Read",
    )


@pytest.mark.parametrize(
    ("permission", "is_known", "needs_administrator", "blocked_since"),
    [
        (delegated("mail.read"), True, False, "2025-11"),
        (delegated("Mail.Send"), True, False, None),
        (delegated("Contacts.ReadWrite"), True, False, "2026-07"),
        (delegated("Directory.Read.All"), True, True, None),
        (delegated("openid"), True, False, None),
        (application("Mail.Read"), True, True, None),
        (delegated("Mail.Invented"), False, None, None),
        (application("Mail.Invented"), False, True, None),
        (delegated("IMAP.AccessAsUser.All", EXCHANGE_ONLINE), True, False, "2025-11"),
        (application("full_access_as_app", EXCHANGE_ONLINE), True, True, None),
        (delegated("Mail.Read", OTHER_API), False, None, None),
    ],
)
def test_facts_of_a_permission(permission, is_known, needs_administrator, blocked_since):
    assert (
        permissions.is_known(permission),
        permissions.needs_administrator(permission),
        permissions.self_consent_blocked_since(permission),
    ) == (is_known, needs_administrator, blocked_since)


def test_values_by_id_of_graph_alone():
    mail_read_role = "810C84A8-4A9E-49E6-BF7D-12D183F40D01"
    mail_read_scope = "570282fd-fa5c-430d-a7fd-fc8dc98a9dca"

    assert permissions.app_role_value(GRAPH, mail_read_role) == "Mail.Read"
    assert permissions.scope_value(GRAPH, mail_read_scope) == "Mail.Read"
    assert permissions.app_role_value(GRAPH, mail_read_scope) is None
    assert permissions.app_role_value(OTHER_API, mail_read_role) is None


@pytest.mark.parametrize(
    ("permission", "cloud", "scope"),
    [
        (delegated("Mail.Read"), SANDBOX, "https://graph.microsoft.com/Mail.Read"),
        (delegated("Mail.Read"), CHINA, "https://microsoftgraph.chinacloudapi.cn/Mail.Read"),
        (
            delegated("https://graph.microsoft.com/Mail.Read"),
            CHINA,
            "https://microsoftgraph.chinacloudapi.cn/Mail.Read",
        ),
        (
            delegated("IMAP.AccessAsUser.All", EXCHANGE_ONLINE),
            CHINA,
            "https://partner.outlook.cn/IMAP.AccessAsUser.All",
        ),
        (delegated("access", OTHER_API), SANDBOX, f"{OTHER_API}/access"),
        (delegated("offline_access"), CHINA, "offline_access"),
    ],
)
def test_fully_qualified_by_cloud_and_api(permission, cloud, scope):
    assert fully_qualified(permission, cloud) == scope


def test_asked_scopes_delegated_only_are_full_names_and_the_sign_in():
    assert asked_scopes(permissions_of("acme-calendar"), SANDBOX) == [
        "https://graph.microsoft.com/Calendars.ReadWrite",
        "https://graph.microsoft.com/Contacts.Read",
        "https://graph.microsoft.com/Mail.Read",
        "https://graph.microsoft.com/Mail.Send",
        "https://graph.microsoft.com/User.Read",
        "offline_access",
        "openid",
        "profile",
    ]


def test_asked_scopes_names_the_sign_in_once():
    asked = asked_scopes({delegated("openid"), delegated("User.Read")}, CHINA)

    assert asked == ["https://microsoftgraph.chinacloudapi.cn/User.Read", "openid", "profile"]


@pytest.mark.parametrize(
    "wanted",
    [
        permissions_of("acme-suite"),
        permissions_of("acme-archive"),
        {application("full_access_as_app", EXCHANGE_ONLINE)},
    ],
)
def test_asked_scopes_with_an_application_permission_is_the_default_alone(wanted):
    assert asked_scopes(wanted, clouds.cloud("us_l5")) == [
        "https://dod-graph.microsoft.us/.default"
    ]


def test_parse_scopes_with_and_without_addresses():
    text = (
        "  openid Mail.Read https://outlook.office365.com/SMTP.Send api://"
        f"{OTHER_API}/access https://graph.microsoft.com//User.Read "
        "https://graph.microsoft.com/.default .default"
    )

    assert parse_scopes(text, GRAPH, SANDBOX) == {
        delegated("openid"),
        delegated("Mail.Read"),
        delegated("SMTP.Send", EXCHANGE_ONLINE),
        delegated("access", OTHER_API),
        delegated("User.Read"),
    }


def test_parse_scopes_without_an_address_belong_to_the_api_asked():
    assert parse_scopes("profile EWS.AccessAsUser.All", EXCHANGE_ONLINE, SANDBOX) == {
        delegated("profile"),
        delegated("EWS.AccessAsUser.All", EXCHANGE_ONLINE),
    }


MORE_THAN_ASKED = (
    "https://graph.microsoft.com/user.read MAIL.READ mail.send calendars.readwrite contacts.read "
    "openid offline_access More.Than.Asked"
)


@pytest.mark.parametrize(
    ("scope", "is_covered"),
    [
        ("User.Read Mail.Read Mail.Send Calendars.ReadWrite Contacts.Read", True),
        ("user.read mail.read https://graph.microsoft.com/mail.send openid More", False),
        (MORE_THAN_ASKED, True),
        ("User.Read Mail.ReadWrite Mail.Send Calendars.ReadWrite Contacts.Read", False),
        ("User.Read", False),
        ("", False),
    ],
)
def test_covers_every_permission_asked_and_no_superset_counts(scope, is_covered):
    assert covers(scope, permissions_of("acme-calendar"), SANDBOX) is is_covered


@pytest.mark.parametrize("scope", ["", "anything"])
def test_covers_whatever_came_back_where_the_default_was_asked(scope):
    assert covers(scope, permissions_of("acme-suite"), SANDBOX) is True


def test_by_resource_groups_without_the_sign_in_scopes():
    smtp = delegated("SMTP.Send", EXCHANGE_ONLINE)
    wanted = {delegated("Mail.Read"), delegated("offline_access"), application("Mail.Read"), smtp}

    assert by_resource(wanted) == {
        GRAPH: {delegated("Mail.Read"), application("Mail.Read")},
        EXCHANGE_ONLINE: {smtp},
    }


def test_plain_words_differ_by_kind_and_fall_back_soberly():
    told = [
        delegated("mail.read"),
        application("Mail.Read"),
        delegated("Acronym.Read.All"),
        application("Acronym.Read.All"),
    ]

    with translation.override("en"):
        assert [str(plain_words(one)) for one in told] == [
            "Read the person's own mail.",
            "Read the mail in every mailbox of the organisation.",
            "Act for the person who signs in, within what Microsoft calls by this name.",
            "Act by itself in the whole organisation, within what Microsoft calls by this name.",
        ]


def test_plain_words_stand_for_permissions_that_exist():
    told = [delegated(name) for name in permissions.DELEGATED_WORDS]
    told += [application(name) for name in permissions.APPLICATION_WORDS]

    unknown = [
        one
        for one in told
        if not permissions.is_known(one)
        and not permissions.is_known(Permission(EXCHANGE_ONLINE, one.kind, one.value))
    ]
    assert unknown == []
    assert len(told) > 100


ROLE = {name: template for template, name in permissions.ROLE_NAMES.items()}


@pytest.mark.parametrize(
    ("wanted", "role"),
    [
        (permissions_of("acme-calendar"), "cloud_application_administrator"),
        (permissions_of("acme-suite"), "privileged_role_administrator"),
        (
            {application("full_access_as_app", EXCHANGE_ONLINE)},
            "cloud_application_administrator",
        ),
    ],
)
def test_role_needed_is_higher_for_application_permissions_of_graph(wanted, role):
    assert role_needed(wanted) == role


@pytest.mark.parametrize(
    ("name", "delegated_only", "with_graph_roles"),
    [
        ("Global Administrator", True, True),
        ("Privileged Role Administrator", True, True),
        ("Application Administrator", True, False),
        ("Cloud Application Administrator", True, False),
        ("Application Developer", False, False),
        ("Global Reader", False, False),
        ("Directory Readers", False, False),
    ],
)
def test_may_consent_by_role(name, delegated_only, with_graph_roles):
    wids = frozenset({ROLE[name].upper(), "b79fbf4d-3ef9-4689-8143-76b194e85509"})

    assert may_consent(wids, permissions_of("acme-calendar")) is delegated_only
    assert may_consent(wids, permissions_of("acme-suite")) is with_graph_roles


def test_may_consent_without_a_role_is_false():
    assert may_consent(frozenset(), permissions_of("acme-calendar")) is False
